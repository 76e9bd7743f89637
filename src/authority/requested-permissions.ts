import { type Fault, isFault } from '#kernel/fault.ts';
import { fold } from '#kernel/ids.ts';
import { missingParameter } from './faults.ts';
import { asksOpenId, defaultScope, graphAppId, isSignInScope } from './requested-resource.ts';
import {
  defaultMixed,
  invalidScope,
  resourceNotSupported,
  severalResources,
} from './resource.faults.ts';

/** What a client asks for on behalf of a user. */
export interface RequestedPermissions {
  /** `openid`, `profile`, `email`, `offline_access`: those that were asked for, folded. */
  readonly signIn: readonly string[];
  /** The resource as written, which becomes the audience of the access token. */
  readonly resource: string;
  /** Stands before each permission in an answer: `https://batch.core.windows.net//`, or nothing. */
  readonly prefix: string;
  /** Permissions by name; empty with `.default` and on v1. */
  readonly named: readonly string[];
  /** Asks for whatever was consented to. */
  readonly isDefault: boolean;
  /** Nothing but who signed in: the access token is for the user info endpoint. */
  readonly isForUserInfo?: true;
}

/** Most scopes of one request; UNVERIFIED: whether Entra counts them. */
const scopesMax = 200;
/** Longest scope, in characters: an identifier URI of 255, a slash and the value of a permission, 120. */
const scopeCharactersMax = 376;

/**
 * Reads the `scope` of a user's sign-in on the v2 endpoints: the resource is everything before the
 * last slash, none means Microsoft Graph, and there is only one.
 * Source: https://learn.microsoft.com/entra/identity-platform/scopes-oidc
 */
export function readScope(scope: string | undefined): RequestedPermissions | Fault {
  const all = (scope ?? '').split(/\s+/).filter((one) => one !== '');
  if (scope === undefined || all.length === 0) return missingParameter('scope');
  if (all.length > scopesMax) return invalidScope(scope);
  const signIn = [...new Set(all.filter(isSignInScope).map(fold))];
  const asked = all.filter((one) => !isSignInScope(one)).map(partsOf);
  const [first] = asked;
  if (first === undefined) {
    return { signIn, resource: graphAppId, prefix: '', named: [], isDefault: false };
  }
  const malformed = asked.find(isMalformed);
  if (malformed !== undefined) return invalidScope(malformed.written);
  if (asked.some(({ resource }) => resource !== first.resource)) return severalResources(scope);
  const isDefault = asked.some(({ name }) => fold(name) === defaultScope);
  const named = asked.map(({ name }) => name).filter((name) => fold(name) !== defaultScope);
  if (isDefault && named.length > 0) return defaultMixed(scope);
  const { resource, prefix } = first;
  return { signIn, resource, prefix, named, isDefault };
}

/** Most resources of one sign-in; UNVERIFIED: whether Entra counts them. */
const resourcesMax = 20;

/**
 * Reads what a sign-in asks consent for, one entry for each resource: unlike a token, a consent can
 * be about several. The first one has the sign-in scopes.
 * Source: https://learn.microsoft.com/entra/identity-platform/v2-oauth2-auth-code-flow (`scope`)
 */
export function readSignInPermissions(
  endpoint: 'v1' | 'v2' | 'adfs',
  asked: { readonly scope?: string | undefined; readonly resource?: string | undefined },
): readonly RequestedPermissions[] | Fault {
  const scopes = endpoint === 'v1' || asked.scope === undefined ? [] : byResource(asked.scope);
  if (scopes.length < 2) {
    const isOfPerson = endpoint === 'v1' && (asked.resource ?? '') === '';
    const only = readPermissions(endpoint, isOfPerson ? { scope: 'openid' } : asked);
    return isFault(only) ? only : [only];
  }
  if (scopes.length > resourcesMax) return invalidScope(asked.scope ?? '');
  const all: RequestedPermissions[] = [];
  for (const scope of scopes) {
    const one = readPermissions(endpoint, { ...asked, scope });
    if (isFault(one)) return one;
    all.push(one);
  }
  return all;
}

/** What tokens that such a sign-in gives at once are for: the first resource. */
export function scopeOfFirst(scope: string): string {
  return byResource(scope)[0] ?? scope;
}

/** True for the scope of a sign-in whose code does not say which resource a token is for. */
export function namesSeveralResources(scope: string): boolean {
  return byResource(scope).length > 1;
}

/** A scope of several resources as one for each; the sign-in scopes stay with the first. */
function byResource(scope: string): readonly string[] {
  const all = scope.split(/\s+/).filter((one) => one !== '');
  const named = all.filter((one) => !isSignInScope(one));
  const found = Map.groupBy(named, (one) => partsOf(one).resource);
  const signIn = all.filter(isSignInScope);
  return [...found.values()].map((ones, place) =>
    (place === 0 ? [...ones, ...signIn] : ones).join(' '),
  );
}

function isMalformed({ written, resource, name }: ReturnType<typeof partsOf>): boolean {
  return resource === '' || name === '' || written.length > scopeCharactersMax;
}

function partsOf(written: string) {
  const slash = written.lastIndexOf('/');
  const resource = slash < 0 ? graphAppId : written.slice(0, slash);
  return { written, resource, prefix: written.slice(0, slash + 1), name: written.slice(slash + 1) };
}

/**
 * What a request asks for at an endpoint: on v1 and, where it stands there, on the adfs form by
 * `resource`, which means `.default` and everything of a sign-in. On v1 a sign-in may name no
 * resource, and is then about the person alone. The scopes of a sign-in are Microsoft Graph's.
 */
export function readPermissions(
  endpoint: 'v1' | 'v2' | 'adfs',
  asked: { readonly scope?: string | undefined; readonly resource?: string | undefined },
): RequestedPermissions | Fault {
  const { scope, resource } = asked;
  if (endpoint === 'v2') return resource === undefined ? readScope(scope) : resourceNotSupported();
  if (endpoint === 'adfs' && resource === undefined) return readScope(scope);
  const signIn = ['openid', 'profile', 'email', 'offline_access'];
  if (resource === undefined || resource === '') {
    if (!asksOpenId(scope ?? '')) return missingParameter('resource');
    const nothing = { resource: graphAppId, prefix: '', named: [], isDefault: false };
    return endpoint === 'v1' ? { ...nothing, signIn, isForUserInfo: true } : { ...nothing, signIn };
  }
  return { signIn, resource, prefix: '', named: [], isDefault: true };
}
