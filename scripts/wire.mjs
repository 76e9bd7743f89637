// Writes src/client/wire.gen.ts from src/client/wire.json; with --check it only says whether the file is fresh.
import { readFileSync, writeFileSync } from 'node:fs';

const source = new URL('../src/client/wire.json', import.meta.url);
const target = new URL('../src/client/wire.gen.ts', import.meta.url);

const lineWidth = 100;

const text = generate(JSON.parse(readFileSync(source, 'utf8')));
if (!process.argv.includes('--check')) {
  writeFileSync(target, text);
} else if (readFileSync(target, 'utf8') !== text) {
  console.error('src/client/wire.gen.ts is stale: run node scripts/wire.mjs');
  process.exitCode = 1;
}

/** The whole TypeScript file: one open union per enum, one interface per shape. */
function generate({ apiVersion, enums, shapes }) {
  const parts = [
    '// Made by scripts/wire.mjs from wire.json; do not edit.',
    `/** The api-version whose shapes these are. */\nexport const wireApiVersion = '${apiVersion}';`,
    '/** A known word, or one that a newer service may send. */\nexport type Open<Known extends string> = Known | (string & Record<never, never>);',
    ...Object.entries(enums).map(([name, values]) => unionOf(name, values)),
    ...Object.entries(shapes).map(([name, properties]) => interfaceOf(name, properties)),
  ];
  return `${parts.join('\n\n')}\n`;
}

function unionOf(name, values) {
  const words = values.map((value) => `'${value}'`);
  const line = `export type ${name} = Open<${words.join(' | ')}>;`;
  if (line.length <= lineWidth) return line;
  return `export type ${name} = Open<${words.map((word) => `\n  | ${word}`).join('')}\n>;`;
}

function interfaceOf(name, properties) {
  const lines = Object.entries(properties).map(([key, type]) => {
    const optional = key.endsWith('?');
    const property = optional ? key.slice(0, -1) : key;
    const quoted = /^[A-Za-z]\w*$/.test(property) ? property : `'${property}'`;
    const readonlyType = type.endsWith('[]') ? `readonly ${type}` : type;
    return `  readonly ${quoted}${optional ? '?' : ''}: ${readonlyType};`;
  });
  return `export interface ${name} {\n${lines.join('\n')}\n}`;
}
