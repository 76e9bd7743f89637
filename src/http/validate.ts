import { createRequire } from 'node:module';
import type { TSchema } from 'typebox';
import type { Issue } from './dialect.ts';

/** Most findings that one refusal lists. */
const issuesMax = 10;

type Check = (value: unknown) => readonly Issue[];

const compiled = new WeakMap<TSchema, Check>();

/** Checks a value against a schema, compiled on first use. An empty list means that it fits. */
export function issuesOf(schema: TSchema, value: unknown): readonly Issue[] {
  let check = compiled.get(schema);
  if (check === undefined) {
    check = compile(schema);
    compiled.set(schema, check);
  }
  return check(value);
}

const require = createRequire(import.meta.url);

/** The compiler is loaded with the first schema: it is a third of what a start would otherwise wait for. */
function compile(schema: TSchema): Check {
  const { Compile } = require('typebox/compile') as typeof import('typebox/compile');
  const validator = Compile(schema);
  return (value) => {
    if (validator.Check(value)) return [];
    const errors = validator.Errors(value) as unknown as readonly SchemaError[];
    const issues = errors.flatMap((error) => issuesOfError(error, value));
    const seen = new Set<string>();
    const first = issues.filter((issue) => !seen.has(issue.path) && seen.add(issue.path));
    return first.slice(0, issuesMax);
  };
}

/** What typebox reports, in the words of JSON Schema. */
interface SchemaError {
  readonly keyword: string;
  readonly instancePath: string;
  readonly params: Readonly<Record<string, unknown>>;
  readonly message: string;
}

function issuesOfError(error: SchemaError, value: unknown): readonly Issue[] {
  // A forbidden property is reported twice; `additionalProperties` names it.
  if (error.keyword === 'boolean') return [];
  const path = error.instancePath.slice(1).replaceAll('/', '.');
  const below = (name: string): string => (path === '' ? name : `${path}.${name}`);
  if (error.keyword === 'required') {
    const names = error.params['requiredProperties'] as readonly string[];
    return names.map((name) => ({ kind: 'missing', path: below(name), reason: 'required' }));
  }
  if (error.keyword === 'additionalProperties') {
    const names = error.params['additionalProperties'] as readonly string[];
    return names.map((name) => ({ kind: 'unknown', path: below(name), reason: 'unknown' }));
  }
  const found = valueAt(value, error.instancePath);
  const kind = error.keyword === 'type' ? 'type' : 'value';
  const shown = textOf(found);
  return [{ kind, path, reason: error.message, ...(shown === undefined ? {} : { value: shown }) }];
}

function valueAt(value: unknown, pointer: string): unknown {
  let at = value;
  for (const part of pointer.split('/').slice(1)) {
    if (typeof at !== 'object' || at === null) return undefined;
    at = (at as Record<string, unknown>)[part.replaceAll('~1', '/').replaceAll('~0', '~')];
  }
  return at;
}

function textOf(value: unknown): string | undefined {
  return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean'
    ? String(value)
    : undefined;
}
