import { addAppRoleAssignment } from '#directory/app-role-assignment.store.ts';
import { addApplication, isNameConflict } from '#directory/application.store.ts';
import type { Application, RequiredResourceAccess } from '#directory/application.ts';
import type { PrincipalType } from '#directory/caller.ts';
import { addPassword } from '#directory/credential.store.ts';
import { assignDirectoryRole, directoryRoleTemplates } from '#directory/directory-role.store.ts';
import { addFirstPartyPrincipals } from '#directory/first-party.ts';
import { addGroup, addMember } from '#directory/group.store.ts';
import { addPermissionGrant } from '#directory/permission-grant.store.ts';
import {
  addServicePrincipal,
  listServicePrincipals,
  type ServicePrincipal,
  servicePrincipalOf,
} from '#directory/service-principal.store.ts';
import { addTenant } from '#directory/tenant.store.ts';
import { addUser } from '#directory/user.store.ts';
import { fold, sameName } from '#kernel/ids.ts';
import { addSeconds } from '#kernel/instant.ts';
import { guidOfText } from '#kernel/random.ts';
import type { WriteTransaction } from '#store/store.ts';
import { badSeed } from './faults.ts';
import { resourceNames } from './resource-names.ts';
import type { SeedWork } from './seed-apply.ts';
import type { SeedApplication, SeedTenant } from './seed-schema.ts';

/** A tenant of a seed after it was stored. */
export interface SeededTenant {
  readonly tenantId: string;
  /** Its default domain. */
  readonly domain: string;
  /** Users, groups and service principals by folded name. */
  readonly principals: ReadonlyMap<
    string,
    { readonly objectId: string; readonly principalType: PrincipalType }
  >;
  /** Applications by display name. */
  readonly applications: ReadonlyMap<string, Application>;
}

interface TenantWork extends SeedWork {
  readonly tenantId: string;
  readonly principals: Map<
    string,
    { readonly objectId: string; readonly principalType: PrincipalType }
  >;
  readonly applications: Map<string, Application>;
}

const secondsPerDay = 24 * 3600;
/** Life of a secret for which the file names none, in days: the portal's own default. */
const secretDays = 180;
/** Life of the ready application's random secret, in days: a data folder should not stop working by itself. */
const readySecretDays = 3650;

const directoryRoleNames: Readonly<Record<string, string>> = {
  'global administrator': directoryRoleTemplates.globalAdministrator,
  'application administrator': directoryRoleTemplates.applicationAdministrator,
  'cloud application administrator': directoryRoleTemplates.cloudApplicationAdministrator,
  'directory readers': directoryRoleTemplates.directoryReaders,
};

/** The id of a tenant of a seed: as written, else derived from its first domain. */
export function tenantIdOf(tenant: SeedTenant): string {
  return fold(tenant.id ?? guidOfText('tenant', fold(tenant.domains[0] ?? '')));
}

/** Stores a tenant with all that is in it. Throws a `StartRefusal` where a name means nothing. */
export async function addSeedTenant(
  tx: WriteTransaction,
  work: SeedWork,
  tenant: SeedTenant,
): Promise<SeededTenant> {
  const tenantId = tenantIdOf(tenant);
  const { displayName, domains } = tenant;
  const principals = new Map();
  const inTenant: TenantWork = { ...work, tenantId, principals, applications: new Map() };
  await addTenant(tx, { tenantId, displayName, domains, createdAt: work.at });
  await addFirstPartyPrincipals(tx, tenantId, resourceNames, work.random, work.at);
  await addUsers(tx, inTenant, tenant);
  for (const application of tenant.applications ?? []) {
    await addSeedApplication(tx, inTenant, application);
  }
  await addGroups(tx, inTenant, tenant);
  const { applications } = inTenant;
  return { tenantId, domain: domains[0] ?? tenantId, principals, applications };
}

async function addUsers(tx: WriteTransaction, work: TenantWork, tenant: SeedTenant): Promise<void> {
  for (const { userPrincipalName, displayName, id, directoryRoles } of tenant.users ?? []) {
    const { tenantId, at } = work;
    const name = fold(userPrincipalName);
    const objectId = fold(id ?? guidOfText('user', tenantId, name));
    const user = {
      tenantId,
      objectId,
      userPrincipalName,
      displayName,
      accountEnabled: true,
      createdAt: at,
    };
    const added = await addUser(tx, user, work.passwordHashes.get(name));
    if (isNameConflict(added)) throw twice(work, userPrincipalName);
    addPrincipal(work, userPrincipalName, objectId, 'User');
    await addDirectoryRoles(tx, work, objectId, directoryRoles);
  }
}

/** All groups first, then their members, since a group may hold one that is written later. */
async function addGroups(
  tx: WriteTransaction,
  work: TenantWork,
  tenant: SeedTenant,
): Promise<void> {
  const groups = (tenant.groups ?? []).map((group) => ({
    ...group,
    objectId: fold(group.id ?? guidOfText('group', work.tenantId, fold(group.displayName))),
  }));
  for (const { displayName, description, objectId } of groups) {
    await addGroup(tx, {
      tenantId: work.tenantId,
      objectId,
      displayName,
      ...(description === undefined ? {} : { description }),
      mailNickname: fold(displayName).replace(/[^a-z0-9]+/g, '-'),
      createdAt: work.at,
    });
    addPrincipal(work, displayName, objectId, 'Group');
  }
  for (const { displayName, objectId, members } of groups) {
    for (const member of members ?? []) {
      const principal = work.principals.get(fold(member));
      if (principal === undefined) {
        throw badSeed(work.file.path, `group ${displayName}: there is no member ${member}`);
      }
      await addMember(tx, work.tenantId, objectId, principal.objectId);
    }
  }
}

async function addSeedApplication(
  tx: WriteTransaction,
  work: TenantWork,
  declared: SeedApplication,
): Promise<void> {
  const { tenantId, at } = work;
  const { displayName } = declared;
  const asked = await askedPermissions(tx, work, declared);
  const application = await addApplication(tx, {
    tenantId,
    objectId: declared.id ?? guidOfText('application', tenantId, displayName),
    appId: declared.appId ?? guidOfText('appId', tenantId, displayName),
    displayName,
    createdAt: at,
    ...(declared.signInAudience === undefined ? {} : { signInAudience: declared.signInAudience }),
    ...(declared.publicClient === undefined
      ? {}
      : { isFallbackPublicClient: declared.publicClient }),
    identifierUris: declared.identifierUris ?? [],
    [declared.publicClient === true ? 'publicClientRedirectUris' : 'webRedirectUris']:
      declared.redirectUris ?? [],
    requiredResourceAccess: asked.map((one) => one.access),
  });
  if (isNameConflict(application)) throw twice(work, application.value);
  work.applications.set(displayName, application);
  await addSecrets(tx, work, declared, application);
  if (declared.servicePrincipal === false) return;
  const objectId = fold(
    declared.servicePrincipalId ?? guidOfText('servicePrincipal', tenantId, displayName),
  );
  await addServicePrincipal(
    tx,
    servicePrincipalOf(application, { tenantId, objectId, createdAt: at }),
  );
  addPrincipal(work, displayName, objectId, 'ServicePrincipal');
  await addDirectoryRoles(tx, work, objectId, declared.directoryRoles);
  for (const one of asked) {
    if (one.hasConsent) await consent(tx, work, objectId, one);
  }
}

async function addSecrets(
  tx: WriteTransaction,
  work: TenantWork,
  declared: SeedApplication,
  application: Application,
): Promise<void> {
  const isReady = work.seed.ready?.application === declared.displayName;
  const random = { displayName: 'ready', value: work.secretText, endsInDays: readySecretDays };
  const secrets = declared.secrets ?? (isReady ? [random] : []);
  for (const [index, { displayName, value, endsInDays }] of secrets.entries()) {
    await addPassword(
      tx,
      {
        tenantId: work.tenantId,
        appObjectId: application.objectId,
        keyId: guidOfText('secret', application.objectId, String(index)),
        displayName: displayName ?? 'seed',
        startAt: work.at,
        endAt: addSeconds(work.at, (endsInDays ?? secretDays) * secondsPerDay),
      },
      value,
    );
  }
}

/** What an application asks of one resource. */
interface AskedPermissions {
  readonly resource: ServicePrincipal;
  readonly access: RequiredResourceAccess;
  readonly delegated: readonly string[];
  readonly hasConsent: boolean;
}

async function askedPermissions(
  tx: WriteTransaction,
  work: TenantWork,
  declared: SeedApplication,
): Promise<readonly AskedPermissions[]> {
  const asked: AskedPermissions[] = [];
  const known = await listServicePrincipals(tx, work.tenantId);
  for (const one of declared.permissions ?? []) {
    const nothing = (name: string) =>
      badSeed(
        work.file.path,
        `application ${declared.displayName}: there is no permission ${name}`,
      );
    const resource = known.find(
      ({ displayName, appId }) =>
        sameName(displayName, one.resource) || sameName(appId, one.resource),
    );
    if (resource === undefined) throw nothing(one.resource);
    const { delegated = [], application = [] } = one;
    const scopes = delegated.map((value) => {
      const found = resource.oauth2PermissionScopes.find((scope) => sameName(scope.value, value));
      if (found === undefined) throw nothing(`${one.resource} ${value}`);
      return { id: found.id, type: 'Scope' as const };
    });
    const roles = application.map((value) => {
      const found = resource.appRoles.find((role) => sameName(role.value ?? '', value));
      if (found === undefined) throw nothing(`${one.resource} ${value}`);
      return { id: found.id, type: 'Role' as const };
    });
    const access = { resourceAppId: resource.appId, resourceAccess: [...scopes, ...roles] };
    asked.push({ resource, access, delegated, hasConsent: one.consent === true });
  }
  return asked;
}

/** An administrator's consent for everybody. */
async function consent(
  tx: WriteTransaction,
  work: TenantWork,
  clientId: string,
  asked: AskedPermissions,
): Promise<void> {
  const { tenantId } = work;
  const resourceId = asked.resource.objectId;
  if (asked.delegated.length > 0) {
    await addPermissionGrant(tx, {
      tenantId,
      grantId: Buffer.from(`${clientId}${resourceId}`).toString('base64url'),
      clientId,
      resourceId,
      oauthScopes: asked.delegated,
    });
  }
  for (const { id, type } of asked.access.resourceAccess) {
    if (type === 'Scope') continue;
    await addAppRoleAssignment(tx, {
      tenantId,
      assignmentId: guidOfText('app-role-assignment', clientId, resourceId, id),
      principalId: clientId,
      resourceId,
      appRoleId: id,
      createdAt: work.at,
    });
  }
}

async function addDirectoryRoles(
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

function addPrincipal(
  work: TenantWork,
  name: string,
  objectId: string,
  principalType: PrincipalType,
): void {
  if (work.principals.has(fold(name))) throw twice(work, name);
  work.principals.set(fold(name), { objectId, principalType });
}

function twice(work: SeedWork, name: string) {
  return badSeed(work.file.path, `${name} is there twice`);
}
