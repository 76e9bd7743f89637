import type { Cloud } from '#cloud/cloud.ts';
import {
  findServicePrincipalByName,
  type ServicePrincipal,
} from '#directory/service-principal.store.ts';
import type { Tenant } from '#directory/tenant.store.ts';
import type { Reach } from '#http/request.ts';
import type { Fault } from '#kernel/fault.ts';
import { sameName } from '#kernel/ids.ts';
import type { ReadTransaction } from '#store/store.ts';
import type { NamedApplication } from './faults.ts';
import { isOfOtherCloud, knownNameOf } from './requested-resource.ts';
import { disabledResource, tokenForItself, unknownResource } from './resource.faults.ts';

/** The resource of a tenant by the name that a client asked for, in the cloud that was reached. */
export async function findResource(
  tx: ReadTransaction,
  name: string,
  tenant: Tenant,
  place: { readonly cloud: Cloud; readonly reach: Reach },
): Promise<ServicePrincipal | Fault> {
  const known = knownNameOf(name, place.cloud, place.reach);
  const found = isOfOtherCloud(known, place.cloud)
    ? undefined
    : await findServicePrincipalByName(tx, tenant.tenantId, known);
  if (found === undefined) return unknownResource(name, tenant.displayName);
  return found.accountEnabled ? found : disabledResource(name);
}

/**
 * An application that wants all it may have from itself names itself by its id, bare or behind
 * `api://`. UNVERIFIED: that the latter is enough in a sign-in, as it is for an application alone.
 * Sources: https://github.com/AzureAD/microsoft-authentication-library-for-java/issues/735,
 * https://learn.microsoft.com/troubleshoot/entra/entra-id/app-integration/error-code-AADSTS501051-app-not-assigned-role
 * (an application that asked by `api://` and its id got past this)
 */
export function judgeOwnName(
  client: NamedApplication,
  resource: NamedApplication,
  name: string,
): Fault | undefined {
  if (!sameName(client.appId, resource.appId)) return undefined;
  const isId = sameName(name.replace(/^api:\/\//i, '').replace(/\/$/, ''), client.appId);
  return isId ? undefined : tokenForItself(client);
}
