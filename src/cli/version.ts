import { readFile } from 'node:fs/promises';

/** Prints the version of the package. */
export async function version(): Promise<void> {
  const text = await readFile(new URL('../../package.json', import.meta.url), 'utf8');
  const manifest = JSON.parse(text) as { readonly version: string };
  process.stdout.write(`${manifest.version}\n`);
}
