import assert from 'node:assert/strict';
import { test } from 'node:test';
import { assignRole } from '#app/tour-identity.ts';
import { guidOfText } from '#kernel/random.ts';
import { type SignedUp, signUp } from '../clients/world.ts';
import { ask, type Question } from './ask.ts';
import {
  customRole,
  job,
  jobsOf,
  makeAccount,
  postJob,
  scopes,
  shut,
  startLockWorld,
  tokenOf,
  versions,
} from './lock-world.ts';

/** What a role does not give is refused, and every list that might have changed reads as before. */

const world = await startLockWorld();
const { batten, arm, graph, accountName, accountId, subscriptionId, sibling, siblingId } = world;
const subscription = `/subscriptions/${subscriptionId}`;
const denied = [403, 'AuthorizationFailure'] as const;
const deniedByArm = [403, 'AuthorizationFailed'] as const;

const pool = {
  id: 'lock-pool',
  vmSize: 'standard_d2s_v3',
  virtualMachineConfiguration: {
    imageReference: {
      publisher: 'canonical',
      offer: '0001-com-ubuntu-server-jammy',
      sku: '22_04-lts',
      version: 'latest',
    },
    nodeAgentSKUId: 'batch.node.ubuntu 22.04',
  },
  targetDedicatedNodes: 0,
};
const poolsOf = (account: string): string => `/batch/${account}/pools?${versions.batch}`;
const autoPool = {
  id: 'lock-auto',
  poolInfo: {
    autoPoolSpecification: { poolLifetimeOption: 'job', pool: { ...pool, id: undefined } },
  },
};

test('a role at rg1 gives nothing at rg10', async () => {
  const neighbour = await signUp(
    world,
    'neighbour',
    'Contributor',
    `${subscription}/resourceGroups/rg1`,
  );
  const token = await tokenOf(neighbour, scopes.arm);
  await shut(world, { target: `${siblingId}?${versions.account}`, token }, ...deniedByArm);
  const keys = { method: 'POST', target: `${siblingId}/listKeys?${versions.account}`, token };
  await shut(world, keys, ...deniedByArm);
  const onBatch = await tokenOf(neighbour, scopes.batch);
  await shut(world, { target: jobsOf(sibling), token: onBatch }, ...denied);
  await shut(world, { target: jobsOf(sibling), token: onBatch, json: job }, ...denied);
});

test('a role at an account gives nothing at an account whose name begins with its name', async () => {
  const longer = `${accountName}2`;
  await makeAccount(world, `${accountId}2`, world.location);
  const owner = await signUp(world, 'short', 'Owner');
  const token = await tokenOf(owner, scopes.batch);
  assert.equal((await ask(batten, { target: jobsOf(accountName), token })).status, 200);
  await shut(world, { target: jobsOf(longer), token, json: job }, ...denied);
});

test('a role with only pool actions posts no job', async () => {
  const permissions = { actions: ['Microsoft.Batch/batchAccounts/pools/*'] };
  const role = await customRole(world, 'Lock Pool Keeper', permissions);
  const token = await tokenOf(await signUp(world, 'keeper', role), scopes.batch);
  assert.equal((await ask(batten, { target: poolsOf(accountName), token })).status, 200);
  await shut(world, postJob(world, token), ...denied);
});

test('actions never stand for data actions: a role with jobs in its actions posts no job', async () => {
  const permissions = { actions: ['Microsoft.Batch/batchAccounts/jobs/*'] };
  const role = await customRole(world, 'Lock Wrong Plane', permissions);
  const planes = await signUp(world, 'planes', role);
  await shut(world, postJob(world, await tokenOf(planes, scopes.batch)), ...denied);
});

test('data actions never stand for actions: a role with every data action reads no account', async () => {
  const permissions = { actions: [], dataActions: ['Microsoft.Batch/*'] };
  const role = await customRole(world, 'Lock Data Only', permissions);
  const data = await signUp(world, 'data', role);
  const target = `${accountId}?${versions.account}`;
  await shut(world, { target, token: await tokenOf(data, scopes.arm) }, ...deniedByArm);
});

test('what one role takes away with notActions, another may still give', async () => {
  const actions = ['Microsoft.Batch/batchAccounts/pools/*'];
  const without = { actions, notActions: ['Microsoft.Batch/batchAccounts/pools/read'] };
  const role = await customRole(world, 'Lock Blind Keeper', without);
  const blind = await signUp(world, 'blind', role);
  const token = await tokenOf(blind, scopes.batch);
  await shut(world, { target: poolsOf(accountName), token }, ...denied);
  await assignRole(arm, accountId, 'Lock Pool Keeper', blind.principalId);
  assert.equal((await ask(batten, { target: poolsOf(accountName), token })).status, 200);
});

test('Owner has no data action and posts a job all the same, since it may list the keys', async () => {
  const owner = await signUp(world, 'owner', 'Owner');
  const token = await tokenOf(owner, scopes.batch);
  const added = await ask(batten, {
    target: jobsOf(accountName),
    token,
    json: { ...job, id: 'owned' },
  });
  assert.equal(added.status, 201, added.body);
});

test('a Job Submitter adds no pool, also not by the pool of a job', async () => {
  const submitter = await signUp(world, 'submitter', 'Azure Batch Job Submitter');
  const token = await tokenOf(submitter, scopes.batch);
  await shut(world, { target: poolsOf(accountName), token, json: pool }, ...denied);
  await shut(world, { target: jobsOf(accountName), token, json: autoPool }, ...denied);
  const plain = { ...job, id: 'submitted' };
  const added = await ask(batten, { target: jobsOf(accountName), token, json: plain });
  assert.equal(added.status, 201, added.body);
});

test('a Reader lists no keys', async () => {
  const reader = await signUp(world, 'reader', 'Reader');
  const target = `${accountId}/listKeys?${versions.account}`;
  const token = await tokenOf(reader, scopes.arm);
  await shut(world, { method: 'POST', target, token }, ...deniedByArm);
});

test('a role that was removed gives nothing, also to a token from before', async () => {
  const leaver = await signUp(world, 'leaver', 'Azure Batch Data Contributor');
  const token = await tokenOf(leaver, scopes.batch);
  assert.equal((await ask(batten, { target: jobsOf(accountName), token })).status, 200);
  const base = `${accountId}/providers/Microsoft.Authorization/roleAssignments`;
  const filter = encodeURIComponent(`principalId eq '${leaver.principalId}'`);
  const { json } = await arm.call('GET', `${base}?${versions.authorization}&$filter=${filter}`);
  const [assignment] = (json as { value: { name: string }[] }).value;
  await arm.call('DELETE', `${base}/${assignment?.name}?${versions.authorization}`);
  await shut(world, postJob(world, token), ...denied);
});

async function roleIdOf(roleName: string): Promise<string> {
  const filter = encodeURIComponent(`roleName eq '${roleName}'`);
  const path = `${subscription}/providers/Microsoft.Authorization/roleDefinitions`;
  const { json } = await arm.call('GET', `${path}?${versions.authorization}&$filter=${filter}`);
  const [definition] = (json as { value: { id: string }[] }).value;
  return definition?.id ?? assert.fail(`there is no role ${roleName}`);
}

/** A role assignment by its parts, as a PUT by its caller. */
async function putAssignment(
  name: string,
  roleName: string,
  principal: Pick<SignedUp, 'principalId'>,
  more: { readonly scope?: string; readonly caller?: Pick<SignedUp, 'credential'> } = {},
): Promise<Question> {
  const { scope = accountId, caller = { credential: world.owner } } = more;
  const token = await tokenOf(caller, scopes.arm);
  const { principalId } = principal;
  const properties = { roleDefinitionId: await roleIdOf(roleName), principalId };
  const target = `${scope}/providers/Microsoft.Authorization/roleAssignments/${name}`;
  const json = { properties };
  return { method: 'PUT', target: `${target}?${versions.authorization}`, token, json };
}

test('a role assignment is identified by its name, and its grant by principal, role and scope', async () => {
  const [one, two] = [await signUp(world, 'one'), await signUp(world, 'two')];
  const name = guidOfText('lock', 'assignment');
  const role = 'Azure Batch Job Submitter';
  const first = await putAssignment(name, role, one);
  assert.equal((await ask(batten, first)).status, 201);
  assert.equal((await ask(batten, first)).status, 201, 'the identical PUT repeated');
  const fixed = [409, 'RoleAssignmentUpdateNotPermitted'] as const;
  await shut(world, await putAssignment(name, role, two), ...fixed);
  await shut(world, await putAssignment(name, 'Reader', one), ...fixed);
  await shut(world, await putAssignment(name, role, one, { scope: siblingId }), ...fixed);
  const another = guidOfText('lock', 'another name');
  await shut(world, await putAssignment(another, role, one), 409, 'RoleAssignmentExists');
});

test('a Contributor assigns no role, and who may assign at an account does not at its group', async () => {
  const contributor = await signUp(world, 'contributor', 'Contributor', subscription);
  const name = guidOfText('lock', 'escalation');
  const own = await putAssignment(name, 'Owner', contributor, { caller: contributor });
  await shut(world, own, ...deniedByArm);
  const administrator = await signUp(world, 'administrator', 'User Access Administrator');
  const scope = `${subscription}/resourceGroups/${world.resourceGroup}`;
  const above = { scope, caller: administrator };
  await shut(world, await putAssignment(name, 'Owner', administrator, above), ...deniedByArm);
});

test('nobody widens the custom role that it holds', async () => {
  const name = 'Lock Job Writer';
  const dataActions = ['Microsoft.Batch/batchAccounts/jobs/*'];
  await customRole(world, name, { actions: ['Microsoft.Authorization/*/read'], dataActions });
  const writer = await signUp(world, 'writer', name, subscription);
  const id = await roleIdOf(name);
  const { json } = await arm.call('GET', `${id}?${versions.authorization}`);
  const { properties } = json as { properties: object };
  const wider = { properties: { ...properties, permissions: [{ actions: ['*'], dataActions }] } };
  const target = `${id}?${versions.authorization}`;
  const token = await tokenOf(writer, scopes.arm);
  await shut(world, { method: 'PUT', target, token, json: wider }, ...deniedByArm);
});

test('an application without rights in the directory registers none and gives itself nothing', async () => {
  const nobody = await signUp(world, 'nobody', 'Owner');
  const token = await tokenOf(nobody, scopes.graph);
  const refused = [403, 'Authorization_RequestDenied'] as const;
  const add = { target: '/v1.0/applications', token, json: { displayName: 'sneaky' } };
  await shut(world, add, ...refused);
  const foreign = `/v1.0/applications/${world.worker.objectId}/addPassword`;
  await shut(world, { target: foreign, token, json: {} }, ...refused);
  const filter = encodeURIComponent("displayName eq 'Microsoft Graph'");
  const { json } = await graph.call('GET', `/v1.0/servicePrincipals?$filter=${filter}`);
  const [resource] = (json as { value: { id: string; appRoles: { id: string }[] }[] }).value;
  const grant = {
    principalId: nobody.principalId,
    resourceId: resource?.id,
    appRoleId: resource?.appRoles[0]?.id,
  };
  const target = `/v1.0/servicePrincipals/${nobody.principalId}/appRoleAssignments`;
  await shut(world, { target, token, json: grant }, ...refused);
});
