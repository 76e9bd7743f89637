import { Type } from 'typebox';
import { armFaults } from '#arm/faults.ts';
import type { CredentialHolder } from '#directory/credential.store.ts';
import {
  addFederatedCredential,
  findFederatedCredential,
  listFederatedCredentials,
  removeFederatedCredential,
  updateFederatedCredential,
} from '#directory/federated-credential.store.ts';
import {
  type FederatedCredential,
  federatedCredentialsMax,
  invalidPropertyOf,
} from '#directory/federated-credential.ts';
import { needs } from '#http/operation.ts';
import { type Fault, isFault } from '#kernel/fault.ts';
import { sameName } from '#kernel/ids.ts';
import type { ReadTransaction, WriteTransaction } from '#store/store.ts';
import { federatedCredentialFaults } from './federated-credential.faults.ts';
import { identityAction, identityOperation, identityPath } from './resource-room.ts';
import { identityAt } from './user-assigned-identity.http.ts';
import {
  identityResourceId,
  identityType,
  type UserAssignedIdentity,
} from './user-assigned-identity.ts';

const from = '2022-01-31-preview';
const credentialType = `${identityType}/federatedIdentityCredentials`;
const collection = `${identityPath}/federatedIdentityCredentials` as const;
const source =
  'https://learn.microsoft.com/rest/api/managedidentity/federated-identity-credentials';

const body = Type.Object({
  properties: Type.Optional(
    Type.Object(
      {
        issuer: Type.Optional(Type.String()),
        subject: Type.Optional(Type.String()),
        audiences: Type.Optional(Type.Array(Type.String(), { maxItems: 20 })),
      },
      { additionalProperties: Type.Unknown() },
    ),
  ),
});

const list = identityOperation({
  id: 'FederatedIdentityCredentials_List',
  method: 'GET',
  path: collection,
  from,
  permission: needs(identityAction('federatedIdentityCredentials/read')),
  query: ['$top', '$skiptoken'],
  reply: { 200: 'json' },
  source,
  handler: async ({ params }, { store }) => {
    const found = await store.read(async (tx) => {
      const identity = await identityAt(tx, params);
      if (isFault(identity)) return identity;
      const credentials = await listFederatedCredentials(tx, holderOf(identity));
      return credentials.map((one) => credentialJson(identity, one));
    });
    // At most twenty, so they are always one page.
    return isFault(found) ? found : { status: 200, json: { value: found } };
  },
});

const get = identityOperation({
  id: 'FederatedIdentityCredentials_Get',
  method: 'GET',
  path: `${collection}/{credentialName}`,
  from,
  permission: needs(identityAction('federatedIdentityCredentials/read')),
  reply: { 200: 'json' },
  source,
  handler: async ({ params }, { store }) => {
    const { credentialName } = params;
    const found = await store.read(async (tx) => {
      const identity = await identityAt(tx, params);
      if (isFault(identity)) return identity;
      const credential = await credentialNamed(tx, identity, credentialName);
      return credential === undefined
        ? credentialNotFound(identity, credentialName)
        : credentialJson(identity, credential);
    });
    return isFault(found) ? found : { status: 200, json: found };
  },
});

/** Answers as recorded: 201 with a relative Location for a new one, 200 for one that was there. */
const put = identityOperation({
  id: 'FederatedIdentityCredentials_CreateOrUpdate',
  method: 'PUT',
  path: `${collection}/{credentialName}`,
  from,
  permission: needs(identityAction('federatedIdentityCredentials/write')),
  body,
  reply: { 200: 'json', 201: 'json' },
  source,
  handler: async ({ params, body }, room) => {
    const { issuer, subject, audiences, ...others } = body.properties ?? {};
    const [lacking] = Object.keys(others);
    if (lacking !== undefined) return armFaults.notImplemented(`properties.${lacking}`);
    if (issuer === undefined || subject === undefined || audiences === undefined) {
      return federatedCredentialFaults.incomplete();
    }
    const credentialId = room.random.guid();
    const wish = { credentialId, name: params.credentialName, issuer, subject, audiences };
    const done = await room.store.write(async (tx) => {
      const identity = await identityAt(tx, params);
      return isFault(identity) ? identity : putCredential(tx, identity, wish);
    });
    if (isFault(done)) return done;
    const { json, isNew } = done;
    return isNew ? { status: 201, headers: { Location: json.id }, json } : { status: 200, json };
  },
});

const remove = identityOperation({
  id: 'FederatedIdentityCredentials_Delete',
  method: 'DELETE',
  path: `${collection}/{credentialName}`,
  from,
  permission: needs(identityAction('federatedIdentityCredentials/delete')),
  reply: { 200: 'empty', 204: 'empty' },
  source,
  handler: async ({ params }, { store }) =>
    store.write(async (tx) => {
      const identity = await identityAt(tx, params);
      if (isFault(identity)) return identity;
      const credential = await credentialNamed(tx, identity, params.credentialName);
      if (credential === undefined) return { status: 204 };
      await removeFederatedCredential(tx, holderOf(identity), credential);
      return { status: 200 };
    }),
});

/** Federated credentials of managed identities. */
export const federatedCredentialOperations = [list, get, put, remove];

async function putCredential(
  tx: WriteTransaction,
  identity: UserAssignedIdentity,
  wish: FederatedCredential,
): Promise<{ readonly isNew: boolean; readonly json: CredentialJson } | Fault> {
  const present = await credentialNamed(tx, identity, wish.name);
  const { credentialId, name } = present ?? wish;
  const credential = { ...wish, credentialId, name };
  const property = invalidPropertyOf(credential);
  if (property === 'name') return federatedCredentialFaults.invalidName(name);
  if (credential.audiences.length !== 1) return federatedCredentialFaults.notOneAudience();
  if (property !== undefined) return federatedCredentialFaults.invalid(property);
  const store = present === undefined ? addFederatedCredential : updateFederatedCredential;
  switch (await store(tx, holderOf(identity), credential)) {
    case undefined:
    // A new name is not there already: it was looked for in this transaction.
    case 'sameName':
      return { isNew: present === undefined, json: credentialJson(identity, credential) };
    case 'sameSubject':
      return federatedCredentialFaults.sameSubject();
    case 'tooMany':
      return federatedCredentialFaults.tooMany(federatedCredentialsMax);
  }
}

async function credentialNamed(
  tx: ReadTransaction,
  identity: UserAssignedIdentity,
  name: string,
): Promise<FederatedCredential | undefined> {
  const found = await findFederatedCredential(tx, holderOf(identity), name);
  return found !== undefined && sameName(found.name, name) ? found : undefined;
}

function credentialNotFound(identity: UserAssignedIdentity, name: string): Fault {
  const path = `${identity.name}/${name}`;
  return armFaults.resourceNotFound(credentialType, path, identity.resourceGroup);
}

function holderOf({ tenantId, principalId }: UserAssignedIdentity): CredentialHolder {
  return { tenantId, appObjectId: principalId };
}

interface CredentialJson {
  readonly id: string;
  readonly name: string;
  readonly type: string;
  readonly properties: object;
}

/** Property order as recorded with 2023-01-31. */
function credentialJson(
  identity: UserAssignedIdentity,
  { name, issuer, subject, audiences }: FederatedCredential,
): CredentialJson {
  return {
    id: `${identityResourceId(identity)}/federatedIdentityCredentials/${name}`,
    name,
    type: credentialType,
    properties: { issuer, subject, audiences },
  };
}
