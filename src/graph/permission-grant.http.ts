import { Type } from 'typebox';
import type { Caller } from '#directory/caller.ts';
import { grantIdOf } from '#directory/guid-bytes.ts';
import {
  addPermissionGrant,
  countPermissionGrants,
  findPermissionGrant,
  type PermissionGrant,
  pageOfPermissionGrants,
  permissionGrantsOf,
  removePermissionGrant,
  updatePermissionGrant,
} from '#directory/permission-grant.store.ts';
import { findServicePrincipal } from '#directory/service-principal.store.ts';
import { findUser } from '#directory/user.store.ts';
import type { Operation } from '#http/operation.ts';
import { type Fault, isFault } from '#kernel/fault.ts';
import { fold, isGuid } from '#kernel/ids.ts';
import type { JsonObject } from '#kernel/json.ts';
import type { ReadTransaction } from '#store/store.ts';
import { type Collection, collectionReply } from './collection.ts';
import { invalidValue, permissionGrantExists, resourceNotFound } from './faults.ts';
import { entityReply, listOptions } from './listing.ts';
import { may } from './permission.ts';
import { contextOf, created, noContent } from './reply.ts';
import { type GraphRoom, operation } from './room.ts';

const grants: Collection<PermissionGrant> = {
  type: 'oauth2PermissionGrants',
  resource: 'OAuth2PermissionGrant',
  filterable: ['id', 'clientId', 'consentType', 'principalId', 'resourceId', 'scope'],
  rows: {
    page: pageOfPermissionGrants,
    find: findPermissionGrant,
    count: countPermissionGrants,
    idOf: (grant) => grant.grantId,
  },
  keys: {
    clientId: async (tx, tenantId, clientId) =>
      (await permissionGrantsOf(tx, tenantId, clientId)).map((grant) => grant.grantId),
  },
  shape: async () => grantJson,
  relations: {},
};

const actions = 'microsoft.directory/oAuth2PermissionGrants';
const closed = { additionalProperties: false } as const;
const oauthScope = Type.Union([Type.String({ maxLength: 3_850 }), Type.Null()]);

const newGrantBody = Type.Object(
  {
    clientId: Type.String(),
    consentType: Type.Union([Type.Literal('AllPrincipals'), Type.Literal('Principal')]),
    principalId: Type.Optional(Type.Union([Type.String(), Type.Null()])),
    resourceId: Type.String(),
    scope: Type.Optional(oauthScope),
  },
  closed,
);

const list = operation({
  id: 'oauth2PermissionGrants_ListOAuth2PermissionGrant',
  method: 'GET',
  path: '/{graphVersion}/oauth2PermissionGrants',
  permission: may(`${actions}/allProperties/read`),
  query: listOptions,
  reply: { 200: 'json' },
  source: 'https://learn.microsoft.com/graph/api/oauth2permissiongrant-list',
  handler: (call, { store }) => collectionReply(call, store, grants),
});

const get = operation({
  id: 'oauth2PermissionGrants_GetOAuth2PermissionGrant',
  method: 'GET',
  path: '/{graphVersion}/oauth2PermissionGrants/{grantKey}',
  permission: may(`${actions}/allProperties/read`),
  query: ['$select'],
  reply: { 200: 'json' },
  source: 'https://learn.microsoft.com/graph/api/oauth2permissiongrant-get',
  handler: async (call, { store }) => {
    const { grantKey } = call.params;
    const { tenantId } = call.caller;
    const found = await store.read((tx) => findPermissionGrant(tx, tenantId, grantKey));
    return found === undefined
      ? resourceNotFound(grantKey)
      : entityReply(call, grants, grantJson(found));
  },
});

const create = operation({
  id: 'oauth2PermissionGrants_CreateOAuth2PermissionGrant',
  method: 'POST',
  path: '/{graphVersion}/oauth2PermissionGrants',
  permission: may(`${actions}/create`),
  body: newGrantBody,
  reply: { 201: 'json' },
  source: 'https://learn.microsoft.com/graph/api/oauth2permissiongrant-post',
  handler: async ({ caller, body, request, version }, { store }) => {
    const { tenantId } = caller;
    const isForOne = body.consentType === 'Principal';
    const principalId = isForOne ? (body.principalId ?? undefined) : undefined;
    if (isForOne && principalId === undefined) return invalidValue('principalId', grants.resource);
    const parties = { clientId: body.clientId, resourceId: body.resourceId, principalId };
    const stored = await store.write(async (tx) => {
      const refused = await missingParty(tx, tenantId, parties);
      if (refused !== undefined) return refused;
      const [clientId, resourceId] = [fold(body.clientId), fold(body.resourceId)];
      const grant: PermissionGrant = {
        tenantId,
        grantId: grantIdOf(clientId, resourceId, principalId),
        clientId,
        resourceId,
        ...(principalId === undefined ? {} : { principalId: fold(principalId) }),
        oauthScopes: oauthScopesOf(body.scope),
      };
      return (await addPermissionGrant(tx, grant)) ? grant : permissionGrantExists();
    });
    if (isFault(stored)) return stored;
    const context = contextOf(request, version, `${grants.type}/$entity`);
    return created(
      request,
      context,
      `${tenantId}/${grants.type}/${stored.grantId}`,
      grantJson(stored),
    );
  },
});

const update = operation({
  id: 'oauth2PermissionGrants_UpdateOAuth2PermissionGrant',
  method: 'PATCH',
  path: '/{graphVersion}/oauth2PermissionGrants/{grantKey}',
  permission: may(`${actions}/basic/update`),
  body: Type.Object({ scope: oauthScope }, closed),
  reply: { 204: 'empty' },
  source: 'https://learn.microsoft.com/graph/api/oauth2permissiongrant-update',
  handler: async ({ caller, body, params }, { store }) => {
    const names = oauthScopesOf(body.scope);
    const changed = await store.write((tx) =>
      updatePermissionGrant(tx, caller.tenantId, params.grantKey, names),
    );
    return changed ? noContent : resourceNotFound(params.grantKey);
  },
});

const remove = operation({
  id: 'oauth2PermissionGrants_DeleteOAuth2PermissionGrant',
  method: 'DELETE',
  path: '/{graphVersion}/oauth2PermissionGrants/{grantKey}',
  permission: may(`${actions}/delete`),
  reply: { 204: 'empty' },
  source: 'https://learn.microsoft.com/graph/api/oauth2permissiongrant-delete',
  handler: async ({ caller, params }, { store }) => {
    const removed = await store.write((tx) =>
      removePermissionGrant(tx, caller.tenantId, params.grantKey),
    );
    return removed ? noContent : resourceNotFound(params.grantKey);
  },
});

/** Operations of /oauth2PermissionGrants: consent that an administrator writes down. */
export const permissionGrantOperations: readonly Operation<Caller, GraphRoom>[] = [
  list,
  get,
  create,
  update,
  remove,
];

interface Parties {
  readonly clientId: string;
  readonly resourceId: string;
  readonly principalId: string | undefined;
}

/** The refusal for the first party that the tenant does not have. */
async function missingParty(
  tx: ReadTransaction,
  tenantId: string,
  { clientId, resourceId, principalId }: Parties,
): Promise<Fault | undefined> {
  for (const id of [clientId, resourceId]) {
    if ((await findServicePrincipal(tx, tenantId, id)) === undefined) return resourceNotFound(id);
  }
  if (principalId === undefined) return undefined;
  const user = isGuid(principalId) ? await findUser(tx, tenantId, principalId) : undefined;
  return user === undefined ? resourceNotFound(principalId) : undefined;
}

function oauthScopesOf(text: string | null | undefined): readonly string[] {
  return [...new Set((text ?? '').split(' ').filter((name) => name !== ''))];
}

/** Recorded: keys in the order of the alphabet. */
function grantJson(grant: PermissionGrant): JsonObject {
  return {
    clientId: grant.clientId,
    consentType: grant.principalId === undefined ? 'AllPrincipals' : 'Principal',
    id: grant.grantId,
    principalId: grant.principalId ?? null,
    resourceId: grant.resourceId,
    scope: grant.oauthScopes.join(' '),
  };
}
