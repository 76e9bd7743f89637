import { Type } from 'typebox';
import type { Caller } from '#directory/caller.ts';
import {
  addTokenLifetimePolicy,
  findTokenLifetimePolicy,
  listTokenLifetimePolicies,
  removeTokenLifetimePolicy,
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
import { invalidValue, missingValue, resourceNotFound } from './faults.ts';
import { entityReply, type Listed, listOptions, listReply } from './listing.ts';
import { may } from './permission.ts';
import { invalidDefinition, secondDefaultPolicy } from './policy.faults.ts';
import { contextOf, created, noContent } from './reply.ts';
import { type GraphRoom, operation } from './room.ts';

/** How lists of policies answer. */
export const listedPolicies: Listed = {
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
    return listReply(call, listedPolicies, policies.map(policyJson));
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
    return isFault(policy) ? policy : entityReply(call, listedPolicies, policyJson(policy));
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
    if (displayName === undefined) return missingValue('displayName', listedPolicies.resource);
    if (asked === undefined) return missingValue('definition', listedPolicies.resource);
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
    const context = contextOf(request, version, `${listedPolicies.type}/$entity`);
    const place = `${caller.tenantId}/${listedPolicies.type}/${policy.policyId}`;
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

/** Operations of /policies/tokenLifetimePolicies. Who has such a policy is told in `policy-holder.http.ts`. */
export const tokenLifetimePolicyOperations: readonly Operation<Caller, GraphRoom>[] = [
  list,
  get,
  create,
  update,
  remove,
];

/** The policy that a path names, or why there is none. */
export async function policyAt(
  tx: ReadTransaction,
  tenantId: string,
  key: string,
): Promise<TokenLifetimePolicy | Fault> {
  return (await findTokenLifetimePolicy(tx, tenantId, key)) ?? resourceNotFound(key);
}

function refusalOf({ definition: asked, displayName }: TokenLifetimePolicy): Fault | undefined {
  if (displayName.trim() === '') return invalidValue('displayName', listedPolicies.resource);
  return readLifetimeDefinition(asked) === undefined ? invalidDefinition() : undefined;
}

/** A policy as Graph shows it. */
export function policyJson(policy: TokenLifetimePolicy): JsonObject {
  return {
    id: policy.policyId,
    deletedDateTime: null,
    definition: policy.definition,
    displayName: policy.displayName,
    isOrganizationDefault: policy.isOrganizationDefault,
  };
}
