import type { Cloud } from '#cloud/cloud.ts';
import { type Call, operationsOf, type Reply } from '#http/operation.ts';
import type { Reach } from '#http/request.ts';
import { queryValue } from '#http/target.ts';
import { type Fault, isFault } from '#kernel/fault.ts';
import { isGuid } from '#kernel/ids.ts';
import type { JsonObject } from '#kernel/json.ts';
import { type Anyone, jsonContentType } from './dialect.ts';
import { malformedAppId, unknownTenantMetadata } from './faults.ts';
import { discoverInstance } from './instance.ts';
import { issuerV2 } from './issuer.ts';
import { instanceName, metadataAdfs, metadataV1, metadataV2 } from './metadata.ts';
import { type AuthorityRoom, cloudOf } from './room.ts';
import { findTenancy, issuerName, type Tenancy } from './tenancy.ts';

const operation = operationsOf<Anyone, AuthorityRoom>();

const discoverySource =
  'https://learn.microsoft.com/entra/identity-platform/v2-protocols-oidc#fetch-the-openid-configuration-document';
const keysSource = 'https://learn.microsoft.com/entra/identity-platform/signing-key-rollover';
const document = { permission: 'anonymous', reply: { 200: 'json' } } as const;

const documents = [
  operation({
    ...document,
    id: 'Authority_DiscoverInstance',
    method: 'GET',
    path: '/common/discovery/instance',
    query: ['api-version', 'authorization_endpoint'],
    source: 'https://github.com/AzureAD/microsoft-authentication-library-for-js',
    handler: async ({ request }) => {
      const question = {
        apiVersion: queryValue(request.query, 'api-version') ?? '1.0',
        authorizationEndpoint: queryValue(request.query, 'authorization_endpoint'),
      };
      const answer = discoverInstance(question, request.reach);
      return isFault(answer) ? answer : ok(answer);
    },
  }),
  operation({
    ...document,
    id: 'Authority_GetMetadataV2',
    method: 'GET',
    path: '/{tenant}/v2.0/.well-known/openid-configuration',
    query: ['appid'],
    source: discoverySource,
    handler: (call, room) => describeTenancy(call, room, metadataV2),
  }),
  operation({
    ...document,
    id: 'Authority_GetMetadataV1',
    method: 'GET',
    path: '/{tenant}/.well-known/openid-configuration',
    query: ['appid'],
    source: discoverySource,
    handler: (call, room) => describeTenancy(call, room, metadataV1),
  }),
  operation({
    ...document,
    id: 'Authority_GetKeysV2',
    method: 'GET',
    path: '/{tenant}/discovery/v2.0/keys',
    source: keysSource,
    handler: (call, room) =>
      describeTenancy(call, room, (cloud, reach, tenancy) => ({
        keys: room.keys.jwks(cloud.name).map((key) => ({
          ...key,
          cloud_instance_name: instanceName(cloud),
          issuer: issuerV2(cloud, reach, issuerName(tenancy)),
        })),
      })),
  }),
  operation({
    ...document,
    id: 'Authority_GetKeysV1',
    method: 'GET',
    path: '/{tenant}/discovery/keys',
    source: keysSource,
    handler: (call, room) => describeTenancy(call, room, (cloud) => keyDocument(cloud, room)),
  }),
  operation({
    ...document,
    id: 'Authority_GetMetadataAdfs',
    method: 'GET',
    path: '/adfs/.well-known/openid-configuration',
    source: discoverySource,
    handler: async ({ request }) => ok(metadataAdfs(request.reach)),
  }),
  operation({
    ...document,
    id: 'Authority_GetKeysAdfs',
    method: 'GET',
    path: '/adfs/discovery/keys',
    source: keysSource,
    handler: async ({ request }, room) => {
      await room.keys.refreshed();
      return ok(keyDocument(cloudOf(room.clouds, request.reach), room));
    },
  }),
];

/**
 * A browser may ask first whether it may read them; the answer is in the headers, which every
 * discovery reply carries.
 */
const preflights = documents.map(({ id, path, source }) =>
  operation({
    id: `${id}Preflight`,
    method: 'OPTIONS',
    path,
    permission: 'anonymous',
    reply: { 200: 'empty' },
    source,
    handler: async () => ({ status: 200 }),
  }),
);

/** The documents that clients and resource servers read before anything else. */
export const discoveryOperations = [...documents, ...preflights];

type Describe = (
  cloud: Cloud,
  reach: Reach,
  tenancy: Tenancy,
  appId: string | undefined,
) => JsonObject;

async function describeTenancy(
  call: Call<Anyone, 'tenant'>,
  room: AuthorityRoom,
  describe: Describe,
): Promise<Reply | Fault> {
  const { tenant } = call.params;
  const tenancy = await room.store.read((tx) => findTenancy(tx, tenant));
  if (tenancy === undefined) return unknownTenantMetadata(tenant);
  await room.keys.refreshed();
  const { reach, query } = call.request;
  const appId = queryValue(query, 'appid');
  if (appId !== undefined && !isGuid(appId)) return malformedAppId();
  return ok(describe(cloudOf(room.clouds, reach), reach, tenancy, appId));
}

/** UNVERIFIED: that keys at v1 name the cloud, as those at v2 do; one answer would settle it. */
function keyDocument(cloud: Cloud, room: AuthorityRoom): JsonObject {
  const cloud_instance_name = instanceName(cloud);
  return { keys: room.keys.jwks(cloud.name).map((key) => ({ ...key, cloud_instance_name })) };
}

function ok(json: JsonObject): Reply {
  return { status: 200, contentType: jsonContentType, json };
}
