import { Type } from 'typebox';
import type { Caller } from '#directory/caller.ts';
import { addPassword, removePassword } from '#directory/credential.store.ts';
import { newSecretText } from '#directory/secret.ts';
import type { Operation } from '#http/operation.ts';
import { type Fault, isFault } from '#kernel/fault.ts';
import type { ReadTransaction } from '#store/store.ts';
import { applicationAt } from './application.http.ts';
import { passwordJson } from './application-wire.ts';
import { validityOf } from './credential.ts';
import { invalidKeyDates, noPasswordCredential } from './faults.ts';
import { may } from './permission.ts';
import { actionResult, contextOf, noContent } from './reply.ts';
import { type GraphRoom, operation } from './room.ts';
import { servicePrincipalAt } from './service-principal.http.ts';

const text = Type.Union([Type.String({ maxLength: 4_096 }), Type.Null()]);

/** What az and the SDKs send; only name and times are theirs to choose. */
const newPasswordBody = Type.Object(
  {
    passwordCredential: Type.Optional(
      Type.Object(
        {
          '@odata.type': Type.Optional(Type.String()),
          customKeyIdentifier: Type.Optional(Type.Null()),
          displayName: Type.Optional(text),
          startDateTime: Type.Optional(text),
          endDateTime: Type.Optional(text),
          hint: Type.Optional(text),
          keyId: Type.Optional(text),
          secretText: Type.Optional(Type.Null()),
        },
        { additionalProperties: false },
      ),
    ),
  },
  { additionalProperties: false },
);

const keyIdBody = Type.Object({ keyId: Type.String() }, { additionalProperties: false });

/** Who may hold credentials, and how the path finds it. */
const holders = {
  applications: applicationAt,
  servicePrincipals: servicePrincipalAt,
} satisfies Record<
  string,
  (tx: ReadTransaction, tenantId: string, key: string) => Promise<{ objectId: string } | Fault>
>;

function operationsFor(
  collection: keyof typeof holders,
  singular: string,
): readonly Operation<Caller, GraphRoom>[] {
  const holderAt = holders[collection];
  const permission = may(`microsoft.directory/${collection}/credentials/update`);
  const add = operation({
    id: `${collection}_${singular}_addPassword`,
    method: 'POST',
    path: `/{graphVersion}/${collection}/{${singular}Key}/addPassword`,
    permission,
    body: newPasswordBody,
    reply: { 200: 'json' },
    source: `https://learn.microsoft.com/graph/api/${singular.toLowerCase()}-addpassword`,
    handler: async ({ caller, body, params, request, version }, room) => {
      const { tenantId } = caller;
      const asked = body.passwordCredential ?? {};
      const validity = validityOf(
        { start: asked.startDateTime ?? null, end: asked.endDateTime ?? null },
        room.clock.civil(),
      );
      if (validity === undefined) return invalidKeyDates();
      const secretText = newSecretText(room.random);
      const keyId = room.random.guid();
      const stored = await room.store.write(async (tx) => {
        const holder = await holderAt(tx, tenantId, params[`${singular}Key`] ?? '');
        if (isFault(holder)) return holder;
        const named = asked.displayName ? { displayName: asked.displayName } : {};
        const place = { tenantId, appObjectId: holder.objectId };
        return addPassword(tx, { ...place, keyId, ...named, ...validity }, secretText);
      });
      if (isFault(stored)) return stored;
      const context = contextOf(request, version, 'microsoft.graph.passwordCredential');
      return actionResult(request, context, passwordJson(stored, secretText));
    },
  });
  const remove = operation({
    id: `${collection}_${singular}_removePassword`,
    method: 'POST',
    path: `/{graphVersion}/${collection}/{${singular}Key}/removePassword`,
    permission,
    body: keyIdBody,
    reply: { 204: 'empty' },
    source: `https://learn.microsoft.com/graph/api/${singular.toLowerCase()}-removepassword`,
    handler: async ({ caller, body, params }, { store }) => {
      const { tenantId } = caller;
      const refused = await store.write(async (tx) => {
        const holder = await holderAt(tx, tenantId, params[`${singular}Key`] ?? '');
        if (isFault(holder)) return holder;
        const place = { tenantId, appObjectId: holder.objectId };
        const removed = await removePassword(tx, place, body.keyId);
        return removed ? undefined : noPasswordCredential(body.keyId);
      });
      return refused ?? noContent;
    },
  });
  return [add, remove];
}

/** addPassword and removePassword of applications and service principals. */
export const credentialOperations: readonly Operation<Caller, GraphRoom>[] = [
  ...operationsFor('applications', 'application'),
  ...operationsFor('servicePrincipals', 'servicePrincipal'),
];
