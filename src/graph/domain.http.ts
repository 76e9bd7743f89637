import type { Caller } from '#directory/caller.ts';
import { findTenant, type Tenant } from '#directory/tenant.store.ts';
import type { Operation } from '#http/operation.ts';
import { sameName } from '#kernel/ids.ts';
import type { JsonObject } from '#kernel/json.ts';
import { resourceNotFound } from './faults.ts';
import { entityReply, type Listed, listOptions, listReply } from './listing.ts';
import { may } from './permission.ts';
import { type GraphRoom, operation } from './room.ts';

const listed: Listed = { type: 'domains', resource: 'Domain', filterable: ['id'] };
const permission = may('microsoft.directory/domains/standard/read');

const list = operation({
  id: 'domains_ListDomain',
  method: 'GET',
  path: '/{graphVersion}/domains',
  permission,
  query: listOptions,
  reply: { 200: 'json' },
  source: 'https://learn.microsoft.com/graph/api/domain-list',
  handler: async (call, { store }) => {
    const tenant = await store.read((tx) => findTenant(tx, call.caller.tenantId));
    return listReply(call, listed, tenant === undefined ? [] : domainsOf(tenant));
  },
});

const get = operation({
  id: 'domains_GetDomain',
  method: 'GET',
  path: '/{graphVersion}/domains/{domainKey}',
  permission,
  query: ['$select'],
  reply: { 200: 'json' },
  source: 'https://learn.microsoft.com/graph/api/domain-get',
  handler: async (call, { store }) => {
    const { domainKey } = call.params;
    const tenant = await store.read((tx) => findTenant(tx, call.caller.tenantId));
    const domains = tenant === undefined ? [] : domainsOf(tenant);
    const found = domains.find((one) => sameName(String(one['id']), domainKey));
    return found === undefined ? resourceNotFound(domainKey) : entityReply(call, listed, found);
  },
});

/** Operations of /domains: those of the caller's own tenant, which are all verified. */
export const domainOperations: readonly Operation<Caller, GraphRoom>[] = [list, get];

/** Every domain of a tenant in Graph's names; passwords never expire. */
function domainsOf({ domains }: Tenant): readonly JsonObject[] {
  return domains.map((id, position) => ({
    authenticationType: 'Managed',
    availabilityStatus: null,
    id,
    isAdminManaged: true,
    isDefault: position === 0,
    isInitial: id.toLowerCase().endsWith('.onmicrosoft.com'),
    isRoot: true,
    isVerified: true,
    supportedServices: [],
    passwordValidityPeriodInDays: 2_147_483_647,
    passwordNotificationWindowInDays: 14,
    state: null,
  }));
}
