/** The halves of a token that everyone can read. */
export interface TokenParts {
  readonly header: Readonly<Record<string, unknown>>;
  readonly claims: Readonly<Record<string, unknown>>;
}

/** Takes a token apart. */
export function partsOf(token: string): TokenParts {
  const [header = '', claims = ''] = token.split('.');
  const read = (part: string) =>
    JSON.parse(Buffer.from(part, 'base64url').toString()) as Record<string, unknown>;
  return { header: read(header), claims: read(claims) };
}

/** Text or an object as one part of a token. */
export function encoded(value: string | object): string {
  const text = typeof value === 'string' ? value : JSON.stringify(value);
  return Buffer.from(text).toString('base64url');
}

/** A token over these parts that `signature` signs. */
export function forged(
  header: string | object,
  claims: string | object,
  signature: (input: string) => Uint8Array,
): string {
  const input = `${encoded(header)}.${encoded(claims)}`;
  return `${input}.${Buffer.from(signature(input)).toString('base64url')}`;
}
