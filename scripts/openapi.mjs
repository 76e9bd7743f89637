// Writes one OpenAPI 3.1 document for each surface into the folder that is named: npm run openapi -- FOLDER
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { surfaceTitles } from '#app/reference.ts';
import { declaredSurfaces } from '#app/reference-surfaces.ts';
import { openApiOf } from '#http/openapi.ts';

const [folder] = process.argv.slice(2);
if (folder === undefined) {
  console.error('Name a folder: npm run openapi -- FOLDER');
  process.exit(2);
}
const { version } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8'));
mkdirSync(folder, { recursive: true });
for (const { name, operations } of await declaredSurfaces()) {
  const document = openApiOf({ title: surfaceTitles[name] ?? name, version, operations });
  writeFileSync(join(folder, `${name}.json`), `${JSON.stringify(document, null, 2)}\n`);
}
