import type { Migration } from './store.ts';

/** The database was written by a newer Batten; it is left untouched. */
export class NewerSchemaError extends Error {
  constructor(room: string, number: number) {
    super(
      `the data was written by a newer Batten (schema ${room} ${number} is unknown here); start that version, or another data folder`,
    );
  }
}

/**
 * The steps still to run, in the order given. Throws `NewerSchemaError` when the database holds a step that this program
 * does not know, and an error when a room's numbers have a gap.
 */
export function migrationPlan(
  applied: readonly { readonly room: string; readonly number: number }[],
  migrations: readonly Migration[],
): readonly Migration[] {
  const known = new Set(migrations.map(keyOf));
  if (known.size !== migrations.length) throw new Error('two migrations share a room and a number');
  for (const { room, number } of applied) {
    if (!known.has(keyOf({ room, number }))) throw new NewerSchemaError(room, number);
  }
  const expected = new Map<string, number>();
  for (const { room, number } of migrations) {
    const next = (expected.get(room) ?? 0) + 1;
    if (number !== next) throw new Error(`migration ${room} ${number} should be number ${next}`);
    expected.set(room, next);
  }
  const done = new Set(applied.map(keyOf));
  return migrations.filter((migration) => !done.has(keyOf(migration)));
}

function keyOf(step: { readonly room: string; readonly number: number }): string {
  return `${step.room} ${step.number}`;
}
