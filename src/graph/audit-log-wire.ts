import {
  findServicePrincipal,
  findServicePrincipalByAppId,
} from '#directory/service-principal.store.ts';
import { findUser } from '#directory/user.store.ts';
import { isGuid } from '#kernel/ids.ts';
import { isoOf } from '#kernel/instant.ts';
import { isJsonObject, type Json, type JsonObject } from '#kernel/json.ts';
import type { RecordedEvent } from '#record/record.ts';
import type { ReadTransaction } from '#store/store.ts';
import { directoryObject } from './directory-object-wire.ts';
import { objectKeyOf } from './odata-key.ts';

/**
 * A sign-in as Graph shows it. What Batten knows nothing of is absent: places, devices, risks.
 * Source: https://learn.microsoft.com/graph/api/resources/signin
 */
export async function signInJson(
  tx: ReadTransaction,
  tenantId: string,
  event: RecordedEvent,
): Promise<JsonObject> {
  const { facts } = event;
  const appId = textOf(facts['client_id']);
  const user = await userOf(tx, tenantId, event);
  const application =
    appId === '' ? undefined : await findServicePrincipalByAppId(tx, tenantId, appId);
  const resourceId = textOf(facts['resourceAppId']);
  const resource =
    resourceId === '' ? undefined : await findServicePrincipalByAppId(tx, tenantId, resourceId);
  const isInteractive = facts['isInteractive'] === true;
  return {
    id: event.id,
    createdDateTime: isoOf(event.at),
    userDisplayName: user?.displayName ?? null,
    userPrincipalName: user?.name ?? null,
    userId: user?.id ?? null,
    appId,
    appDisplayName: application?.displayName ?? null,
    ipAddress: facts['ipAddress'] ?? null,
    clientAppUsed: isInteractive ? 'Browser' : 'Mobile Apps and Desktop clients',
    correlationId: facts['correlationId'] ?? event.id,
    conditionalAccessStatus: 'notApplied',
    isInteractive,
    resourceDisplayName: resource?.displayName ?? null,
    resourceId: resourceId === '' ? null : resourceId,
    ...(user === undefined
      ? {
          servicePrincipalId: application?.objectId ?? null,
          servicePrincipalName: application?.displayName ?? null,
        }
      : {}),
    status: {
      errorCode: errorNumberOf(event.code),
      failureReason: event.code === '' ? null : (facts['message'] ?? null),
      additionalDetails: null,
    },
  };
}

/**
 * The same in beta, which also says of what type a sign-in is, and by which clients ask for those without a person.
 * Source: https://learn.microsoft.com/graph/api/signin-list (beta, signInEventTypes)
 */
export async function betaSignInJson(
  tx: ReadTransaction,
  tenantId: string,
  event: RecordedEvent,
): Promise<JsonObject> {
  const json = await signInJson(tx, tenantId, event);
  const ofUser = json['isInteractive'] === true ? 'interactiveUser' : 'nonInteractiveUser';
  const isOfUser = json['userPrincipalName'] !== null;
  return { ...json, signInEventTypes: [isOfUser ? ofUser : 'servicePrincipal'] };
}

/**
 * A change to the directory as Graph shows it.
 * Source: https://learn.microsoft.com/graph/api/resources/directoryaudit
 */
export async function directoryAuditJson(
  tx: ReadTransaction,
  tenantId: string,
  event: RecordedEvent,
): Promise<JsonObject> {
  const { facts } = event;
  const isDone = event.code === '';
  return {
    id: event.id,
    category: facts['category'] ?? null,
    correlationId: event.id,
    result: isDone ? 'success' : 'failure',
    resultReason: event.code,
    activityDisplayName: facts['activity'] ?? null,
    activityDateTime: isoOf(event.at),
    loggedByService: 'Core Directory',
    operationType: facts['operationType'] ?? null,
    initiatedBy: await initiatorOf(tx, tenantId, event),
    targetResources: [await targetOf(tx, tenantId, event)],
    additionalDetails: [],
  };
}

interface KnownUser {
  readonly id: string | null;
  readonly name: string;
  readonly displayName: string | null;
}

/** The person of a sign-in, as far as she was known; undefined when an application signed in alone. */
async function userOf(
  tx: ReadTransaction,
  tenantId: string,
  { principalId, facts }: RecordedEvent,
): Promise<KnownUser | undefined> {
  const named = textOf(facts['userPrincipalName'] ?? facts['username']);
  const key = named === '' ? textOf(principalId) : named;
  const found = key === '' ? undefined : await findUser(tx, tenantId, key);
  if (found !== undefined) {
    const { objectId, userPrincipalName, displayName } = found;
    return { id: objectId, name: userPrincipalName, displayName };
  }
  return named === '' ? undefined : { id: null, name: named, displayName: null };
}

/** `AADSTS50126` is 50126; nothing is 0. */
function errorNumberOf(code: string): number {
  const digits = /\d+/.exec(code)?.[0];
  return digits === undefined ? 0 : Number(digits);
}

async function initiatorOf(
  tx: ReadTransaction,
  tenantId: string,
  { principalId, facts }: RecordedEvent,
): Promise<JsonObject> {
  if (facts['principalType'] === 'User') {
    const user = await findUser(tx, tenantId, textOf(principalId));
    return {
      user: {
        id: textOf(principalId),
        displayName: user?.displayName ?? null,
        userPrincipalName: user?.userPrincipalName ?? facts['principalName'] ?? null,
        ipAddress: facts['ipAddress'] ?? null,
      },
      app: null,
    };
  }
  const principal = await findServicePrincipal(tx, tenantId, textOf(principalId));
  return {
    user: null,
    app: {
      appId: facts['appId'] ?? null,
      displayName: principal?.displayName ?? null,
      servicePrincipalId: textOf(principalId),
      servicePrincipalName: null,
    },
  };
}

/** The object that was changed, with the name that it has now; what is gone is named by the key that the request had. */
async function targetOf(
  tx: ReadTransaction,
  tenantId: string,
  { facts }: RecordedEvent,
): Promise<JsonObject> {
  const target: JsonObject = isJsonObject(facts['target']) ? facts['target'] : {};
  const { value } = objectKeyOf(textOf(target['key']));
  const found = isGuid(value) ? await directoryObject(tx, tenantId, value) : undefined;
  return {
    id: isGuid(value) ? value : null,
    displayName: target['displayName'] ?? found?.json['displayName'] ?? null,
    type: target['type'] ?? null,
    ...(target['type'] === 'User' && !isGuid(value) ? { userPrincipalName: value } : {}),
    modifiedProperties: [],
  };
}

function textOf(value: Json | undefined): string {
  return typeof value === 'string' ? value : '';
}
