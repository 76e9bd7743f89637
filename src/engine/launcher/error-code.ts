/** The code of an error of the operating system, such as `ENOENT`; `unknown` for any other. */
export function systemCodeOf(error: unknown): string {
  const { code } = error as { code?: unknown };
  return typeof code === 'string' ? code : 'unknown';
}
