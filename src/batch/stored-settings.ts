import type { Seal } from '#kernel/seal.ts';

/**
 * What a client wrote, as a row keeps it: a run of JSON properties (`"a":1,"b":2`), sealed when it
 * may hold a secret, which environments and the addresses of resource files do.
 */
export type StoredSettings = string;

const secretHolders = ['"environmentSettings"', '"commonEnvironmentSettings"', '"resourceFiles"'];

/** An object's properties without its braces: the run that rows keep. */
export function runOf(object: object): string {
  return JSON.stringify(object).slice(1, -1);
}

/** Makes the stored form. `context` names the row. */
export function storeSettings(seal: Seal, run: string, context: string): StoredSettings {
  return secretHolders.some((name) => run.includes(name)) ? seal.close(run, context) : run;
}

/** Reads the stored form. A run begins with the quote of its first name; nothing sealed does. */
export function readSettings(seal: Seal, stored: StoredSettings, context: string): string {
  return stored.startsWith('"') ? stored : seal.open(stored, context);
}
