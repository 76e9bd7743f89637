import * as arm from '#arm/faults.ts';
import * as authorityClient from '#authority/client.faults.ts';
import * as authority from '#authority/faults.ts';
import * as batchAccount from '#batch/account.faults.ts';
import * as batch from '#batch/faults.ts';
import * as graph from '#graph/faults.ts';
import { type Fault, isFault } from '#kernel/fault.ts';
import * as rbac from '#rbac/faults.ts';

/** The rooms' lists of refusals, by path below src. */
export const faultLists: Readonly<Record<string, object>> = {
  'authority/faults.ts': authority,
  'authority/client.faults.ts': authorityClient,
  'graph/faults.ts': graph,
  'arm/faults.ts': arm,
  'rbac/faults.ts': rbac,
  'batch/account.faults.ts': batchAccount,
  'batch/faults.ts': batch,
};

/** A refusal as its constructor makes it, with `…` where it repeats something of the request. */
export interface ListedFault {
  /** File below src that holds the constructor. */
  readonly file: string;
  readonly name: string;
  readonly fault: Fault;
}

/** Every refusal that some client may be told. Throws when a constructor cannot be called, so that none is left out in silence. */
export function everyFault(): readonly ListedFault[] {
  return Object.entries(faultLists).flatMap(([file, list]) =>
    constructorsIn(list).flatMap(([name, make]) => {
      const fault: unknown = make(...Array.from({ length: argumentsMax }, () => blank));
      // A text, or a maker of many refusals that takes even the status: not a refusal of its own.
      if (!isFault(fault) || typeof fault.status !== 'number') return [];
      // A text that is looked up by an argument is not found for a blank one.
      const message = `${fault.message}`.replaceAll('undefined', '…');
      return [{ file, name, fault: { ...fault, message } }];
    }),
  );
}

type Constructor = (...words: readonly unknown[]) => unknown;

/** The functions that a module exports, and those of the objects that it exports. */
function constructorsIn(list: object): readonly (readonly [name: string, make: Constructor])[] {
  return Object.entries(list).flatMap(([name, value]: readonly [string, unknown]) => {
    if (typeof value === 'function') return [[name, value as Constructor] as const];
    return typeof value === 'object' && value !== null ? constructorsIn(value) : [];
  });
}

/** More than any constructor takes. */
const argumentsMax = 8;

/** Stands for any argument: `…` as text, 0 as a number, itself as whatever is read of it or called on it. */
const blank: unknown = new Proxy(() => blank, {
  get: (_target, key) =>
    key === Symbol.toPrimitive ? (hint: string) => (hint === 'number' ? 0 : '…') : blank,
  apply: () => blank,
});
