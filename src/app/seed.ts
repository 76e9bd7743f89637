import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import type { TSchema } from 'typebox';
import { sameName } from '#kernel/ids.ts';
import { badSeed } from './faults.ts';
import type { Seed } from './seed-schema.ts';

/** A seed file as it was found; its content is looked at only when it is applied. */
export interface SeedFile {
  readonly path: string;
  readonly text: string;
  /** SHA-256 of the text in hexadecimal: the same file is known again. */
  readonly digest: string;
}

/** Largest seed file in bytes. */
const seedBytesMax = 16 * 1024 * 1024;

/** The seeds' story, which is used when no other file is named. */
export const defaultSeedPath = fileURLToPath(new URL('../../seed/article.yaml', import.meta.url));

/** Reads a seed file. Throws a `StartRefusal` when it cannot be read. */
export async function readSeedFile(path: string): Promise<SeedFile> {
  try {
    const text = await readFile(path, 'utf8');
    if (Buffer.byteLength(text) > seedBytesMax) throw badSeed(path, 'it is larger than 16 MiB');
    return { path, text, digest: createHash('sha256').update(text).digest('hex') };
  } catch (error) {
    const { code } = error as { code?: unknown };
    if (code === undefined) throw error;
    throw badSeed(path, code === 'ENOENT' ? 'it does not exist' : String(code));
  }
}

/** Parses a seed file, YAML or JSON, and checks it against the schema. Throws a `StartRefusal` that names the first finding. */
export async function parseSeed(file: SeedFile): Promise<Seed> {
  // Loaded here: only a first start reads a seed.
  const { seedSchema } = await import('./seed-schema.ts');
  const value = await parseYaml(file);
  await checkAgainst(seedSchema, value, file.path);
  return value as Seed;
}

/** Reads a text as YAML, which JSON is too. Throws a `StartRefusal`. */
export async function parseYaml({ path, text }: Pick<SeedFile, 'path' | 'text'>): Promise<unknown> {
  const { parseDocument } = await import('yaml');
  const document = parseDocument(text, { uniqueKeys: true });
  const [problem] = document.errors;
  if (problem !== undefined) {
    const [line = ''] = problem.message.split('\n');
    throw badSeed(path, line.replace(/:$/, ''));
  }
  // Aliases are bounded by the library, so that a small file cannot grow into a large one.
  return document.toJS({ maxAliasCount: 100 });
}

/** Throws a `StartRefusal` with the first thing in a value that its schema does not allow. */
export async function checkAgainst(schema: TSchema, value: unknown, path: string): Promise<void> {
  const { issuesOf } = await import('#http/validate.ts');
  const [issue] = issuesOf(schema, value);
  if (issue === undefined) return;
  const where = issue.path === '' ? 'the file' : issue.path;
  const what = issue.kind === 'unknown' ? 'is not a known property' : issue.reason;
  throw badSeed(path, `${where}: ${issue.kind === 'missing' ? 'it is missing' : what}`);
}

/**
 * The same seed without the identity that `up` would make ready by itself. Users and applications whose password or secret is written
 * in the file stay: somebody asked for them.
 */
export function withoutReadyIdentity(seed: Seed): Seed {
  const { ready, ...rest } = seed;
  const [first, ...others] = seed.tenants;
  if (ready === undefined || first === undefined) return seed;
  const leaves = new Set<string>();
  for (const user of first.users ?? []) {
    if (isReadyUser(seed, user.userPrincipalName) && user.password === undefined) {
      leaves.add(user.userPrincipalName);
    }
  }
  for (const { displayName, secrets } of first.applications ?? []) {
    if (displayName === ready.application && secrets === undefined) leaves.add(displayName);
  }
  const tenant = {
    ...first,
    users: (first.users ?? []).filter((user) => !leaves.has(user.userPrincipalName)),
    applications: (first.applications ?? []).filter((one) => !leaves.has(one.displayName)),
    groups: (first.groups ?? []).map((group) => ({
      ...group,
      members: (group.members ?? []).filter((member) => !leaves.has(member)),
    })),
  };
  return {
    ...rest,
    tenants: [tenant, ...others],
    roleAssignments: (seed.roleAssignments ?? []).filter((one) => !leaves.has(one.principal)),
  };
}

/** True for the user that `up` shows. */
export function isReadyUser(seed: Seed, userPrincipalName: string): boolean {
  return seed.ready?.user !== undefined && sameName(seed.ready.user, userPrincipalName);
}
