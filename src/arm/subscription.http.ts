import { findTenant } from '#directory/tenant.store.ts';
import { needs } from '#http/operation.ts';
import { armOperation, controlAction } from './declare.ts';
import { cloudOf } from './dialect.ts';
import { armFaults } from './faults.ts';
import { regionsOf } from './location.ts';
import { findSubscription, listSubscriptions, type Subscription } from './subscription.store.ts';
import { hasRoleIn } from './visibility.ts';

const source = 'https://learn.microsoft.com/rest/api/resources/subscriptions';

/** A signed-in caller is enough; what she sees depends on her roles. */
const anyCaller = needs();

const listTenants = armOperation({
  id: 'Tenants_List',
  method: 'GET',
  path: '/tenants',
  permission: anyCaller,
  reply: { 200: 'json' },
  source: 'https://learn.microsoft.com/rest/api/resources/tenants/list',
  handler: async ({ caller, version }, room) => {
    const tenant = await room.store.read((tx) => findTenant(tx, caller.tenantId));
    if (tenant === undefined) return { status: 200, json: { value: [] } };
    const { tenantId, displayName, domains } = tenant;
    // Names appear with 2020-01-01; the older answer is recorded.
    const names =
      version < '2020-01-01'
        ? {}
        : { displayName, defaultDomain: domains[0], domains, tenantType: 'AAD' };
    const value = [{ id: `/tenants/${tenantId}`, tenantId, tenantCategory: 'Home', ...names }];
    return { status: 200, json: { value } };
  },
});

const list = armOperation({
  id: 'Subscriptions_List',
  method: 'GET',
  path: '/subscriptions',
  permission: anyCaller,
  reply: { 200: 'json' },
  source,
  handler: async ({ caller, version }, room) => {
    const policy = await room.policies.policyFor(caller.tenantId);
    const all = await room.store.read((tx) => listSubscriptions(tx, caller.tenantId));
    const seen = all.filter((one) =>
      hasRoleIn(policy, caller, `/subscriptions/${one.subscriptionId}`),
    );
    const value = seen.map((one) => subscriptionJson(one, version));
    return { status: 200, json: { value, count: { type: 'Total', value: value.length } } };
  },
});

const get = armOperation({
  id: 'Subscriptions_Get',
  method: 'GET',
  path: '/subscriptions/{subscriptionId}',
  permission: needs(controlAction('Microsoft.Resources/subscriptions/read')),
  reply: { 200: 'json' },
  source,
  handler: async ({ params, version }, room) => {
    const found = await room.store.read((tx) => findSubscription(tx, params.subscriptionId));
    if (found === undefined) return armFaults.subscriptionNotFound(params.subscriptionId);
    return { status: 200, json: subscriptionJson(found, version) };
  },
});

const listLocations = armOperation({
  id: 'Subscriptions_ListLocations',
  method: 'GET',
  path: '/subscriptions/{subscriptionId}/locations',
  permission: needs(controlAction('Microsoft.Resources/subscriptions/locations/read')),
  reply: { 200: 'json' },
  source,
  handler: async ({ params, request, version }) => {
    const value = regionsOf(cloudOf(request).name).map(({ name, displayName }) => ({
      id: `/subscriptions/${params.subscriptionId}/locations/${name}`,
      name,
      ...(version < '2022-12-01' ? {} : { type: 'Region' }),
      displayName,
      ...(version < '2019-11-01'
        ? {}
        : { regionalDisplayName: displayName, metadata: { regionType: 'Physical' } }),
    }));
    return { status: 200, json: { value } };
  },
});

/** Tenants, subscriptions and their locations. */
export const subscriptionOperations = [listTenants, list, get, listLocations];

/** Property order as recorded with 2022-12-01; tenants and managers appear with 2019-06-01. */
function subscriptionJson(subscription: Subscription, version: string): object {
  const { subscriptionId, tenantId, displayName } = subscription;
  const newer =
    version < '2019-06-01'
      ? { authorizationSource: 'RoleBased' }
      : { authorizationSource: 'RoleBased', managedByTenants: [], tags: {} };
  return {
    id: `/subscriptions/${subscriptionId}`,
    ...newer,
    subscriptionId,
    tenantId,
    displayName,
    state: 'Enabled',
    subscriptionPolicies: {
      locationPlacementId: 'Public_2014-09-01',
      quotaId: 'PayAsYouGo_2014-09-01',
      spendingLimit: 'Off',
    },
  };
}
