import {
  addApplication,
  findApplication,
  findApplicationByUniqueName,
  isNameConflict,
  type NameConflict,
  updateApplication,
} from '#directory/application.store.ts';
import { type Application, applicationOf } from '#directory/application.ts';
import type { Caller } from '#directory/caller.ts';
import { addOwner } from '#directory/owner.store.ts';
import { findServicePrincipalByAppId, holderOfName } from '#directory/service-principal.store.ts';
import { findTenant } from '#directory/tenant.store.ts';
import { tenantSettingsOf } from '#directory/tenant-settings.store.ts';
import { type Fault, isFault } from '#kernel/fault.ts';
import { sameName } from '#kernel/ids.ts';
import { isoOf } from '#kernel/instant.ts';
import type { JsonObject } from '#kernel/json.ts';
import type { ReadTransaction, WriteTransaction } from '#store/store.ts';
import {
  duplicateValues,
  hostNameNotVerified,
  identifierUriEndsWithSlash,
  needsTokenVersionTwo,
  permissionStillEnabled,
  tooManyValues,
} from './application.faults.ts';
import type { ApplicationChangeBody, NewApplicationBody } from './application-body.ts';
import { changedApplication } from './application-change.ts';
import { type ChangeProblem, problemOfChange } from './application-rules.ts';
import { applicationJson } from './application-wire.ts';
import { credentialsOf, setCredentials } from './credential.ts';
import { invalidValue, resourceNotFound, sameValueExists } from './faults.ts';
import { objectKeyOf } from './odata-key.ts';
import { bindOwners } from './owner-binding.ts';
import { createsAsOwner } from './permission.ts';
import { ownersBind } from './reference.ts';
import type { GraphRoom } from './room.ts';

const personalAudience = 'AzureADandPersonalMicrosoftAccount';

/**
 * Registers an application and shows it, with the uniqueName under which it may be found. Who was let to as an owner becomes one. A
 * fault leaves it to the caller to undo what was stored.
 */
export async function registerApplication(
  tx: WriteTransaction,
  room: GraphRoom,
  caller: Caller,
  body: NewApplicationBody,
  uniqueName?: string,
): Promise<JsonObject | Fault> {
  const { tenantId } = caller;
  const basis = applicationOf({
    tenantId,
    objectId: room.random.guid(),
    appId: room.random.guid(),
    displayName: body.displayName,
    createdAt: room.clock.civil(),
    // Recorded: who lets personal accounts in gets the form of token that they need without asking.
    ...(body.signInAudience === personalAudience ? { requestedAccessTokenVersion: 2 } : {}),
    ...(uniqueName === undefined ? {} : { profile: { uniqueName } }),
  });
  const stored = await storeApplication(tx, room, undefined, basis, body);
  if (isFault(stored)) return stored;
  if (createsAsOwner(caller, 'microsoft.directory/applications/create')) {
    await addOwner(tx, tenantId, stored.objectId, caller.objectId);
  }
  const unowned = await bindOwners(tx, stored, body[ownersBind]);
  if (unowned !== undefined) return unowned;
  const holder = { tenantId, appObjectId: stored.objectId };
  const domain = await publisherDomainOf(tx, tenantId);
  const shown = applicationJson(stored, domain, await credentialsOf(tx, holder));
  // Recorded: only this answer has the creation time with its fraction.
  return { ...shown, createdDateTime: isoOf(stored.createdAt) };
}

/** Checks a new or changed application and stores it with its certificates. A fault stores nothing. */
export async function storeApplication(
  tx: WriteTransaction,
  room: GraphRoom,
  before: Application | undefined,
  basis: Application,
  body: ApplicationChangeBody,
): Promise<Application | Fault> {
  const { tenantId, objectId } = basis;
  const after = changedApplication(basis, body);
  const problem = problemOfChange(before, after, {
    domains: (await findTenant(tx, tenantId))?.domains ?? [],
    isClassic: (await tenantSettingsOf(tx, tenantId)).hasClassicRedirectUris,
  });
  if (problem !== undefined) return changeFault(problem);
  if (await takesNameOfOther(tx, before, after)) return sameValueExists('identifierUris');
  const outcome = await (before === undefined ? addApplication : updateApplication)(tx, after);
  if (isNameConflict(outcome)) return sameValueExists(propertyOf(outcome));
  const holder = { tenantId, appObjectId: objectId };
  return (await setCredentials(tx, holder, body, room.random)) ?? outcome;
}

/**
 * Whether a new identifier URI is already the name of another application's service principal, which the tenant then means by it.
 * UNVERIFIED: that Graph says here what it says of two registrations; such a change would settle it.
 */
async function takesNameOfOther(
  tx: ReadTransaction,
  before: Application | undefined,
  { tenantId, appId, identifierUris }: Application,
): Promise<boolean> {
  const own = await findServicePrincipalByAppId(tx, tenantId, appId);
  for (const uri of identifierUris.filter((one) => !before?.identifierUris.includes(one))) {
    const holder = await holderOfName(tx, tenantId, uri);
    if (holder !== undefined && holder !== own?.objectId) return true;
  }
  return false;
}

/** The property that a conflict is about, as an application has it. */
export function propertyOf({ conflict }: NameConflict): string {
  return conflict === 'identifierUri' ? 'identifierUris' : conflict;
}

function changeFault(problem: ChangeProblem): Fault {
  switch (problem.problem) {
    case 'value':
      return invalidValue(problem.property, 'Application');
    case 'unverifiedDomain':
      return hostNameNotVerified(problem.value);
    case 'endsWithSlash':
      return identifierUriEndsWithSlash(problem.value);
    case 'duplicate':
      return duplicateValues(problem.property);
    case 'tooMany':
      return tooManyValues(problem.property, problem.max);
    case 'enabledPermission':
      return permissionStillEnabled();
    case 'tokenVersion':
      return needsTokenVersionTwo();
  }
}

/** The default domain of a tenant, which its applications show as their publisher. */
export async function publisherDomainOf(
  tx: ReadTransaction,
  tenantId: string,
): Promise<string | undefined> {
  return (await findTenant(tx, tenantId))?.domains[0];
}

/**
 * The application that a path names: by object id, as `appId='...'` or as `uniqueName='...'`. An appId alone names nothing, as in
 * Graph.
 */
export async function applicationAt(
  tx: ReadTransaction,
  tenantId: string,
  segment: string,
): Promise<Application | Fault> {
  const key = objectKeyOf(segment);
  if (key.by === 'uniqueName') {
    return (
      (await findApplicationByUniqueName(tx, tenantId, key.value)) ?? resourceNotFound(key.value)
    );
  }
  const property = key.by === 'id' ? 'objectId' : 'appId';
  const found = await findApplication(tx, tenantId, key.value);
  const fits = found !== undefined && sameName(found[property], key.value);
  return fits ? found : resourceNotFound(key.value);
}
