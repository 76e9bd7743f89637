import { needs, type Permission } from '#http/operation.ts';
import type { HttpRequest } from '#http/request.ts';
import { armOperation, controlAction } from './declare.ts';
import { cloudOf } from './dialect.ts';
import { armFaults } from './faults.ts';
import { regionsOf } from './location.ts';
import { providerNamed, type ResourceProvider, resourceProviders } from './provider.ts';

const source = 'https://learn.microsoft.com/rest/api/resources/providers';
const read = needs(controlAction('Microsoft.Resources/subscriptions/providers/read'));

/** Registering needs the provider's own action, which Azure names after its namespace. */
const register: Permission = {
  documented: [controlAction('{namespace}/register/action')],
  requests: ({ params, scope }) => [
    { ...controlAction(`${params['resourceProviderNamespace']}/register/action`), scope },
  ],
};

const list = armOperation({
  id: 'Providers_List',
  method: 'GET',
  path: '/subscriptions/{subscriptionId}/providers',
  permission: read,
  reply: { 200: 'json' },
  source,
  handler: async ({ params, request }) => {
    const value = resourceProviders.map((one) => providerJson(one, params.subscriptionId, request));
    return { status: 200, json: { value } };
  },
});

const get = armOperation({
  id: 'Providers_Get',
  method: 'GET',
  path: '/subscriptions/{subscriptionId}/providers/{resourceProviderNamespace}',
  permission: read,
  reply: { 200: 'json' },
  source,
  handler: async ({ params, request }) => {
    const found = providerNamed(params.resourceProviderNamespace);
    if (found === undefined) return armFaults.unknownNamespace(params.resourceProviderNamespace);
    return { status: 200, json: providerJson(found, params.subscriptionId, request) };
  },
});

const registerProvider = armOperation({
  id: 'Providers_Register',
  method: 'POST',
  path: '/subscriptions/{subscriptionId}/providers/{resourceProviderNamespace}/register',
  permission: register,
  bodyKind: 'json',
  reply: { 200: 'json' },
  source,
  handler: async ({ params, request }) => {
    const found = providerNamed(params.resourceProviderNamespace);
    if (found === undefined) return armFaults.unknownNamespace(params.resourceProviderNamespace);
    return { status: 200, json: providerJson(found, params.subscriptionId, request) };
  },
});

const unregisterProvider = armOperation({
  id: 'Providers_Unregister',
  method: 'POST',
  path: '/subscriptions/{subscriptionId}/providers/{resourceProviderNamespace}/unregister',
  permission: {
    documented: [controlAction('{namespace}/unregister/action')],
    requests: ({ params, scope }) => [
      { ...controlAction(`${params['resourceProviderNamespace']}/unregister/action`), scope },
    ],
  },
  bodyKind: 'json',
  reply: { 200: 'json' },
  source,
});

/**
 * Resource providers: all are registered in every subscription, so registering again changes
 * nothing.
 */
export const providerOperations = [list, get, registerProvider, unregisterProvider];

function providerJson(
  found: ResourceProvider,
  subscriptionId: string,
  request: HttpRequest,
): object {
  const locations = regionsOf(cloudOf(request).name).map(({ displayName }) => displayName);
  return {
    id: `/subscriptions/${subscriptionId}/providers/${found.namespace}`,
    namespace: found.namespace,
    resourceTypes: found.types.map(({ resourceType, apiVersions, isTracked }) => ({
      resourceType,
      locations: isTracked ? locations : [],
      apiVersions,
      capabilities: isTracked ? 'SupportsTags, SupportsLocation' : 'None',
    })),
    registrationState: 'Registered',
    registrationPolicy: 'RegistrationRequired',
  };
}
