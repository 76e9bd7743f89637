import type { Cloud } from '#cloud/cloud.ts';
import { findApplicationByAppId } from '#directory/application.store.ts';
import type { Application, DelegatedPermission } from '#directory/application.ts';
import {
  findServicePrincipalByAppId,
  type ServicePrincipal,
} from '#directory/service-principal.store.ts';
import type { Tenant } from '#directory/tenant.store.ts';
import type { Reply } from '#http/operation.ts';
import type { HttpRequest, Reach } from '#http/request.ts';
import { type Fault, isFault } from '#kernel/fault.ts';
import type { ReadTransaction } from '#store/store.ts';
import type { AdminConsentRequest } from './admin-consent-request.ts';
import { answer, type Fields, faultFields, stateOf } from './authorize-answer.ts';
import { unknownClient } from './client.faults.ts';
import { permissionNamed, type ResourcePermissions, withSignIn } from './consent.ts';
import { findResource } from './find-resource.ts';
import { wantedByKnownApis } from './known-client.ts';
import { registeredPermissions } from './registered-permissions.ts';
import { readScope } from './requested-permissions.ts';
import { graphAppId } from './requested-resource.ts';
import { unknownPermission } from './user-tokens.faults.ts';

/** The administrator accepted. */
export interface GivenAdminConsent {
  readonly kind: 'adminConsent';
  readonly request: AdminConsentRequest;
  readonly tenantId: string;
}

/**
 * What an administrator is asked to grant: on the older form and for `.default` all that the
 * registration lists, app roles included; otherwise the delegated permissions that are named.
 * Source: https://learn.microsoft.com/entra/identity-platform/v2-admin-consent
 */
export async function adminConsentWanted(
  tx: ReadTransaction,
  request: Pick<AdminConsentRequest, 'endpoint' | 'scope'>,
  client: ServicePrincipal,
  tenant: Tenant,
  place: { readonly cloud: Cloud; readonly reach: Reach },
): Promise<readonly ResourcePermissions[] | Fault> {
  const { tenantId } = tenant;
  if (request.endpoint === 'v1') return registered(tx, client, tenant);
  const asked = readScope(request.scope);
  if (isFault(asked)) return asked;
  if (asked.isDefault) return registered(tx, client, tenant);
  const resource = await findResource(tx, asked.resource, tenant, place);
  if (isFault(resource)) return resource;
  const permissions: DelegatedPermission[] = [];
  for (const name of asked.named) {
    const found = permissionNamed(resource, name);
    if (found === undefined) {
      return unknownPermission(client.displayName, name, resource.displayName);
    }
    permissions.push(found);
  }
  const graph = await findServicePrincipalByAppId(tx, tenantId, graphAppId);
  return withSignIn([{ resource, permissions }], asked, graph);
}

async function registered(
  tx: ReadTransaction,
  client: ServicePrincipal,
  tenant: Tenant,
): Promise<readonly ResourcePermissions[] | Fault> {
  const application = await findApplicationByAppId(tx, client.appId);
  return application === undefined
    ? unknownClient(client.appId, tenant.displayName)
    : wantedOfRegistration(tx, application, tenant);
}

/**
 * All that a registration asks for in a tenant, with what the APIs ask for that name it as known; app
 * roles included.
 */
export async function wantedOfRegistration(
  tx: ReadTransaction,
  application: Application,
  { tenantId }: Tenant,
): Promise<readonly ResourcePermissions[]> {
  const own = await registeredPermissions(tx, tenantId, application);
  const all = [...own, ...(await wantedByKnownApis(tx, tenantId, application))];
  return all.filter(
    ({ permissions, appRoles }) => permissions.length + (appRoles?.length ?? 0) > 0,
  );
}

/** Tells the application that it may; the form of v2 also says what. */
export function adminConsentAnswer(
  http: HttpRequest,
  { request, tenantId }: GivenAdminConsent,
): Reply {
  const scope: Fields = request.endpoint === 'v2' ? [['scope', request.scope]] : [];
  const consented: Fields = [
    ['admin_consent', 'True'],
    ['tenant', tenantId],
  ];
  return answer(http, request, [...consented, ...stateOf(request), ...scope]);
}

/**
 * Tells the application that it may not. The tenant is not among what it hears.
 * Source: https://github.com/MicrosoftDocs/azure-docs/issues/114009
 */
export function adminConsentRefusal(
  http: HttpRequest,
  request: AdminConsentRequest,
  refused: Fault,
): Reply {
  const fields: Fields = [...faultFields(http, refused), ['admin_consent', 'True']];
  return answer(http, request, [...fields, ...stateOf(request)]);
}
