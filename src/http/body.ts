import type { Readable } from 'node:stream';
import type { QueryParameter } from './target.ts';
import { parseQuery } from './target.ts';

/** Largest request body unless a surface says otherwise: 1 MiB, Azure Batch's own limit (recorded MaxLimit 1048576). */
export const bodyBytesMax = 1_048_576;

/** Deepest nesting of a JSON body that is read; deeper values break `JSON.stringify`. */
export const jsonDepthMax = 64;

export type BodyOutcome =
  | { readonly kind: 'read'; readonly bytes: Buffer }
  | { readonly kind: 'tooLarge' }
  | { readonly kind: 'aborted' };

/** Collects a body up to a limit. Of a body over the limit the rest stays in the stream, which is left whole for `drain`. */
export function readBody(stream: Readable, bytesMax: number): Promise<BodyOutcome> {
  if (stream.destroyed && !stream.readableEnded) return Promise.resolve({ kind: 'aborted' });
  return new Promise((resolve) => {
    const chunks: Buffer[] = [];
    let size = 0;
    const end = (outcome: BodyOutcome): void => {
      stream.off('data', take);
      stream.off('end', whole);
      stream.off('close', cut);
      resolve(outcome);
    };
    const take = (chunk: Buffer): void => {
      size += chunk.length;
      chunks.push(chunk);
      if (size <= bytesMax) return;
      stream.pause();
      end({ kind: 'tooLarge' });
    };
    const whole = (): void => end({ kind: 'read', bytes: bytesOf(chunks) });
    const cut = (): void => end({ kind: 'aborted' });
    stream.on('data', take);
    stream.once('end', whole);
    stream.once('close', cut);
    // What broke is told by `close`; without a listener it would end the process.
    stream.once('error', () => {});
  });
}

/** Most bodies come in one piece. */
function bytesOf(chunks: readonly Buffer[]): Buffer {
  const [only] = chunks;
  return only !== undefined && chunks.length === 1 ? only : Buffer.concat(chunks);
}

/** Most bytes, and longest time in milliseconds, that are spent on a body that nobody wants. */
const unwantedBytesMax = 16 * 1024 * 1024;
const unwantedMillisecondsMax = 5_000;

/**
 * Throws away what is left of a body: a connection that is closed while its client still sends is reset, and the client never reads
 * the reply. False when the body did not end within the limits.
 */
export function drain(stream: Readable): Promise<boolean> {
  if (stream.readableEnded) return Promise.resolve(true);
  if (stream.destroyed) return Promise.resolve(false);
  return new Promise((resolve) => {
    let size = 0;
    const end = (isWhole: boolean): void => {
      clearTimeout(limit);
      stream.pause();
      resolve(isWhole);
    };
    const limit = setTimeout(end, unwantedMillisecondsMax, false);
    stream.on('data', (chunk: Buffer) => {
      size += chunk.length;
      if (size > unwantedBytesMax) end(false);
    });
    stream.once('end', () => end(true));
    stream.once('close', () => end(false));
    stream.once('error', () => end(false));
    stream.resume();
  });
}

export type ParsedBody =
  | { readonly kind: 'value'; readonly value: unknown }
  | { readonly kind: 'malformed'; readonly reason: string };

/** Parses JSON in UTF-8 (a byte order mark is skipped). An empty body is the value undefined. */
export function parseJson(bytes: Buffer): ParsedBody {
  let text: string;
  try {
    text = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    return { kind: 'malformed', reason: 'The request body is not valid UTF-8.' };
  }
  if (text.trim() === '') return { kind: 'value', value: undefined };
  if (depthOf(text) > jsonDepthMax) {
    return { kind: 'malformed', reason: `The request body nests deeper than ${jsonDepthMax}.` };
  }
  try {
    const value: unknown = prototypePattern.test(text)
      ? JSON.parse(text, dropPrototype)
      : JSON.parse(text);
    return { kind: 'value', value };
  } catch {
    return { kind: 'malformed', reason: 'The request body is not valid JSON.' };
  }
}

/** Parses `application/x-www-form-urlencoded`. */
export function parseForm(bytes: Buffer): readonly QueryParameter[] | undefined {
  return parseQuery(bytes.toString('utf8'));
}

/** Upper bound of the nesting of JSON text, in one pass and without recursion. */
function depthOf(text: string): number {
  let depth = 0;
  let deepest = 0;
  let inString = false;
  for (let index = 0; index < text.length; index++) {
    const code = text.charCodeAt(index);
    if (inString) {
      if (code === 0x5c) index++;
      else if (code === 0x22) inString = false;
    } else if (code === 0x22) {
      inString = true;
    } else if (code === 0x7b || code === 0x5b) {
      depth++;
      if (depth > deepest) deepest = depth;
    } else if (code === 0x7d || code === 0x5d) {
      depth--;
    }
  }
  return deepest;
}

/** `__proto__` as it is, or a letter of it as an escape. */
const prototypePattern = /__proto__|\\u00(?:5f|6f|7[024])/i;

function dropPrototype(this: unknown, name: string, value: unknown): unknown {
  return name === '__proto__' ? undefined : value;
}
