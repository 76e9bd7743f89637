import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { fault } from '#kernel/fault.ts';
import { instantOfSeconds } from '#kernel/instant.ts';
import { guidOfText } from '#kernel/random.ts';
import { SqliteStore } from '#store/sqlite.ts';
import { decide } from './decide.ts';
import { rbacMigrations } from './migrations.ts';
import { openPolicies, type Policies } from './policy.ts';
import {
  addRoleAssignment,
  countRoleAssignments,
  deleteRoleAssignment,
  deleteRoleAssignmentsAt,
  listRoleAssignments,
} from './role-assignment.store.ts';
import type { RoleAssignment } from './role-assignment.ts';
import { deleteRoleDefinition, putRoleDefinition } from './role-definition.store.ts';
import { resourceScope } from './scope.ts';

const at = instantOfSeconds(1_800_000_000);
const reader = 'acdd72a7-3385-48ef-bd42-f606fba81ae7';

function assignment(name: string, more: Partial<RoleAssignment> = {}): RoleAssignment {
  return {
    id: guidOfText(name),
    scope: '/subscriptions/S/resourceGroups/rg1',
    principalId: guidOfText('someone'),
    principalType: 'ServicePrincipal',
    roleDefinitionId: reader,
    createdAt: at,
    updatedAt: at,
    ...more,
  };
}

async function world(body: (store: SqliteStore, policies: Policies) => Promise<void>) {
  const folder = await mkdtemp(join(tmpdir(), 'batten-rbac-'));
  const store = new SqliteStore(join(folder, 'batten.db'), rbacMigrations);
  try {
    await body(store, openPolicies({ store }));
  } finally {
    await store.close();
    await rm(folder, { recursive: true });
  }
}

async function mayRead(policies: Policies, tenantId = 't1'): Promise<boolean> {
  const policy = await policies.policyFor(tenantId);
  const scope = '/subscriptions/s/resourceGroups/rg1/providers/Microsoft.Batch/batchAccounts/a';
  const request = {
    action: 'Microsoft.Batch/batchAccounts/read',
    plane: 'control',
    scope,
  } as const;
  return decide(policy, [guidOfText('someone')], request).allowed;
}

test('the next policy contains an assignment that was added, and no longer one that was removed', async () => {
  await world(async (store, policies) => {
    assert.equal(await mayRead(policies), false);
    await store.write((tx) => addRoleAssignment(tx, 't1', assignment('one')));
    assert.equal(await mayRead(policies), true);
    assert.equal(await mayRead(policies, 't2'), false);
    await store.write((tx) => deleteRoleAssignment(tx, 't1', guidOfText('one').toUpperCase()));
    assert.equal(await mayRead(policies), false);
  });
});

test('a policy stays the same object until something changes, also when a change was rolled back', async () => {
  await world(async (store, policies) => {
    const before = await policies.policyFor('t1');
    await store.write(async (tx) => {
      await addRoleAssignment(tx, 't1', assignment('one'));
      return fault(409, 'Conflict', 'no');
    });
    assert.equal(await policies.policyFor('t1'), before);
    await store.write((tx) => addRoleAssignment(tx, 't1', assignment('one')));
    assert.notEqual(await policies.policyFor('t1'), before);
  });
});

test('a custom role that changes or vanishes takes its grants along', async () => {
  const role = {
    id: guidOfText('role'),
    roleName: 'Account reader',
    roleType: 'CustomRole',
    description: '',
    assignableScopes: ['/subscriptions/S'],
    permissionSets: [
      {
        actions: ['Microsoft.Batch/batchAccounts/read'],
        notActions: [],
        dataActions: [],
        notDataActions: [],
      },
    ],
    createdAt: at,
    updatedAt: at,
  } as const;
  await world(async (store, policies) => {
    await store.write(async (tx) => {
      await putRoleDefinition(tx, 't1', role);
      await addRoleAssignment(tx, 't1', assignment('one', { roleDefinitionId: role.id }));
    });
    assert.equal(await mayRead(policies), true);
    await store.write((tx) => putRoleDefinition(tx, 't1', { ...role, permissionSets: [] }));
    assert.equal(await mayRead(policies), false);
    await store.write((tx) => putRoleDefinition(tx, 't1', role));
    assert.equal(await mayRead(policies), true);
    await store.write((tx) => deleteRoleDefinition(tx, 't1', role.id));
    assert.equal(await mayRead(policies), false);
  });
});

test('removing what stands at a scope removes what stands below it, and leaves its neighbours', async () => {
  await world(async (store) => {
    const scopes = ['', '/providers/Microsoft.Batch/batchAccounts/a', '0', '-2'];
    await store.write(async (tx) => {
      for (const tail of scopes) {
        const scope = `/subscriptions/S/resourceGroups/RG1${tail}`;
        await addRoleAssignment(tx, 't1', assignment(tail, { scope }));
      }
    });
    const group = resourceScope('/subscriptions/s/resourcegroups/rg1');
    const subscription = resourceScope('/subscriptions/s');
    assert.equal(await store.read((tx) => countRoleAssignments(tx, 't1', group)), 2);
    assert.equal(await store.read((tx) => countRoleAssignments(tx, 't1', subscription)), 4);
    assert.equal(await store.read((tx) => countRoleAssignments(tx, 't1', resourceScope('/'))), 4);
    await store.write((tx) => deleteRoleAssignmentsAt(tx, 't1', group));
    const left = await store.read((tx) => listRoleAssignments(tx, 't1'));
    assert.deepEqual(left.map(({ scope }) => scope).toSorted(), [
      '/subscriptions/S/resourceGroups/RG1-2',
      '/subscriptions/S/resourceGroups/RG10',
    ]);
  });
});
