import type { Caller } from '#directory/caller.ts';
import { findTenant, type Tenant } from '#directory/tenant.store.ts';
import type { Operation } from '#http/operation.ts';
import type { JsonObject } from '#kernel/json.ts';
import { wholeSeconds } from './application-wire.ts';
import { resourceNotFound } from './faults.ts';
import { entityReply, type Listed, listOptions, listReply } from './listing.ts';
import { may } from './permission.ts';
import { type GraphRoom, operation } from './room.ts';

const listed: Listed = { type: 'organization', resource: 'Organization', filterable: ['id'] };
const permission = may('microsoft.directory/organization/standard/read');

const list = operation({
  id: 'organization_ListOrganization',
  method: 'GET',
  path: '/{graphVersion}/organization',
  permission,
  query: listOptions,
  reply: { 200: 'json' },
  source: 'https://learn.microsoft.com/graph/api/organization-list',
  handler: async (call, { store }) => {
    const tenant = await store.read((tx) => findTenant(tx, call.caller.tenantId));
    return listReply(call, listed, tenant === undefined ? [] : [organizationJson(tenant)]);
  },
});

const get = operation({
  id: 'organization_GetOrganization',
  method: 'GET',
  path: '/{graphVersion}/organization/{tenantKey}',
  permission,
  query: ['$select'],
  reply: { 200: 'json' },
  source: 'https://learn.microsoft.com/graph/api/organization-get',
  handler: async (call, { store }) => {
    const { tenantKey } = call.params;
    const tenant = await store.read((tx) => findTenant(tx, call.caller.tenantId));
    if (tenant === undefined || tenant.tenantId !== tenantKey.toLowerCase()) {
      return resourceNotFound(tenantKey);
    }
    return entityReply(call, listed, organizationJson(tenant));
  },
});

/** Operations of /organization: the caller's own tenant and no other. */
export const organizationOperations: readonly Operation<Caller, GraphRoom>[] = [list, get];

/** What Batten knows of a tenant, in Graph's names. Properties that nothing stands behind are absent. */
function organizationJson(tenant: Tenant): JsonObject {
  return {
    id: tenant.tenantId,
    deletedDateTime: null,
    createdDateTime: wholeSeconds(tenant.createdAt),
    displayName: tenant.displayName,
    tenantType: 'AAD',
    verifiedDomains: tenant.domains.map((name, position) => ({
      capabilities: 'Email, OfficeCommunicationsOnline',
      isDefault: position === 0,
      isInitial: name.toLowerCase().endsWith('.onmicrosoft.com'),
      name,
      type: 'Managed',
    })),
  };
}
