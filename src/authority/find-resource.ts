import type { Cloud } from '#cloud/cloud.ts';
import {
  findServicePrincipalByName,
  type ServicePrincipal,
} from '#directory/service-principal.store.ts';
import type { Tenant } from '#directory/tenant.store.ts';
import type { Reach } from '#http/request.ts';
import type { Fault } from '#kernel/fault.ts';
import type { ReadTransaction } from '#store/store.ts';
import { disabledResource, unknownResource } from './faults.ts';
import { isOfOtherCloud, knownNameOf } from './requested-resource.ts';

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
