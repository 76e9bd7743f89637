import { findApplication } from '#directory/application.store.ts';
import type { Caller } from '#directory/caller.ts';
import { findServicePrincipal } from '#directory/service-principal.store.ts';
import {
  assignTokenLifetimePolicy,
  objectIdsWithPolicy,
  policyAssignedTo,
  unassignTokenLifetimePolicy,
} from '#directory/token-lifetime-policy.store.ts';
import type { Operation } from '#http/operation.ts';
import { isFault } from '#kernel/fault.ts';
import type { JsonObject } from '#kernel/json.ts';
import type { ReadTransaction } from '#store/store.ts';
import { applicationAt } from './application-registration.ts';
import { applicationJson } from './application-wire.ts';
import { invalidValue, resourceNotFound } from './faults.ts';
import { listOptions, listReply } from './listing.ts';
import { mixedObjects } from './mixed-list.ts';
import { may } from './permission.ts';
import { policyAlreadyAssigned } from './policy.faults.ts';
import { referenceBody, referencedId } from './reference.ts';
import { noContent } from './reply.ts';
import { type GraphRoom, operation } from './room.ts';
import { servicePrincipalAt } from './service-principal-registration.ts';
import { servicePrincipalJson } from './service-principal-wire.ts';
import { listedPolicies, policyAt, policyJson } from './token-lifetime-policy.http.ts';

const page = (name: string) => `https://learn.microsoft.com/graph/api/${name}`;

const appliesTo = operation({
  id: 'policies_ListTokenLifetimePolicyAppliesTo',
  method: 'GET',
  path: '/{graphVersion}/policies/tokenLifetimePolicies/{policyKey}/appliesTo',
  permission: may('microsoft.directory/policies/policyAppliedTo/read'),
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
      return isFault(policies) ? policies : listReply(call, listedPolicies, policies);
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
      if (policyId === undefined) return invalidValue('@odata.id', listedPolicies.resource);
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

/** Who has a token lifetime policy, and giving it to an application or a service principal. */
export const policyHolderOperations: readonly Operation<Caller, GraphRoom>[] = [
  appliesTo,
  listFor('applications'),
  assignFor('applications'),
  unassignFor('applications'),
  listFor('servicePrincipals'),
  assignFor('servicePrincipals'),
  unassignFor('servicePrincipals'),
];

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
