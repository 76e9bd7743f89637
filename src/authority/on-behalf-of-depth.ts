/**
 * How many applications may ask on behalf of a user one after the other. Entra documents no number;
 * a chain this long is a loop.
 */
export const onBehalfOfDepthMax = 8;

/** The letter of each depth, beginning with a token that a user's own sign-in gave. */
const marks = 'ZABCDEFGH';

/**
 * The letter that stands for a depth in `aio`: a claim that only the issuer reads, within a token
 * that only the issuer signs, so no client changes it and none learns from it. Throws beyond the
 * deepest.
 */
export function depthMarkOf(depth: number): string {
  const mark = marks[depth];
  if (mark === undefined) throw new Error(`no token is issued at depth ${depth}`);
  return mark;
}

/** The depth of a verified token by its `aio`; one without it came from a user's own sign-in. */
export function depthOfClaim(aio: unknown): number {
  return typeof aio === 'string' ? Math.max(marks.indexOf(aio.charAt(2)), 0) : 0;
}
