import { findApplicationByAppId } from '#directory/application.store.ts';
import type { Caller } from '#directory/caller.ts';
import { addOwner } from '#directory/owner.store.ts';
import {
  addServicePrincipal,
  findServicePrincipal,
  findServicePrincipalByAppId,
  type ServicePrincipal,
  servicePrincipalOf,
  updateServicePrincipal,
} from '#directory/service-principal.store.ts';
import { type Fault, isFault } from '#kernel/fault.ts';
import { isGuid } from '#kernel/ids.ts';
import type { Json, JsonObject } from '#kernel/json.ts';
import type { ReadTransaction, WriteTransaction } from '#store/store.ts';
import { credentialsOf, setCredentials } from './credential.ts';
import {
  applicationNotUsable,
  requestDenied,
  resourceNotFound,
  servicePrincipalNameInUse,
} from './faults.ts';
import { objectKeyOf } from './odata-key.ts';
import { bindOwners } from './owner-binding.ts';
import { createsAsOwner } from './permission.ts';
import { ownersBind } from './reference.ts';
import type { GraphRoom } from './room.ts';
import {
  type NewServicePrincipalBody,
  type ServicePrincipalChangeBody,
  servicePrincipalProfileNames,
} from './service-principal-body.ts';
import { servicePrincipalJson } from './service-principal-wire.ts';

/** The service principal that a path names: by object id, or as `appId='...'`. */
export async function servicePrincipalAt(
  tx: ReadTransaction,
  tenantId: string,
  segment: string,
): Promise<ServicePrincipal | Fault> {
  const key = objectKeyOf(segment);
  const find = key.by === 'id' ? findServicePrincipal : findServicePrincipalByAppId;
  return (await find(tx, tenantId, key.value)) ?? resourceNotFound(key.value);
}

/**
 * The service principal that a path names, unless it belongs to a managed identity: Azure keeps that one with its resource, and lets not
 * even Global Administrators to it.
 * Source: https://github.com/MicrosoftDocs/azure-docs/issues/77020
 */
export async function writableAt(
  tx: ReadTransaction,
  tenantId: string,
  segment: string,
): Promise<ServicePrincipal | Fault> {
  const found = await servicePrincipalAt(tx, tenantId, segment);
  if (isFault(found) || found.servicePrincipalType !== 'ManagedIdentity') return found;
  return requestDenied('the service principal of a managed identity is changed with its resource');
}

/**
 * Makes the service principal of an application of this tenant, or of one that other tenants may use, and shows it. Who was let to as an
 * owner becomes one. A fault leaves it to the caller to undo what was stored.
 */
export async function registerServicePrincipal(
  tx: WriteTransaction,
  room: GraphRoom,
  caller: Caller,
  body: NewServicePrincipalBody,
  version: string,
): Promise<JsonObject | Fault> {
  const { tenantId } = caller;
  const stored = await createdPrincipal(tx, room, tenantId, body);
  if (isFault(stored)) return stored;
  if (createsAsOwner(caller, 'microsoft.directory/servicePrincipals/create')) {
    await addOwner(tx, tenantId, stored.objectId, caller.objectId);
  }
  const unowned = await bindOwners(tx, stored, body[ownersBind]);
  if (unowned !== undefined) return unowned;
  const holder = { tenantId, appObjectId: stored.objectId };
  return servicePrincipalJson(stored, await credentialsOf(tx, holder), version);
}

/** Stores a changed service principal with its certificates. A fault stores nothing. */
export async function changeServicePrincipal(
  tx: WriteTransaction,
  room: GraphRoom,
  principal: ServicePrincipal,
  body: ServicePrincipalChangeBody,
): Promise<Fault | undefined> {
  await updateServicePrincipal(tx, changedPrincipal(principal, body));
  return setCredentialsOf(tx, room, principal, body);
}

async function createdPrincipal(
  tx: WriteTransaction,
  room: GraphRoom,
  tenantId: string,
  body: NewServicePrincipalBody,
): Promise<ServicePrincipal | Fault> {
  const application = isGuid(body.appId) ? await findApplicationByAppId(tx, body.appId) : undefined;
  const isForeign = application !== undefined && application.tenantId !== tenantId;
  if (application === undefined || (isForeign && application.signInAudience === 'AzureADMyOrg')) {
    return applicationNotUsable(body.appId);
  }
  const place = { tenantId, objectId: room.random.guid(), createdAt: room.clock.civil() };
  const principal = changedPrincipal(servicePrincipalOf(application, place), body);
  const stored = await addServicePrincipal(tx, principal);
  if (stored === undefined) return servicePrincipalNameInUse(application.appId);
  return (await setCredentialsOf(tx, room, stored, body)) ?? stored;
}

async function setCredentialsOf(
  tx: WriteTransaction,
  room: GraphRoom,
  principal: ServicePrincipal,
  body: ServicePrincipalChangeBody,
): Promise<Fault | undefined> {
  const holder = { tenantId: principal.tenantId, appObjectId: principal.objectId };
  return setCredentials(tx, holder, body, room.random);
}

/** The service principal after a change; properties that are not mentioned stay. */
function changedPrincipal(
  principal: ServicePrincipal,
  body: ServicePrincipalChangeBody,
): ServicePrincipal {
  const profile: Record<string, Json | undefined> = { ...principal.profile };
  for (const name of servicePrincipalProfileNames) {
    const value = body[name as keyof ServicePrincipalChangeBody] as Json | undefined;
    if (value !== undefined) profile[name] = value;
  }
  return {
    ...principal,
    accountEnabled: body.accountEnabled ?? principal.accountEnabled,
    appRoleAssignmentRequired:
      body.appRoleAssignmentRequired ?? principal.appRoleAssignmentRequired,
    displayName: body.displayName ?? principal.displayName,
    profile,
  };
}
