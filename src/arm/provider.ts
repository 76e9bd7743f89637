import { fold } from '#kernel/ids.ts';
import { parseResourceId } from '#rbac/scope.ts';

/** A type of resource with the api-versions it can be asked in, newest first. */
export interface ProvidedType {
  readonly resourceType: string;
  readonly apiVersions: readonly string[];
  readonly isTracked: boolean;
}

/** A resource provider that stands behind Resource Manager. */
export interface ResourceProvider {
  readonly namespace: string;
  readonly types: readonly ProvidedType[];
}

/**
 * Api-versions of Resource Manager's own types, newest first.
 * Source: the supported versions that ARM itself lists, and the versions of @azure/arm-resources 8
 * and az 2.45.
 */
export const resourcesVersions: readonly string[] = [
  '2025-04-01',
  '2025-03-01',
  '2024-11-01',
  '2024-07-01',
  '2024-03-01',
  '2023-07-01',
  '2022-12-01',
  '2022-09-01',
  '2022-06-01',
  '2022-05-01',
  '2022-01-01',
  '2021-10-01',
  '2021-04-01',
  '2021-01-01',
  '2020-10-01',
  '2020-09-01',
  '2020-08-01',
  '2020-06-01',
  '2020-05-01',
  '2020-01-01',
  '2019-11-01',
  '2019-10-01',
  '2019-08-01',
  '2019-07-01',
  '2019-06-01',
  '2019-05-10',
  '2019-05-01',
  '2019-03-01',
  '2018-11-01',
  '2018-09-01',
  '2018-08-01',
  '2018-07-01',
  '2018-06-01',
  '2018-05-01',
  '2018-02-01',
  '2018-01-01',
  '2017-12-01',
  '2017-08-01',
  '2017-06-01',
  '2017-05-10',
  '2017-05-01',
  '2017-03-01',
  '2016-09-01',
  '2016-07-01',
  '2016-06-01',
  '2016-02-01',
  '2015-11-01',
  '2015-01-01',
  '2014-04-01-preview',
  '2014-04-01',
];

const authorizationVersions: readonly string[] = [
  '2022-05-01-preview',
  '2022-04-01',
  '2022-01-01-preview',
  '2021-04-01-preview',
  '2020-10-01-preview',
  '2020-08-01-preview',
  '2020-04-01-preview',
  '2020-03-01-preview',
  '2019-04-01-preview',
  '2018-12-01-preview',
  '2018-09-01-preview',
  '2018-07-01',
  '2018-05-01-preview',
  '2018-01-01-preview',
  '2017-10-01-preview',
  '2016-07-01',
  '2015-07-01',
];

const batchVersions: readonly string[] = [
  '2025-06-01',
  '2024-07-01',
  '2024-02-01',
  '2023-11-01',
  '2023-05-01',
  '2022-10-01',
  '2022-06-01',
  '2022-01-01',
  '2021-06-01',
  '2021-01-01',
  '2020-09-01',
  '2020-05-01',
  '2020-03-01',
  '2019-08-01',
  '2019-04-01',
  '2018-12-01',
  '2017-09-01',
];

const managedIdentityVersions: readonly string[] = [
  '2024-11-30',
  '2023-07-31-preview',
  '2023-01-31',
  '2022-01-31-preview',
  '2021-09-30-preview',
  '2018-11-30',
  '2015-08-31-preview',
];

function provider(
  namespace: string,
  apiVersions: readonly string[],
  tracked: readonly string[],
  others: readonly string[],
): ResourceProvider {
  const typed = (isTracked: boolean) => (resourceType: string) => ({
    resourceType,
    apiVersions,
    isTracked,
  });
  return { namespace, types: [...tracked.map(typed(true)), ...others.map(typed(false))] };
}

/** The providers that Batten has. All of them are registered in every subscription. */
export const resourceProviders: readonly ResourceProvider[] = [
  provider(
    'Microsoft.Authorization',
    authorizationVersions,
    [],
    ['roleAssignments', 'roleDefinitions', 'permissions', 'providerOperations', 'denyAssignments'],
  ),
  provider(
    'Microsoft.Batch',
    batchVersions,
    ['batchAccounts'],
    ['operations', 'locations', 'locations/quotas', 'locations/checkNameAvailability'],
  ),
  provider(
    'Microsoft.ManagedIdentity',
    managedIdentityVersions,
    ['userAssignedIdentities'],
    ['identities'],
  ),
  provider('Microsoft.Resources', resourcesVersions, [], ['subscriptions', 'resourceGroups']),
];

/** The provider of a namespace in any case. */
export function providerNamed(namespace: string): ResourceProvider | undefined {
  const folded = fold(namespace);
  return resourceProviders.find((one) => fold(one.namespace) === folded);
}

/** What an ARM path is about, as far as api-versions go. */
export type PathSubject =
  | { readonly kind: 'resources'; readonly apiVersions: readonly string[] }
  | {
      readonly kind: 'type';
      readonly namespace: string;
      readonly resourceType: string;
      readonly apiVersions: readonly string[];
    }
  | { readonly kind: 'unknownNamespace'; readonly namespace: string }
  | { readonly kind: 'unknownType'; readonly namespace: string; readonly resourceType: string };

/**
 * Finds the provider and the first type of a path. What stands below a known type (a pool of an
 * account) counts as known here: the router says whether it exists.
 */
export function subjectOf(path: string): PathSubject {
  const { namespace, types } = parseResourceId(path);
  const [first] = types;
  const resources = { kind: 'resources', apiVersions: resourcesVersions } as const;
  if (namespace === undefined) return resources;
  const found = providerNamed(namespace);
  if (first === undefined || fold(first) === 'register' || fold(first) === 'unregister') {
    return found === undefined ? { kind: 'unknownNamespace', namespace } : resources;
  }
  if (found === undefined) return { kind: 'unknownNamespace', namespace };
  const type = found.types.find((one) => fold(one.resourceType) === fold(first));
  if (type === undefined) {
    return { kind: 'unknownType', namespace: found.namespace, resourceType: first };
  }
  const { resourceType, apiVersions } = type;
  return { kind: 'type', namespace: found.namespace, resourceType, apiVersions };
}
