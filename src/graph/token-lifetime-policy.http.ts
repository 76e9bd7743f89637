import { Type } from 'typebox';
import { findApplication } from '#directory/application.store.ts';
import type { Caller } from '#directory/caller.ts';
import { findServicePrincipal } from '#directory/service-principal.store.ts';
import {
  addTokenLifetimePolicy,
  assignTokenLifetimePolicy,
  findTokenLifetimePolicy,
  listTokenLifetimePolicies,
  objectIdsWithPolicy,
  policyAssignedTo,
  removeTokenLifetimePolicy,
  unassignTokenLifetimePolicy,
  updateTokenLifetimePolicy,
} from '#directory/token-lifetime-policy.store.ts';
import {
  readLifetimeDefinition,
  type TokenLifetimePolicy,
} from '#directory/token-lifetime-policy.ts';
import type { Operation } from '#http/operation.ts';
import { type Fault, isFault } from '#kernel/fault.ts';
import type { JsonObject } from '#kernel/json.ts';
import type { ReadTransaction } from '#store/store.ts';
import { applicationAt } from './application.http.ts';
import { applicationJson } from './application-wire.ts';
import { mixedObjects } from './directory-object.http.ts';
import { invalidValue, missingValue, resourceNotFound } from './faults.ts';
import { entityReply, type Listed, listOptions, listReply } from './listing.ts';
import { may } from './permission.ts';
import { invalidDefinition, policyAlreadyAssigned, secondDefaultPolicy } from './policy.faults.ts';
import { referenceBody, referencedId } from './reference.ts';
import { contextOf, created, noContent } from './reply.ts';
import { type GraphRoom, operation } from './room.ts';
import { servicePrincipalAt } from './service-principal.http.ts';
import { servicePrincipalJson } from './service-principal-wire.ts';

const listed: Listed = {
  type: 'policies/tokenLifetimePolicies',
  resource: 'TokenLifetimePolicy',
  filterable: ['id', 'displayName', 'isOrganizationDefault'],
};

const collection = '/{graphVersion}/policies/tokenLifetimePolicies';
const one = `${collection}/{policyKey}` as const;
const actions = 'microsoft.directory/policies';
const page = (name: string) => `https://learn.microsoft.com/graph/api/${name}`;

const text = Type.String({ maxLength: 256 });
const definition = Type.Array(Type.String({ maxLength: 4_096 }), { maxItems: 10 });
const closed = { additionalProperties: false } as const;
const policyBody = Type.Object(
  {
    '@odata.type': Type.Optional(Type.Literal('#microsoft.graph.tokenLifetimePolicy')),
    displayName: Type.Optional(text),
    definition: Type.Optional(definition),
    isOrganizationDefault: Type.Optional(Type.Boolean()),
  },
  closed,
);

const list = operation({
  id: 'policies_ListTokenLifetimePolicy',
  method: 'GET',
  path: collection,
  permission: may(`${actions}/standard/read`),
  query: listOptions,
  reply: { 200: 'json' },
  source: page('tokenlifetimepolicy-list'),
  handler: async (call, { store }) => {
    const { tenantId } = call.caller;
    const policies = await store.read((tx) => listTokenLifetimePolicies(tx, tenantId));
    return listReply(call, listed, policies.map(policyJson));
  },
});

const get = operation({
  id: 'policies_GetTokenLifetimePolicy',
  method: 'GET',
  path: one,
  permission: may(`${actions}/standard/read`),
  query: ['$select'],
  reply: { 200: 'json' },
  source: page('tokenlifetimepolicy-get'),
  handler: async (call, { store }) => {
    const { policyKey } = call.params;
    const policy = await store.read((tx) => policyAt(tx, call.caller.tenantId, policyKey));
    return isFault(policy) ? policy : entityReply(call, listed, policyJson(policy));
  },
});

const create = operation({
  id: 'policies_CreateTokenLifetimePolicy',
  method: 'POST',
  path: collection,
  permission: may(`${actions}/create`),
  body: policyBody,
  reply: { 201: 'json' },
  source: page('tokenlifetimepolicy-post-tokenlifetimepolicies'),
  handler: async ({ caller, body, request, version }, { store, random }) => {
    const { displayName, definition: asked } = body;
    if (displayName === undefined) return missingValue('displayName', listed.resource);
    if (asked === undefined) return missingValue('definition', listed.resource);
    const policy: TokenLifetimePolicy = {
      tenantId: caller.tenantId,
      policyId: random.guid(),
      displayName,
      definition: asked,
      isOrganizationDefault: body.isOrganizationDefault ?? false,
    };
    const refused = refusalOf(policy);
    if (refused !== undefined) return refused;
    if (!(await store.write((tx) => addTokenLifetimePolicy(tx, policy)))) {
      return secondDefaultPolicy();
    }
    const context = contextOf(request, version, `${listed.type}/$entity`);
    const place = `${caller.tenantId}/${listed.type}/${policy.policyId}`;
    return created(request, context, place, policyJson(policy));
  },
});

const update = operation({
  id: 'policies_UpdateTokenLifetimePolicy',
  method: 'PATCH',
  path: one,
  permission: may(`${actions}/basic/update`),
  body: policyBody,
  reply: { 204: 'empty' },
  source: page('tokenlifetimepolicy-update'),
  handler: async ({ caller, body, params }, { store }) => {
    const refused = await store.write(async (tx) => {
      const policy = await policyAt(tx, caller.tenantId, params.policyKey);
      if (isFault(policy)) return policy;
      const changed = {
        ...policy,
        displayName: body.displayName ?? policy.displayName,
        definition: body.definition ?? policy.definition,
        isOrganizationDefault: body.isOrganizationDefault ?? policy.isOrganizationDefault,
      };
      const refusal = refusalOf(changed);
      if (refusal !== undefined) return refusal;
      return (await updateTokenLifetimePolicy(tx, changed)) ? undefined : secondDefaultPolicy();
    });
    return refused ?? noContent;
  },
});

const remove = operation({
  id: 'policies_DeleteTokenLifetimePolicy',
  method: 'DELETE',
  path: one,
  permission: may(`${actions}/delete`),
  reply: { 204: 'empty' },
  source: page('tokenlifetimepolicy-delete'),
  handler: async ({ caller, params }, { store }) => {
    const { policyKey } = params;
    const removed = await store.write((tx) =>
      removeTokenLifetimePolicy(tx, caller.tenantId, policyKey),
    );
    return removed ? noContent : resourceNotFound(policyKey);
  },
});

const appliesTo = operation({
  id: 'policies_ListTokenLifetimePolicyAppliesTo',
  method: 'GET',
  path: `${one}/appliesTo`,
  permission: may(`${actions}/policyAppliedTo/read`),
  query: listOptions,
  reply: { 200: 'json' },
  source: page('tokenlifetimepolicy-list-appliesto'),
  handler: async (call, { store }) => {
    const { tenantId } = call.caller;
    const objects = await store.read(async (tx) => {
      const policy = await policyAt(tx, tenantId, call.params.policyKey);
      if (isFault(policy)) return policy;
      const ids = await objectIdsWithPolicy(tx, tenantId, policy.policyId);
      return Promise.all(ids.map((id) => holderJson(tx, tenantId, id)));
    });
    if (isFault(objects)) return objects;
    return listReply(
      call,
      mixedObjects,
      objects.filter((json) => json !== undefined),
    );
  },
});

/** What can have a policy, and how the path finds it. */
const holders = {
  applications: { key: 'applicationKey', find: applicationAt, page: 'application' },
  servicePrincipals: {
    key: 'servicePrincipalKey',
    find: servicePrincipalAt,
    page: 'serviceprincipal',
  },
} as const;

function listFor(kind: keyof typeof holders): Operation<Caller, GraphRoom> {
  const { key, find, page: noun } = holders[kind];
  return operation({
    id: `${kind}_ListTokenLifetimePolicies`,
    method: 'GET',
    path: `/{graphVersion}/${kind}/{${key}}/tokenLifetimePolicies`,
    permission: may(`microsoft.directory/${kind}/policies/read`),
    query: listOptions,
    reply: { 200: 'json' },
    source: page(`${noun}-list-tokenlifetimepolicies`),
    handler: async (call, { store }) => {
      const { tenantId } = call.caller;
      const policies = await store.read(async (tx) => {
        const object = await find(tx, tenantId, call.params[key] ?? '');
        if (isFault(object)) return object;
        const policy = await policyAssignedTo(tx, tenantId, object.objectId);
        return policy === undefined ? [] : [policyJson(policy)];
      });
      return isFault(policies) ? policies : listReply(call, listed, policies);
    },
  });
}

function assignFor(kind: keyof typeof holders): Operation<Caller, GraphRoom> {
  const { key, find, page: noun } = holders[kind];
  return operation({
    id: `${kind}_tokenLifetimePolicies_CreateRef`,
    method: 'POST',
    path: `/{graphVersion}/${kind}/{${key}}/tokenLifetimePolicies/$ref`,
    permission: may(`microsoft.directory/${kind}/policies/update`),
    body: referenceBody,
    reply: { 204: 'empty' },
    source: page(`${noun}-post-tokenlifetimepolicies`),
    handler: async ({ caller, body, params }, { store }) => {
      const { tenantId } = caller;
      const policyId = referencedId(body['@odata.id']);
      if (policyId === undefined) return invalidValue('@odata.id', listed.resource);
      const refused = await store.write(async (tx) => {
        const object = await find(tx, tenantId, params[key] ?? '');
        if (isFault(object)) return object;
        const policy = await policyAt(tx, tenantId, policyId);
        if (isFault(policy)) return policy;
        const isNew = await assignTokenLifetimePolicy(tx, tenantId, object.objectId, policyId);
        return isNew ? undefined : policyAlreadyAssigned();
      });
      return refused ?? noContent;
    },
  });
}

function unassignFor(kind: keyof typeof holders): Operation<Caller, GraphRoom> {
  const { key, find, page: noun } = holders[kind];
  return operation({
    id: `${kind}_tokenLifetimePolicies_DeleteRef`,
    method: 'DELETE',
    path: `/{graphVersion}/${kind}/{${key}}/tokenLifetimePolicies/{policyKey}/$ref`,
    permission: may(`microsoft.directory/${kind}/policies/update`),
    reply: { 204: 'empty' },
    source: page(`${noun}-delete-tokenlifetimepolicies`),
    handler: async ({ caller, params }, { store }) => {
      const { tenantId } = caller;
      const policyId = params['policyKey'] ?? '';
      const refused = await store.write(async (tx) => {
        const object = await find(tx, tenantId, params[key] ?? '');
        if (isFault(object)) return object;
        const ended = await unassignTokenLifetimePolicy(tx, tenantId, object.objectId, policyId);
        return ended ? undefined : resourceNotFound(policyId);
      });
      return refused ?? noContent;
    },
  });
}

/** Operations of /policies/tokenLifetimePolicies, and of what has such a policy. */
export const tokenLifetimePolicyOperations: readonly Operation<Caller, GraphRoom>[] = [
  list,
  get,
  create,
  update,
  remove,
  appliesTo,
  listFor('applications'),
  assignFor('applications'),
  unassignFor('applications'),
  listFor('servicePrincipals'),
  assignFor('servicePrincipals'),
  unassignFor('servicePrincipals'),
];

async function policyAt(
  tx: ReadTransaction,
  tenantId: string,
  key: string,
): Promise<TokenLifetimePolicy | Fault> {
  return (await findTokenLifetimePolicy(tx, tenantId, key)) ?? resourceNotFound(key);
}

function refusalOf({ definition: asked, displayName }: TokenLifetimePolicy): Fault | undefined {
  if (displayName.trim() === '') return invalidValue('displayName', listed.resource);
  return readLifetimeDefinition(asked) === undefined ? invalidDefinition() : undefined;
}

/** An application or a service principal; one that was deleted meanwhile is not shown. */
async function holderJson(
  tx: ReadTransaction,
  tenantId: string,
  objectId: string,
): Promise<JsonObject | undefined> {
  const application = await findApplication(tx, tenantId, objectId);
  if (application !== undefined) {
    const json = applicationJson(application, undefined);
    return { '@odata.type': '#microsoft.graph.application', ...json };
  }
  const principal = await findServicePrincipal(tx, tenantId, objectId);
  if (principal === undefined) return undefined;
  const json = servicePrincipalJson(principal);
  return { '@odata.type': '#microsoft.graph.servicePrincipal', ...json };
}

function policyJson(policy: TokenLifetimePolicy): JsonObject {
  return {
    id: policy.policyId,
    deletedDateTime: null,
    definition: policy.definition,
    displayName: policy.displayName,
    isOrganizationDefault: policy.isOrganizationDefault,
  };
}
