import { findApplicationByAppId } from '#directory/application.store.ts';
import type { Application } from '#directory/application.ts';
import {
  addServicePrincipal,
  findServicePrincipalByAppId,
  type ServicePrincipal,
  servicePrincipalOf,
} from '#directory/service-principal.store.ts';
import type { Tenant } from '#directory/tenant.store.ts';
import type { Fault } from '#kernel/fault.ts';
import { sameName } from '#kernel/ids.ts';
import type { ReadTransaction, WriteTransaction } from '#store/store.ts';
import { unknownClient } from './client.faults.ts';
import { findClient } from './client-authentication.ts';
import { namesTaken } from './consent.faults.ts';
import type { AuthorityRoom } from './room.ts';

/** The object id of a service principal that is not stored: no grant and no assignment names it. */
const notStoredId = '00000000-0000-0000-0000-000000000000';

/**
 * The client of a sign-in in the pages. An application of several tenants needs no service principal
 * where nobody used it yet: the first consent makes it, and until then this one stands for it, which
 * has been granted nothing.
 * Source: https://learn.microsoft.com/entra/identity-platform/howto-convert-app-to-be-multi-tenant
 */
export async function findSignInClient(
  tx: ReadTransaction,
  clientId: string,
  tenant: Tenant,
): Promise<ServicePrincipal | Fault> {
  const { tenantId } = tenant;
  const stored = await findServicePrincipalByAppId(tx, tenantId, clientId);
  const application = await findApplicationByAppId(tx, clientId);
  const isOfOthers = application !== undefined && application.tenantId !== tenantId;
  const unstored = isOfOthers ? unstoredPrincipal(application, tenantId) : undefined;
  if (stored !== undefined || unstored === undefined) return findClient(tx, clientId, tenant);
  return unstored;
}

/**
 * What stands for an application in a tenant until a consent makes its service principal; undefined
 * where it cannot be used.
 */
function unstoredPrincipal(
  application: Application,
  tenantId: string,
): ServicePrincipal | undefined {
  const { createdAt, signInAudience } = application;
  const isUsable = sameName(application.tenantId, tenantId) || signInAudience !== 'AzureADMyOrg';
  if (!isUsable) return undefined;
  return servicePrincipalOf(application, { tenantId, objectId: notStoredId, createdAt });
}

/** The service principal of an application in a tenant, or what stands for it until a consent makes it. */
export async function findUsablePrincipal(
  tx: ReadTransaction,
  tenantId: string,
  appId: string,
): Promise<ServicePrincipal | undefined> {
  const stored = await findServicePrincipalByAppId(tx, tenantId, appId);
  if (stored !== undefined) return stored;
  const application = await findApplicationByAppId(tx, appId);
  return application && unstoredPrincipal(application, tenantId);
}

/** False for a service principal that a consent will make. */
export function isStored({ objectId }: Pick<ServicePrincipal, 'objectId'>): boolean {
  return objectId !== notStoredId;
}

/** The stored service principal of an application that is being consented to, made when there is none. */
export async function makePrincipal(
  tx: WriteTransaction,
  appId: string,
  tenant: Tenant,
  room: Pick<AuthorityRoom, 'clock' | 'random'>,
): Promise<ServicePrincipal | Fault> {
  const { tenantId, displayName } = tenant;
  const stored = await findServicePrincipalByAppId(tx, tenantId, appId);
  if (stored !== undefined) return stored;
  const application = await findApplicationByAppId(tx, appId);
  if (application === undefined) return unknownClient(appId, displayName);
  const place = { tenantId, objectId: room.random.guid(), createdAt: room.clock.civil() };
  const added = await addServicePrincipal(tx, servicePrincipalOf(application, place));
  return added ?? namesTaken(application.appId, tenantId);
}
