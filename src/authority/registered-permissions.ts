import { findApplicationByAppId } from '#directory/application.store.ts';
import type { Application, AppRole } from '#directory/application.ts';
import {
  findServicePrincipalByAppId,
  type ServicePrincipal,
} from '#directory/service-principal.store.ts';
import { sameName } from '#kernel/ids.ts';
import type { ReadTransaction } from '#store/store.ts';
import type { ResourcePermissions } from './consent.ts';
import { findUsablePrincipal } from './sign-in-client.ts';

/** All that a registration asks for, app roles included, in terms of the tenant. */
export async function registeredPermissions(
  tx: ReadTransaction,
  tenantId: string,
  application: Application,
): Promise<readonly (ResourcePermissions & { readonly appRoles: readonly AppRole[] })[]> {
  const found = [];
  for (const { resourceAppId, resourceAccess } of application.requiredResourceAccess) {
    const resource = await findRequired(tx, tenantId, application, resourceAppId);
    if (resource === undefined) continue;
    const isWanted = (type: 'Scope' | 'Role', one: { id: string; isEnabled: boolean }) =>
      one.isEnabled &&
      resourceAccess.some((asked) => asked.type === type && sameName(asked.id, one.id));
    found.push({
      resource,
      permissions: resource.oauth2PermissionScopes.filter((one) => isWanted('Scope', one)),
      appRoles: resource.appRoles.filter(
        (one) => one.allowedMemberTypes.includes('Application') && isWanted('Role', one),
      ),
    });
  }
  return found;
}

/** A resource of a registration as the tenant has it, or as it comes to the tenant with the consent. */
async function findRequired(
  tx: ReadTransaction,
  tenantId: string,
  application: Application,
  resourceAppId: string,
): Promise<ServicePrincipal | undefined> {
  const stored = await findServicePrincipalByAppId(tx, tenantId, resourceAppId);
  return stored ?? (await findKnownApi(tx, tenantId, application, resourceAppId))?.principal;
}

/** An API whose registration names an application as a known client of its own. */
export interface KnownApi {
  readonly application: Application;
  /** What stands for it in the tenant; not stored where the consent will make it. */
  readonly principal: ServicePrincipal;
}

/**
 * The APIs that an application asks for and that name it as known: they are parts of one solution, so
 * whoever consents to the application consents to what they need as well, and they come to her tenant
 * with it. All of them are registered in one tenant.
 * Sources: https://learn.microsoft.com/entra/identity-platform/v2-oauth2-on-behalf-of-flow
 * (`.default` and combined consent),
 * https://learn.microsoft.com/graph/api/resources/apiapplication (`knownClientApplications`)
 */
export async function knownApisOf(
  tx: ReadTransaction,
  tenantId: string,
  client: Application,
): Promise<readonly KnownApi[]> {
  const found: KnownApi[] = [];
  for (const { resourceAppId } of client.requiredResourceAccess) {
    const api = await findKnownApi(tx, tenantId, client, resourceAppId);
    if (api !== undefined) found.push(api);
  }
  return found;
}

async function findKnownApi(
  tx: ReadTransaction,
  tenantId: string,
  client: Application,
  appId: string,
): Promise<KnownApi | undefined> {
  const application = await findApplicationByAppId(tx, appId);
  if (application === undefined || !isKnownTo(application, client)) return undefined;
  const principal = await findUsablePrincipal(tx, tenantId, appId);
  return principal && { application, principal };
}

function isKnownTo(api: Application, client: Application): boolean {
  const { knownClientApplications: known } = api.profile;
  const isNamed = Array.isArray(known) && known.some((one) => sameName(String(one), client.appId));
  return isNamed && sameName(api.tenantId, client.tenantId);
}
