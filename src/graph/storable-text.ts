import type { Caller } from '#directory/caller.ts';
import type { Operation } from '#http/operation.ts';
import { invalidText } from './refusals.ts';
import type { GraphRoom } from './room.ts';

/**
 * An operation that refuses a body with text which no store keeps as it was sent, before anything is done: with a NUL, or with half of a
 * surrogate pair, in a value or in a name.
 */
export function withStorableText(
  operation: Operation<Caller, GraphRoom>,
): Operation<Caller, GraphRoom> {
  const { handler, body } = operation;
  if (handler === undefined || body === undefined) return operation;
  return Object.freeze({
    ...operation,
    handler: async (call: Parameters<typeof handler>[0], room: GraphRoom) => {
      const path = unstorablePath(call.body);
      return path === undefined ? handler(call, room) : invalidText(call.request, path);
    },
  });
}

/** Where in a JSON value, with dots, text stands that no store keeps; the value itself is at the empty path. */
function unstorablePath(value: unknown): string | undefined {
  if (typeof value === 'string') return isStorable(value) ? undefined : '';
  if (typeof value !== 'object' || value === null) return undefined;
  for (const [name, inner] of Object.entries(value)) {
    if (!isStorable(name)) return '';
    const below = unstorablePath(inner);
    if (below !== undefined) return below === '' ? name : `${name}.${below}`;
  }
  return undefined;
}

function isStorable(text: string): boolean {
  return text.isWellFormed() && !text.includes('\u0000');
}
