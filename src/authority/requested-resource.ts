import type { Cloud } from '#cloud/cloud.ts';
import { clouds } from '#cloud/cloud.ts';
import { firstPartyAppIds } from '#directory/first-party.ts';
import type { Reach } from '#http/request.ts';
import type { Fault } from '#kernel/fault.ts';
import { fold, sameName } from '#kernel/ids.ts';
import { missingField } from './faults.ts';
import { invalidScope, notDefaultScope, resourceNotSupported } from './resource.faults.ts';

/** Microsoft Graph, which a scope without a resource means. */
export const graphAppId = firstPartyAppIds.graph;

/**
 * Scopes that ask for a sign-in rather than for a resource. MSAL Go sends them with every request.
 */
const signInScopes: ReadonlySet<string> = new Set(['openid', 'profile', 'email', 'offline_access']);

/** Asks for whatever was granted. */
export const defaultScope = '.default';

/**
 * The resource that an application asks for itself on the v2 endpoint: everything before the last
 * slash of `RESOURCE/.default`, so that `https://batch.core.windows.net//.default` keeps one slash.
 * Source: https://learn.microsoft.com/entra/identity-platform/scopes-oidc#the-default-scope
 */
export function resourceOfScope(scope: string | undefined): string | Fault {
  if (scope === undefined || scope.trim() === '') return missingField('scope');
  const asked = scope.split(/\s+/).filter((one) => one !== '' && !isSignInScope(one));
  const resources = new Set<string>();
  for (const one of asked) {
    const resource = resourceOfOne(one);
    if (resource === undefined) return notDefaultScope(one);
    if (resource === '') return invalidScope(one);
    resources.add(resource);
  }
  const [first] = resources;
  if (first === undefined) return notDefaultScope(scope);
  return resources.size === 1 ? first : invalidScope(scope);
}

/** True for a scope that asks for a sign-in, in any case. */
export function isSignInScope(scope: string): boolean {
  return signInScopes.has(fold(scope));
}

/** True when a `scope` asks to be told who signed in. */
export function asksOpenId(scope: string): boolean {
  return scope.split(/\s+/).some((one) => sameName(one, 'openid'));
}

function resourceOfOne(scope: string): string | undefined {
  const slash = scope.lastIndexOf('/');
  if (fold(scope.slice(slash + 1)) !== defaultScope) return undefined;
  return slash < 0 ? graphAppId : scope.slice(0, slash);
}

/**
 * The resource that a token request names: by scope on v2, by `resource` on v1, by either on the
 * adfs form.
 * Source: https://github.com/DuendeArchive/IdentityModel/issues/74 and
 * https://github.com/microsoftgraph/microsoft-graph-docs/issues/17911 for v1 without `resource`
 */
export function requestedResource(
  parameters: ReadonlyMap<string, string>,
  endpoint: 'v1' | 'v2' | 'adfs',
): string | Fault {
  const resource = parameters.get('resource');
  switch (endpoint) {
    case 'v2':
      return resource === undefined
        ? resourceOfScope(parameters.get('scope'))
        : resourceNotSupported();
    case 'v1':
      return resource || firstPartyAppIds.directoryGraph;
    case 'adfs':
      return resource ?? resourceOfScope(parameters.get('scope'));
  }
}

/**
 * True when the name is a resource of another cloud and none of this one: an authority knows only
 * its own cloud.
 */
export function isOfOtherCloud(resource: string, cloud: Cloud): boolean {
  const name = withoutSlash(fold(resource));
  if (audiencesOf(cloud).includes(name)) return false;
  return clouds.some((other) => audiencesOf(other).includes(name));
}

/**
 * The name under which the directory knows a resource. Clients of Resource Manager that are given an
 * endpoint ask for a token for that address, and where Batten is reached explicitly it is none of
 * Azure's; the audience of the token stays the text that was asked for.
 */
export function knownNameOf(resource: string, cloud: Cloud, reach: Reach): string {
  const isOwnAddress = reach.explicit && withoutSlash(fold(resource)) === fold(reach.origin);
  return isOwnAddress ? (cloud.armAudiences[0] ?? resource) : resource;
}

const audiencesByCloud = new Map(
  clouds.map((cloud) => {
    const { armAudiences, graphAudiences, directoryGraphAudiences, batchAudience, mlAudience } =
      cloud;
    const several = [...armAudiences, ...graphAudiences, ...directoryGraphAudiences];
    return [cloud.name, [...several, batchAudience, mlAudience].map(withoutSlash)];
  }),
);

function audiencesOf({ name }: Cloud): readonly string[] {
  return audiencesByCloud.get(name) ?? [];
}

function withoutSlash(text: string): string {
  return text.endsWith('/') ? text.slice(0, -1) : text;
}
