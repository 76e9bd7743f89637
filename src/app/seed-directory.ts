import { isNameConflict } from '#directory/application.store.ts';
import { addFirstPartyPrincipals } from '#directory/first-party.ts';
import { addGroup, addMember } from '#directory/group.store.ts';
import { addTenant } from '#directory/tenant.store.ts';
import { putTenantSettings } from '#directory/tenant-settings.store.ts';
import { addUser } from '#directory/user.store.ts';
import { fold } from '#kernel/ids.ts';
import { guidOfText } from '#kernel/random.ts';
import type { WriteTransaction } from '#store/store.ts';
import { badSeed } from './faults.ts';
import { resourceNames } from './resource-names.ts';
import { addSeedApplication } from './seed-application.ts';
import type { SeedWork } from './seed-apply.ts';
import type { SeedTenant } from './seed-schema.ts';
import {
  addDirectoryRoles,
  addPrincipal,
  type SeededTenant,
  type TenantWork,
  twice,
} from './seed-tenant.ts';
import { addSeedTrustedIssuers } from './seed-trusted-issuer.ts';

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
  await addSettings(tx, tenantId, tenant.settings);
  await addFirstPartyPrincipals(tx, tenantId, resourceNames, work.random, work.at);
  await addUsers(tx, inTenant, tenant);
  for (const application of tenant.applications ?? []) {
    await addSeedApplication(tx, inTenant, application);
  }
  await addGroups(tx, inTenant, tenant);
  await addSeedTrustedIssuers(tx, inTenant, tenant);
  const { applications } = inTenant;
  return { tenantId, domain: domains[0] ?? tenantId, principals, applications };
}

async function addSettings(
  tx: WriteTransaction,
  tenantId: string,
  declared: SeedTenant['settings'],
): Promise<void> {
  if (declared === undefined) return;
  const { classicRedirectUris, userConsent } = declared;
  await putTenantSettings(tx, tenantId, {
    ...(classicRedirectUris === undefined ? {} : { hasClassicRedirectUris: classicRedirectUris }),
    ...(userConsent === undefined ? {} : { hasUserConsent: userConsent }),
  });
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
