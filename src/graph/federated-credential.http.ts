import type { Application } from '#directory/application.ts';
import type { Caller } from '#directory/caller.ts';
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
import type { Operation } from '#http/operation.ts';
import { type Fault, isFault } from '#kernel/fault.ts';
import type { ReadTransaction, WriteTransaction } from '#store/store.ts';
import { applicationAt } from './application-registration.ts';
import { missingValue, readOnlyProperty } from './faults.ts';
import {
  federatedCredentialExists,
  federatedCredentialNotFound,
  federatedSubjectExists,
  invalidFederatedProperty,
  tooManyFederatedCredentials,
} from './federated-credential.faults.ts';
import {
  expressionFault,
  federatedChangeBody,
  federatedResource,
  newFederatedBody,
} from './federated-credential-body.ts';
import { federatedCredentialJson } from './federated-credential-wire.ts';
import { entityReply, type Listed, listOptions, listReply } from './listing.ts';
import { may } from './permission.ts';
import { contextOf, created, noContent } from './reply.ts';
import { type GraphRoom, operation } from './room.ts';

const collection = '/{graphVersion}/applications/{applicationKey}/federatedIdentityCredentials';
const reads = may('microsoft.directory/applications/credentials/read');
const updates = may('microsoft.directory/applications/credentials/update');

const list = operation({
  id: 'applications_List_federatedIdentityCredentials',
  method: 'GET',
  path: collection,
  permission: reads,
  query: listOptions,
  reply: { 200: 'json' },
  source: 'https://learn.microsoft.com/graph/api/application-list-federatedidentitycredentials',
  handler: async (call, { store }) => {
    const { tenantId } = call.caller;
    const found = await store.read(async (tx) => {
      const application = await applicationAt(tx, tenantId, call.params.applicationKey);
      if (isFault(application)) return application;
      const credentials = await listFederatedCredentials(tx, holderOf(application));
      return { application, credentials };
    });
    if (isFault(found)) return found;
    return listReply(
      call,
      listedOf(found.application),
      found.credentials.map(federatedCredentialJson),
    );
  },
});

const get = operation({
  id: 'applications_Get_federatedIdentityCredentials',
  method: 'GET',
  path: `${collection}/{credentialKey}`,
  permission: reads,
  query: ['$select'],
  reply: { 200: 'json' },
  source: 'https://learn.microsoft.com/graph/api/federatedidentitycredential-get',
  handler: async (call, { store }) => {
    const { tenantId } = call.caller;
    const found = await store.read((tx) => credentialAt(tx, tenantId, call.params));
    if (isFault(found)) return found;
    return entityReply(
      call,
      listedOf(found.application),
      federatedCredentialJson(found.credential),
    );
  },
});

const create = operation({
  id: 'applications_Create_federatedIdentityCredentials',
  method: 'POST',
  path: collection,
  permission: updates,
  body: newFederatedBody,
  reply: { 201: 'json' },
  source: 'https://learn.microsoft.com/graph/api/application-post-federatedidentitycredentials',
  handler: async ({ caller, body, params, request, version }, room) => {
    const { tenantId } = caller;
    const lacking = expressionFault(body);
    if (lacking !== undefined) return lacking;
    const { subject } = body;
    if (subject === undefined || subject === null)
      return missingValue('subject', federatedResource);
    const credential: FederatedCredential = {
      credentialId: room.random.guid(),
      ...{ name: body.name, issuer: body.issuer, subject },
      audiences: body.audiences,
      ...(body.description ? { description: body.description } : {}),
    };
    const application = await room.store.write(async (tx) => {
      const found = await applicationAt(tx, tenantId, params.applicationKey);
      if (isFault(found)) return found;
      return (await addFault(tx, holderOf(found), credential)) ?? found;
    });
    if (isFault(application)) return application;
    const context = contextOf(request, version, `${listedOf(application).type}/$entity`);
    const place = `${tenantId}/federatedIdentityCredentials/${credential.credentialId}`;
    return created(request, context, place, federatedCredentialJson(credential));
  },
});

const update = operation({
  id: 'applications_Update_federatedIdentityCredentials',
  method: 'PATCH',
  path: `${collection}/{credentialKey}`,
  permission: updates,
  body: federatedChangeBody,
  reply: { 204: 'empty' },
  source: 'https://learn.microsoft.com/graph/api/federatedidentitycredential-update',
  handler: async ({ caller, body, params }, { store }) => {
    const lacking = expressionFault(body);
    if (lacking !== undefined) return lacking;
    const refused = await store.write(async (tx) => {
      const found = await credentialAt(tx, caller.tenantId, params);
      if (isFault(found)) return found;
      const { name, '@odata.type': _, claimsMatchingExpression: __, ...changes } = body;
      if (name !== undefined && name !== found.credential.name) return readOnlyProperty('name');
      const { description: before, ...kept } = found.credential;
      const { description = before, ...changed } = changes;
      const described = description ? { description } : {};
      return updateFault(tx, holderOf(found.application), { ...kept, ...changed, ...described });
    });
    return refused ?? noContent;
  },
});

const remove = operation({
  id: 'applications_Delete_federatedIdentityCredentials',
  method: 'DELETE',
  path: `${collection}/{credentialKey}`,
  permission: updates,
  reply: { 204: 'empty' },
  source: 'https://learn.microsoft.com/graph/api/federatedidentitycredential-delete',
  handler: async ({ caller, params }, { store }) => {
    const refused = await store.write(async (tx) => {
      const found = await credentialAt(tx, caller.tenantId, params);
      if (isFault(found)) return found;
      await removeFederatedCredential(tx, holderOf(found.application), found.credential);
      return undefined;
    });
    return refused ?? noContent;
  },
});

/** Federated credentials of applications. */
export const federatedCredentialOperations: readonly Operation<Caller, GraphRoom>[] = [
  list,
  get,
  create,
  update,
  remove,
];

interface Found {
  readonly application: Application;
  readonly credential: FederatedCredential;
}

/** The credential that a path names: by id, by name, or as `name='...'`. */
async function credentialAt(
  tx: ReadTransaction,
  tenantId: string,
  keys: { readonly applicationKey: string; readonly credentialKey: string },
): Promise<Found | Fault> {
  const application = await applicationAt(tx, tenantId, keys.applicationKey);
  if (isFault(application)) return application;
  const alternate = /^name='(.*)'$/i.exec(keys.credentialKey)?.[1]?.replaceAll("''", "'");
  const idOrName = alternate ?? keys.credentialKey;
  const credential = await findFederatedCredential(tx, holderOf(application), idOrName);
  return credential === undefined
    ? federatedCredentialNotFound(idOrName)
    : { application, credential };
}

async function addFault(
  tx: WriteTransaction,
  holder: CredentialHolder,
  credential: FederatedCredential,
): Promise<Fault | undefined> {
  const refused = valueFault(credential);
  if (refused !== undefined) return refused;
  switch (await addFederatedCredential(tx, holder, credential)) {
    case undefined:
      return undefined;
    case 'sameName':
      return federatedCredentialExists(credential.name);
    case 'sameSubject':
      return federatedSubjectExists(credential.issuer, credential.subject);
    case 'tooMany':
      return tooManyFederatedCredentials(federatedCredentialsMax);
  }
}

async function updateFault(
  tx: WriteTransaction,
  holder: CredentialHolder,
  credential: FederatedCredential,
): Promise<Fault | undefined> {
  const refused = valueFault(credential);
  if (refused !== undefined) return refused;
  const conflict = await updateFederatedCredential(tx, holder, credential);
  if (conflict === undefined) return undefined;
  return federatedSubjectExists(credential.issuer, credential.subject);
}

function valueFault(credential: FederatedCredential): Fault | undefined {
  const property = invalidPropertyOf(credential);
  if (property === undefined) return undefined;
  return invalidFederatedProperty(property, String(credential[property] ?? '').slice(0, 100));
}

function holderOf({ tenantId, objectId }: Application): CredentialHolder {
  return { tenantId, appObjectId: objectId };
}

function listedOf({ objectId }: Application): Listed {
  return {
    type: `applications('${objectId}')/federatedIdentityCredentials`,
    resource: federatedResource,
    filterable: ['name', 'issuer', 'subject'],
  };
}
