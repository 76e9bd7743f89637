import { addAppRoleAssignment } from '#directory/app-role-assignment.store.ts';
import { addApplication, isNameConflict } from '#directory/application.store.ts';
import type { Application, RequiredResourceAccess } from '#directory/application.ts';
import { addPassword } from '#directory/credential.store.ts';
import { grantIdOf } from '#directory/guid-bytes.ts';
import { addPermissionGrant } from '#directory/permission-grant.store.ts';
import {
  addServicePrincipal,
  listServicePrincipals,
  type ServicePrincipal,
  servicePrincipalOf,
} from '#directory/service-principal.store.ts';
import { fold, sameName } from '#kernel/ids.ts';
import { addSeconds } from '#kernel/instant.ts';
import { guidOfText } from '#kernel/random.ts';
import type { WriteTransaction } from '#store/store.ts';
import { badSeed } from './faults.ts';
import type { SeedApplication } from './seed-schema.ts';
import { addDirectoryRoles, addPrincipal, type TenantWork, twice } from './seed-tenant.ts';

const secondsPerDay = 24 * 3600;
/** Life of a secret for which the file names none, in days: the portal's own default. */
const secretDays = 180;
/** Life of the ready application's random secret, in days: a data folder should not stop working by itself. */
const readySecretDays = 3650;

/** Stores an application with its secrets, its service principal and what was consented. Throws a `StartRefusal`. */
export async function addSeedApplication(
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
      grantId: grantIdOf(clientId, resourceId),
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
