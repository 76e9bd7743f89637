import type { Application, AppRole, DelegatedPermission } from '#directory/application.ts';
import type { ServicePrincipal } from '#directory/service-principal.store.ts';
import type { Fault } from '#kernel/fault.ts';
import { fold, sameName } from '#kernel/ids.ts';
import type { RequestedPermissions } from './requested-permissions.ts';
import { isSignInScope } from './requested-resource.ts';
import { notPreauthorized, resourceNotListed, unknownPermission } from './user-tokens.faults.ts';
import { isMicrosofts } from './wanted-claims.ts';

/** Permissions of one resource. */
export interface ResourcePermissions {
  /** Who will have them, where it is not the client itself but an API that names it as known. */
  readonly holder?: ServicePrincipal;
  readonly resource: ServicePrincipal;
  readonly permissions: readonly DelegatedPermission[];
  /** What the application wants for itself, which only an administrator gives. */
  readonly appRoles?: readonly AppRole[];
}

/** What consent is decided on. */
export interface ConsentBasis {
  readonly client: ServicePrincipal;
  readonly resource: ServicePrincipal;
  /** Microsoft Graph, whose permissions the sign-in scopes are. */
  readonly graph: ServicePrincipal | undefined;
  /** Permissions of the resource that the client has for this user, by consent or beforehand. */
  readonly granted: readonly string[];
  /** What was consented to for this user, by the object id of the resource. */
  readonly consented: ReadonlyMap<string, readonly string[]>;
  /** True when the client has anything at all for this user. */
  readonly hasAnyGrant: boolean;
  /** What the registration of the client asks for. */
  readonly required: readonly ResourcePermissions[];
  /** Asks again although everything was granted: `prompt=consent`. */
  readonly isForced?: boolean;
}

/** Whether a client may have what it asks for on behalf of a user. */
export type ConsentDecision =
  | { readonly kind: 'granted'; readonly oauthScopes: readonly string[] }
  | { readonly kind: 'needed'; readonly wanted: readonly ResourcePermissions[] };

/**
 * Decides consent: permissions by name must each be granted; `.default` is content with any, whatever
 * the registration asks for by now, and otherwise wants all of it. Only what is new is asked about, and
 * consent to anything includes the scopes of a sign-in.
 * Sources: https://learn.microsoft.com/entra/identity-platform/scopes-oidc#the-default-scope,
 * https://github.com/MicrosoftDocs/azure-docs/issues/101648
 */
export function decideConsent(
  asked: RequestedPermissions,
  basis: ConsentBasis,
): ConsentDecision | Fault {
  const { client, resource, granted } = basis;
  const named: DelegatedPermission[] = [];
  for (const name of asked.named) {
    const permission = permissionNamed(resource, name);
    if (permission === undefined) {
      return unknownPermission(client.displayName, name, resource.displayName);
    }
    named.push(permission);
  }
  const isListed = basis.required.some((one) => one.resource.appId === resource.appId);
  if (asked.isDefault && granted.length === 0 && !isListed) {
    const listed = basis.required.map((one) => one.resource.appId);
    return resourceNotListed(client, asked.resource, resource.appId, listed);
  }
  const isMissing = ({ value }: DelegatedPermission) =>
    !granted.some((one) => sameName(one, value));
  const isGranted = asked.isDefault ? granted.length > 0 : !named.some(isMissing);
  if (isGranted && basis.hasAnyGrant && basis.isForced !== true) {
    return { kind: 'granted', oauthScopes: tokenScopes(asked, basis) };
  }
  if (basis.isForced !== true && isMicrosofts(client) && isMicrosofts(resource)) {
    return notPreauthorized(client.appId, resource.appId);
  }
  const asks = asked.isDefault ? basis.required : [{ resource, permissions: named }];
  const wanted = withSignIn(asks, asked, basis.graph);
  return { kind: 'needed', wanted: basis.isForced === true ? wanted : onlyNew(wanted, basis) };
}

/** Consent adds up: what was granted before is not asked about again. */
function onlyNew(
  wanted: readonly ResourcePermissions[],
  { consented, resource: asked, granted }: ConsentBasis,
): readonly ResourcePermissions[] {
  const all = wanted.map(({ resource, permissions }) => {
    const before = consented.get(resource.objectId) ?? [];
    const held = resource.appId === asked.appId ? [...before, ...granted] : before;
    const isNew = ({ value }: DelegatedPermission) => !held.some((one) => sameName(one, value));
    return { resource, permissions: permissions.filter(isNew) };
  });
  return all.filter(({ permissions }) => permissions.length > 0);
}

/**
 * What stands in `scp`: all that was granted, and on Graph what was asked for of a sign-in. They are
 * in the order of their names, as in tokens that people pasted in public.
 */
function tokenScopes(asked: RequestedPermissions, basis: ConsentBasis): readonly string[] {
  const { granted, resource, graph } = basis;
  const isGraph = resource.objectId === graph?.objectId;
  const own = isGraph ? granted : granted.filter((one) => !isSignInScope(one));
  const scopes = new Set(isGraph ? [...own, ...asked.signIn] : own);
  scopes.delete('offline_access');
  // A token without `scp` would be an application's own.
  if (scopes.size === 0) return ['openid'];
  return [...scopes].sort((one, other) => (fold(one) < fold(other) ? -1 : 1));
}

/** Adds the sign-in scopes that were asked for, which are permissions of Microsoft Graph. */
export function withSignIn(
  wanted: readonly ResourcePermissions[],
  asked: RequestedPermissions,
  graph: ServicePrincipal | undefined,
): readonly ResourcePermissions[] {
  if (graph === undefined) return wanted;
  const others = wanted.filter((one) => one.resource.objectId !== graph.objectId);
  const own = wanted.find((one) => one.resource.objectId === graph.objectId)?.permissions ?? [];
  const signIn = asked.signIn.flatMap((name) => permissionNamed(graph, name) ?? []);
  const permissions = [...own, ...signIn.filter((one) => !own.some(({ id }) => id === one.id))];
  const all = [...others, { resource: graph, permissions }];
  return all.filter((one) => one.permissions.length > 0);
}

/** The same permissions, each resource once. */
export function joined(wanted: readonly ResourcePermissions[]): readonly ResourcePermissions[] {
  const found = new Map<string, ResourcePermissions>();
  for (const one of wanted) {
    const { appId } = one.resource;
    const before = found.get(appId) ?? { ...one, permissions: [] };
    const isNew = ({ id }: DelegatedPermission) => !before.permissions.some((own) => own.id === id);
    const permissions = [...before.permissions, ...one.permissions.filter(isNew)];
    found.set(appId, { ...before, permissions });
  }
  return [...found.values()];
}

/** The enabled delegated permission of a resource by its value. */
export function permissionNamed(
  resource: ServicePrincipal,
  name: string,
): DelegatedPermission | undefined {
  return resource.oauth2PermissionScopes.find((one) => one.isEnabled && sameName(one.value, name));
}

/** The permissions of a resource that its own registration grants a client without any consent. */
export function preAuthorizedScopes(
  resource: ServicePrincipal,
  registration: Application | undefined,
  clientAppId: string,
): readonly string[] {
  const entry = registration?.preAuthorizedApplications.find((one) =>
    sameName(one.appId, clientAppId),
  );
  const ids = new Set((entry?.delegatedPermissionIds ?? []).map(fold));
  return resource.oauth2PermissionScopes
    .filter((one) => one.isEnabled && ids.has(fold(one.id)))
    .map((one) => one.value);
}
