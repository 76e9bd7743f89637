import { Type } from 'typebox';
import { findApplication } from '#directory/application.store.ts';
import type { Caller } from '#directory/caller.ts';
import {
  addPassword,
  type CredentialHolder,
  listKeys,
  listPasswords,
  removePassword,
} from '#directory/credential.store.ts';
import { newSecretText } from '#directory/secret.ts';
import type { Operation } from '#http/operation.ts';
import { type Fault, isFault } from '#kernel/fault.ts';
import type { ReadTransaction } from '#store/store.ts';
import { passwordCredentialBody } from './application-body.ts';
import { applicationAt } from './application-registration.ts';
import { passwordJson } from './application-wire.ts';
import { objectTooLarge, tooManySecrets } from './credential.faults.ts';
import { credentialsMax, secretsMax, validityOf } from './credential.ts';
import { invalidKeyDates, noPasswordCredential } from './faults.ts';
import { may } from './permission.ts';
import { actionResult, contextOf, noContent } from './reply.ts';
import { type GraphRoom, operation } from './room.ts';
import { writableAt } from './service-principal-registration.ts';

/** What az and the SDKs send; only name and times are theirs to choose. */
const newPasswordBody = Type.Object(
  { passwordCredential: Type.Optional(passwordCredentialBody) },
  { additionalProperties: false },
);

const keyIdBody = Type.Object({ keyId: Type.String() }, { additionalProperties: false });

/** What holds credentials. */
export type CredentialCollection = 'applications' | 'servicePrincipals';

/** The object of the caller's tenant that a path names, as a holder of credentials. */
export async function holderAt(
  tx: ReadTransaction,
  collection: CredentialCollection,
  caller: Caller,
  key: string,
): Promise<CredentialHolder | Fault> {
  const find = collection === 'applications' ? applicationAt : writableAt;
  const found = await find(tx, caller.tenantId, key);
  return isFault(found) ? found : { tenantId: caller.tenantId, appObjectId: found.objectId };
}

/** `applications` is made of `application`: ids, parameters and pages name the singular. */
export function singularOf(collection: CredentialCollection): string {
  return collection.slice(0, -1);
}

function addFor(collection: CredentialCollection): Operation<Caller, GraphRoom> {
  const singular = singularOf(collection);
  return operation({
    id: `${collection}_${singular}_addPassword`,
    method: 'POST',
    path: `/{graphVersion}/${collection}/{${singular}Key}/addPassword`,
    permission: may(`microsoft.directory/${collection}/credentials/update`),
    body: newPasswordBody,
    reply: { 200: 'json' },
    source: `https://learn.microsoft.com/graph/api/${singular.toLowerCase()}-addpassword`,
    handler: async ({ caller, body, params, request, version }, room) => {
      const asked = body.passwordCredential ?? {};
      const times = { start: asked.startDateTime ?? null, end: asked.endDateTime ?? null };
      const validity = validityOf(times, room.clock.civil());
      if (validity === undefined) return invalidKeyDates();
      const secretText = newSecretText(room.random);
      const keyId = room.random.guid();
      const named = asked.displayName ? { displayName: asked.displayName } : {};
      const stored = await room.store.write(async (tx) => {
        const holder = await holderAt(tx, collection, caller, params[`${singular}Key`] ?? '');
        if (isFault(holder)) return holder;
        const application = await findApplication(tx, holder.tenantId, holder.appObjectId);
        const max = secretsMax(application?.signInAudience);
        const count = (await listPasswords(tx, holder)).length;
        if (max !== undefined && count >= max) return tooManySecrets(max);
        if (count + (await listKeys(tx, holder)).length >= credentialsMax) return objectTooLarge();
        // Recorded: nobody is shown the beginning of a service principal's secret.
        const hasHint = collection === 'applications';
        const password = { ...holder, keyId, ...named, ...validity, hasHint };
        return addPassword(tx, password, secretText);
      });
      if (isFault(stored)) return stored;
      const context = contextOf(request, version, 'microsoft.graph.passwordCredential');
      return actionResult(request, context, passwordJson(stored, secretText));
    },
  });
}

function removeFor(collection: CredentialCollection): Operation<Caller, GraphRoom> {
  const singular = singularOf(collection);
  return operation({
    id: `${collection}_${singular}_removePassword`,
    method: 'POST',
    path: `/{graphVersion}/${collection}/{${singular}Key}/removePassword`,
    permission: may(`microsoft.directory/${collection}/credentials/update`),
    body: keyIdBody,
    reply: { 204: 'empty' },
    source: `https://learn.microsoft.com/graph/api/${singular.toLowerCase()}-removepassword`,
    handler: async ({ caller, body, params }, { store }) => {
      const refused = await store.write(async (tx) => {
        const holder = await holderAt(tx, collection, caller, params[`${singular}Key`] ?? '');
        if (isFault(holder)) return holder;
        const removed = await removePassword(tx, holder, body.keyId);
        return removed ? undefined : noPasswordCredential(body.keyId);
      });
      return refused ?? noContent;
    },
  });
}

/** addPassword and removePassword of applications and service principals. */
export const credentialOperations: readonly Operation<Caller, GraphRoom>[] = [
  addFor('applications'),
  removeFor('applications'),
  addFor('servicePrincipals'),
  removeFor('servicePrincipals'),
];
