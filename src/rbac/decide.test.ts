import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import fc from 'fast-check';
import type { AccessRequest } from '#http/operation.ts';
import type { Instant } from '#kernel/instant.ts';
import { patternCovers } from './action-pattern.ts';
import { decide, type PolicyAssignment, policyOf } from './decide.ts';
import { builtInRoles, type PermissionSet, type RoleDefinition } from './role-definition.ts';
import { resourceScope } from './scope.ts';

const account = '/subscriptions/s/resourceGroups/rg1/providers/Microsoft.Batch/batchAccounts/a';

function roleNamed(roleName: string): RoleDefinition {
  const found = builtInRoles.find((role) => role.roleName === roleName);
  assert.ok(found, `${roleName} is built in`);
  return found;
}

function customRole(...sets: readonly Partial<PermissionSet>[]): RoleDefinition {
  const none = { actions: [], notActions: [], dataActions: [], notDataActions: [] };
  return {
    id: 'custom',
    roleName: 'Custom',
    roleType: 'CustomRole',
    description: '',
    assignableScopes: ['/subscriptions/s'],
    permissionSets: sets.map((set) => ({ ...none, ...set })),
    createdAt: 0 as Instant,
    updatedAt: 0 as Instant,
  };
}

function given(
  role: RoleDefinition,
  scope = '/subscriptions/s',
  principalId = 'me',
): PolicyAssignment {
  return { assignmentId: `${role.id}@${scope}`, principalId, scope: resourceScope(scope), role };
}

function control(action: string, scope = account): AccessRequest {
  return { action, plane: 'control', scope };
}

function data(action: string, scope = account): AccessRequest {
  return { action, plane: 'data', scope };
}

function isAllowed(assignments: readonly PolicyAssignment[], request: AccessRequest): boolean {
  return decide(policyOf(assignments), ['me', 'my-group'], request).allowed;
}

interface Vectors {
  readonly vectors: readonly {
    readonly role: string;
    readonly action: string;
    readonly isDataAction: boolean;
    readonly allowed: boolean;
    readonly basis: string;
  }[];
}

const vectorsPath = join(import.meta.dirname, '..', '..', 'test', 'vectors', 'rbac.json');
const { vectors } = JSON.parse(readFileSync(vectorsPath, 'utf8')) as Vectors;

test('the documented matrix of roles and actions holds', () => {
  assert.ok(vectors.length > 80);
  for (const { role, action, isDataAction, allowed, basis } of vectors) {
    const request = isDataAction ? data(action) : control(action);
    const found = isAllowed([given(roleNamed(role))], request);
    assert.equal(found, allowed, `${role}: ${action} (${basis})`);
  }
});

const rules: readonly {
  readonly name: string;
  readonly assignments: readonly PolicyAssignment[];
  readonly request: AccessRequest;
  readonly allowed: boolean;
}[] = [
  {
    name: 'without any role nothing is granted',
    assignments: [],
    request: control('Microsoft.Batch/batchAccounts/read'),
    allowed: false,
  },
  {
    name: 'actions never grant a data action, not even a bare star',
    assignments: [given(customRole({ actions: ['*'] }))],
    request: data('Microsoft.Batch/batchAccounts/jobs/read'),
    allowed: false,
  },
  {
    name: 'dataActions never grant an action',
    assignments: [given(customRole({ dataActions: ['*'] }))],
    request: control('Microsoft.Batch/batchAccounts/read'),
    allowed: false,
  },
  {
    name: 'notActions take away what their own entry grants',
    assignments: [given(customRole({ actions: ['*'], notActions: ['Microsoft.Batch/*/delete'] }))],
    request: control('Microsoft.Batch/batchAccounts/delete'),
    allowed: false,
  },
  {
    name: 'notActions of one entry leave what another entry grants',
    assignments: [
      given(customRole({ actions: ['*'], notActions: ['*/delete'] }, { actions: ['*/delete'] })),
    ],
    request: control('Microsoft.Batch/batchAccounts/delete'),
    allowed: true,
  },
  {
    name: 'notActions of one role leave what another role grants',
    assignments: [given(roleNamed('Contributor')), given(roleNamed('User Access Administrator'))],
    request: control('Microsoft.Authorization/roleAssignments/write'),
    allowed: true,
  },
  {
    name: 'notDataActions take from data actions only',
    assignments: [
      given(customRole({ actions: ['*'], dataActions: ['*'], notDataActions: ['*/write'] })),
    ],
    request: control('Microsoft.Batch/batchAccounts/write'),
    allowed: true,
  },
  {
    name: 'case of actions and patterns does not count',
    assignments: [
      given(customRole({ actions: ['microsoft.BATCH/batchaccounts/LISTKEYS/action'] })),
    ],
    request: control('Microsoft.Batch/batchAccounts/listKeys/action'),
    allowed: true,
  },
  {
    name: 'case of scopes does not count',
    assignments: [given(roleNamed('Reader'), '/SUBSCRIPTIONS/S/resourcegroups/RG1')],
    request: control('Microsoft.Batch/batchAccounts/read'),
    allowed: true,
  },
  {
    name: 'a role on rg1 says nothing about rg10',
    assignments: [given(roleNamed('Owner'), '/subscriptions/s/resourceGroups/rg1')],
    request: control('Microsoft.Batch/batchAccounts/read', account.replace('rg1', 'rg10')),
    allowed: false,
  },
  {
    name: 'a role on a child says nothing about its parent',
    assignments: [given(roleNamed('Owner'), `${account}/pools/p`)],
    request: control('Microsoft.Batch/batchAccounts/read'),
    allowed: false,
  },
  {
    name: 'a role at the root reaches every resource',
    assignments: [given(roleNamed('Reader'), '/')],
    request: control('Microsoft.Batch/batchAccounts/read'),
    allowed: true,
  },
  {
    name: 'a role of a group that the caller is in counts',
    assignments: [given(roleNamed('Reader'), '/subscriptions/s', 'my-group')],
    request: control('Microsoft.Batch/batchAccounts/read'),
    allowed: true,
  },
  {
    name: "another principal's role does not count",
    assignments: [given(roleNamed('Owner'), '/subscriptions/s', 'someone-else')],
    request: control('Microsoft.Batch/batchAccounts/read'),
    allowed: false,
  },
  {
    name: 'an umbrella that is granted grants the request',
    assignments: [given(roleNamed('Owner'))],
    request: {
      ...data('Microsoft.Batch/batchAccounts/jobs/write'),
      umbrellas: [{ action: 'Microsoft.Batch/batchAccounts/listKeys/action', plane: 'control' }],
    },
    allowed: true,
  },
  {
    name: 'an umbrella that is not granted grants nothing',
    assignments: [given(roleNamed('Reader'))],
    request: {
      ...data('Microsoft.Batch/batchAccounts/jobs/write'),
      umbrellas: [{ action: 'Microsoft.Batch/batchAccounts/listKeys/action', plane: 'control' }],
    },
    allowed: false,
  },
];

for (const { name, assignments, request, allowed } of rules) {
  test(name, () => assert.equal(isAllowed(assignments, request), allowed));
}

test('a grant names the assignment and the pattern it came from', () => {
  const assignment = given(roleNamed('Reader'));
  const decision = decide(
    policyOf([assignment]),
    ['me'],
    control('Microsoft.Batch/batchAccounts/read'),
  );
  assert.ok(decision.allowed);
  assert.equal(decision.grant.assignment, assignment);
  assert.equal(decision.grant.pattern, '*/read');
  assert.equal(decision.grant.isUmbrella, false);
});

test('a denial names the missing action and what every assignment said', () => {
  const contributor = given(roleNamed('Contributor'));
  const reader = given(roleNamed('Reader'), '/');
  const request = control('Microsoft.Authorization/roleAssignments/write');
  const decision = decide(policyOf([reader, contributor]), ['me'], request);
  assert.ok(!decision.allowed);
  assert.deepEqual(decision.missing, { action: request.action, plane: 'control' });
  assert.deepEqual(
    decision.considered.map(({ assignment, outcome }) => [assignment.role.roleName, outcome]),
    [
      ['Contributor', 'excluded'],
      ['Reader', 'silent'],
    ],
  );
});

const patterns: readonly (readonly [string, string, boolean])[] = [
  ['*', 'Microsoft.Batch/batchAccounts/read', true],
  ['Microsoft.Batch/*/read', 'Microsoft.Batch/batchAccounts/read', true],
  ['Microsoft.Batch/*/read', 'Microsoft.Batch/batchAccounts/applications/versions/read', true],
  ['Microsoft.Batch/*/read', 'Microsoft.Batch/read', true],
  ['Microsoft.Batch/*/read', 'Microsoft.Batches/x/read', false],
  ['Microsoft.Batch/*', 'Microsoft.Batch', false],
  [
    'Microsoft.Batch/batchAccounts/jobs/*',
    'Microsoft.Batch/batchAccounts/jobSchedules/read',
    false,
  ],
  ['*/read', 'Microsoft.Batch/batchAccounts/write', false],
  ['a/*b', 'a/b', true],
  ['ab*ba', 'aba', false],
];

for (const [pattern, action, expected] of patterns) {
  test(`${pattern} ${expected ? 'covers' : 'does not cover'} ${action}`, () => {
    assert.equal(patternCovers(pattern, action), expected);
  });
}

/**
 * The rule in other words: try every way to fill the star with characters, and none of its segment.
 */
function oracle(pattern: string, action: string): boolean {
  const wanted = pattern.toLowerCase();
  const given = action.toLowerCase();
  const star = wanted.indexOf('*');
  if (star < 0) return wanted === given;
  const fill = (text: string): string => wanted.slice(0, star) + text + wanted.slice(star + 1);
  for (let from = 0; from <= given.length; from++) {
    for (let to = from; to <= given.length; to++) {
      if (fill(given.slice(from, to)) === given) return true;
    }
  }
  const alone = wanted[star - 1] === '/' && wanted[star + 1] === '/';
  return alone && wanted.slice(0, star) + wanted.slice(star + 2) === given;
}

test('the matcher agrees with a naive one on any pattern and action', () => {
  const segment = fc.constantFrom('a', 'B', 'ab', 'read', 'Jobs');
  const path = fc.array(segment, { minLength: 1, maxLength: 4 }).map((parts) => parts.join('/'));
  const pattern = fc
    .tuple(path, fc.nat({ max: 12 }), fc.nat({ max: 3 }))
    .map(([text, at, drop]) => `${text.slice(0, at)}*${text.slice(at + drop)}`);
  fc.assert(
    fc.property(fc.oneof(pattern, path), path, (one, other) => {
      assert.equal(patternCovers(one, other), oracle(one, other));
    }),
    { numRuns: 2000, seed: 20_261_120 },
  );
});
