import { Type } from 'typebox';
import type { Caller } from '#directory/caller.ts';
import {
  addKey,
  type CredentialHolder,
  type KeyCredential,
  listKeys,
  removeKey,
} from '#directory/credential.store.ts';
import type { Operation } from '#http/operation.ts';
import type { HttpRequest } from '#http/request.ts';
import { type Fault, isFault } from '#kernel/fault.ts';
import type { ReadTransaction } from '#store/store.ts';
import { keyCredentialBody, vacant } from './application-body.ts';
import { keyJson } from './application-wire.ts';
import { objectTooLarge } from './credential.faults.ts';
import { type CredentialCollection, holderAt, singularOf } from './credential.http.ts';
import { credentialsMax, keyFault } from './credential.ts';
import { noKeyCredential, notProven } from './faults.ts';
import { newKey } from './key-credential.ts';
import { may } from './permission.ts';
import { isProven, proofCharactersMax } from './proof.ts';
import { actionResult, contextOf, noContent } from './reply.ts';
import { type GraphRoom, operation } from './room.ts';

const closed = { additionalProperties: false } as const;
const proof = Type.String({ maxLength: proofCharactersMax });

const addKeyBody = Type.Object(
  { keyCredential: keyCredentialBody, passwordCredential: Type.Optional(vacant), proof },
  closed,
);

const removeKeyBody = Type.Object({ keyId: Type.String(), proof }, closed);

function addFor(collection: CredentialCollection): Operation<Caller, GraphRoom> {
  const singular = singularOf(collection);
  return operation({
    id: `${collection}_addKey`,
    method: 'POST',
    path: `/{graphVersion}/${collection}/{${singular}Key}/addKey`,
    permission: may(`microsoft.directory/${collection}/credentials/roll`),
    body: addKeyBody,
    reply: { 200: 'json' },
    source: `https://learn.microsoft.com/graph/api/${singular.toLowerCase()}-addkey`,
    handler: async ({ caller, body, params, request, version }, room) => {
      const key = newKey(body.keyCredential, room.random);
      if ('problem' in key) return keyFault(key);
      const refused = await room.store.write(async (tx) => {
        const holder = await holderAt(tx, collection, caller, params[`${singular}Key`] ?? '');
        if (isFault(holder)) return holder;
        const keys = await provenKeys(tx, holder, body.proof, request);
        if (isFault(keys)) return keys;
        if (keys.length >= credentialsMax) return objectTooLarge();
        await addKey(tx, { ...holder, ...key });
        return undefined;
      });
      if (refused !== undefined) return refused;
      const context = contextOf(request, version, 'microsoft.graph.keyCredential');
      return actionResult(request, context, keyJson(key));
    },
  });
}

function removeFor(collection: CredentialCollection): Operation<Caller, GraphRoom> {
  const singular = singularOf(collection);
  return operation({
    id: `${collection}_removeKey`,
    method: 'POST',
    path: `/{graphVersion}/${collection}/{${singular}Key}/removeKey`,
    permission: may(`microsoft.directory/${collection}/credentials/roll`),
    body: removeKeyBody,
    reply: { 204: 'empty' },
    source: `https://learn.microsoft.com/graph/api/${singular.toLowerCase()}-removekey`,
    handler: async ({ caller, body, params, request }, { store }) => {
      const refused = await store.write(async (tx) => {
        const holder = await holderAt(tx, collection, caller, params[`${singular}Key`] ?? '');
        if (isFault(holder)) return holder;
        const keys = await provenKeys(tx, holder, body.proof, request);
        if (isFault(keys)) return keys;
        const removed = await removeKey(tx, holder, body.keyId);
        return removed ? undefined : noKeyCredential(body.keyId);
      });
      return refused ?? noContent;
    },
  });
}

/** addKey and removeKey: whoever holds one of the keys may roll them, an application its own with any token, and nobody else. */
export const keyOperations: readonly Operation<Caller, GraphRoom>[] = [
  addFor('applications'),
  removeFor('applications'),
  addFor('servicePrincipals'),
  removeFor('servicePrincipals'),
];

/** The certificates of an object, when the proof is signed with one of them. */
async function provenKeys(
  tx: ReadTransaction,
  holder: CredentialHolder,
  text: string,
  request: HttpRequest,
): Promise<readonly KeyCredential[] | Fault> {
  const keys = await listKeys(tx, holder);
  const times = { civil: request.receivedAt, real: request.receivedReal };
  return isProven(text, { issuer: holder.appObjectId, keys, ...times }) ? keys : notProven();
}
