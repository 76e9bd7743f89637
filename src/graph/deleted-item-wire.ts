import type { DeletedObject, Restorable } from '#directory/deleted-object.store.ts';
import type { JsonObject } from '#kernel/json.ts';
import { applicationJson, wholeSeconds } from './application-wire.ts';
import { groupJson, userJson } from './directory-object-wire.ts';
import { servicePrincipalJson } from './service-principal-wire.ts';

/** An object as Graph shows one of its kind; credentials are not shown with what is deleted. */
export function restorableJson(restorable: Restorable, domain: string | undefined): JsonObject {
  switch (restorable.kind) {
    case 'application':
      return applicationJson(restorable.object, domain);
    case 'group':
      return groupJson(restorable.object);
    case 'servicePrincipal':
      return servicePrincipalJson(restorable.object);
    case 'user':
      return userJson(restorable.object);
  }
}

/**
 * A deleted object says when it was deleted, and a user's name is kept free for others by her id before it.
 * UNVERIFIED: the form of that name; a recorded list of deleted users would settle it.
 */
export function deletedJson(deleted: DeletedObject, domain: string | undefined): JsonObject {
  const { id, ...shown } = restorableJson(deleted, domain);
  const json = { id, ...shown, deletedDateTime: wholeSeconds(deleted.deletedAt) };
  if (deleted.kind !== 'user') return json;
  const { objectId, userPrincipalName } = deleted.object;
  return { ...json, userPrincipalName: `${objectId.replaceAll('-', '')}${userPrincipalName}` };
}

/** What a list of one kind need not say: the type of an object. */
export function typed({ kind }: Restorable, json: JsonObject): JsonObject {
  return { '@odata.type': `#microsoft.graph.${kind}`, ...json };
}
