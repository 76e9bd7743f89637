import type { Application } from '#directory/application.ts';
import type { PrincipalType } from '#directory/caller.ts';
import { assignDirectoryRole } from '#directory/directory-role.store.ts';
import { allDirectoryRoles } from '#directory/directory-role.ts';
import { fold } from '#kernel/ids.ts';
import type { WriteTransaction } from '#store/store.ts';
import { badSeed, type StartRefusal } from './faults.ts';
import type { SeedWork } from './seed-apply.ts';

/** What a name of a seed file stands for. */
export interface SeededPrincipal {
  readonly objectId: string;
  readonly principalType: PrincipalType;
}

/** A tenant of a seed after it was stored. */
export interface SeededTenant {
  readonly tenantId: string;
  /** Its default domain. */
  readonly domain: string;
  readonly principals: ReadonlyMap<string, SeededPrincipal>;
  readonly applications: ReadonlyMap<string, Application>;
}

/** A tenant of a seed while it is stored: what is there already can be named by what follows. */
export interface TenantWork extends SeedWork {
  readonly tenantId: string;
  /** Users, groups and service principals by folded name. */
  readonly principals: Map<string, SeededPrincipal>;
  /** Applications by display name. */
  readonly applications: Map<string, Application>;
}

const directoryRoleNames: Readonly<Record<string, string>> = Object.fromEntries(
  allDirectoryRoles.map(({ displayName, templateId }) => [fold(displayName), templateId]),
);

/** Makes a principal known by its name. Throws a `StartRefusal` when the name is taken. */
export function addPrincipal(
  work: TenantWork,
  name: string,
  objectId: string,
  principalType: PrincipalType,
): void {
  if (work.principals.has(fold(name))) throw twice(work, name);
  work.principals.set(fold(name), { objectId, principalType });
}

/** Gives directory roles by their names. Throws a `StartRefusal` where there is no such role. */
export async function addDirectoryRoles(
  tx: WriteTransaction,
  work: TenantWork,
  objectId: string,
  names: readonly string[] | undefined,
): Promise<void> {
  for (const name of names ?? []) {
    const template = directoryRoleNames[fold(name)];
    if (template === undefined) {
      throw badSeed(work.file.path, `there is no directory role ${name}`);
    }
    await assignDirectoryRole(tx, work.tenantId, objectId, template);
  }
}

/** The refusal of a name that is there already. */
export function twice(work: SeedWork, name: string): StartRefusal {
  return badSeed(work.file.path, `${name} is there twice`);
}
