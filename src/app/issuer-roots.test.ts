import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { rootCertificates } from 'node:tls';
import { StartRefusal } from './faults.ts';
import { readIssuerRoots } from './issuer-roots.ts';

async function fileWith(t: TestContext, text: string): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'batten-roots-'));
  t.after(() => rm(folder, { recursive: true }));
  const path = join(folder, 'roots.pem');
  await writeFile(path, text);
  return path;
}

test('certificates are taken as the file has them, and none when no file is named', async (t) => {
  const text = `# two roots\n${rootCertificates.slice(0, 2).join('\n')}\n`;
  assert.equal(await readIssuerRoots(await fileWith(t, text)), text);
  assert.equal(await readIssuerRoots(undefined), undefined);
});

for (const [what, text] of [
  ['nothing', ''],
  ['something else', '-----BEGIN CERTIFICATE-----\nbm90IGE=\n-----END CERTIFICATE-----\n'],
] as const) {
  test(`a file with ${what} in it is refused when Batten starts`, async (t) => {
    await assert.rejects(readIssuerRoots(await fileWith(t, text)), StartRefusal);
  });
}

test('a file that is not there is refused when Batten starts', async (t) => {
  const path = `${await fileWith(t, '')}.none`;
  await assert.rejects(readIssuerRoots(path), /roots\.pem\.none cannot be used: /);
});
