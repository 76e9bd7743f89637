import { test } from 'node:test';
import attacks from '../vectors/attacks.json' with { type: 'json' };

/** One attack of the list: what is tried, and what a person who is attacked expects. */
export interface Attack {
  readonly id: string;
  readonly group: string;
  readonly what: string;
  readonly expected: string;
}

/** Every attack that must have exactly one test in this folder. */
export const allAttacks: readonly Attack[] = attacks;

/** The test of one attack, named by its id and what it tries. Throws for an id that is not listed. */
export function attack(id: string, run: () => Promise<void>): void {
  const found = allAttacks.find((one) => one.id === id);
  if (found === undefined) throw new Error(`${id} is not in the list of attacks`);
  test(`${id}: ${found.what}`, run);
}
