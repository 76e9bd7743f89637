import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Caller } from '#directory/caller.ts';
import { directoryRoleTemplates } from '#directory/directory-role.store.ts';
import { createsAsOwner, decideGraph, type GraphFacts } from './permission.ts';
import { appCaller, userCaller } from './world.test.ts';

const applications = 'microsoft.directory/applications';
const principals = 'microsoft.directory/servicePrincipals';
const users = 'microsoft.directory/users';
const groups = 'microsoft.directory/groups';
const grantsAppRoles = `${principals}/appRoleAssignedTo/update`;

const nobody: GraphFacts = { isSelf: false, isOwner: false };
const owner: GraphFacts = { isSelf: false, isOwner: true };
const self: GraphFacts = { isSelf: true, isOwner: false };

const roles = directoryRoleTemplates;
const holding = (templateId: string, oauthScopes = ['Directory.AccessAsUser.All']): Caller =>
  userCaller({ directoryRoleIds: [templateId], oauthScopes });
const withScopes = (...oauthScopes: readonly string[]): Caller => userCaller({ oauthScopes });

const cases: readonly (readonly [string, Caller, string, GraphFacts, boolean])[] = [
  [
    'an application alone has no right',
    appCaller(),
    `${applications}/standard/read`,
    nobody,
    false,
  ],
  ['nor over what it owns', appCaller(), `${applications}/basic/update`, owner, false],
  ['nor to create', appCaller(), `${applications}/create`, nobody, false],
  [
    'Application.Read.All reads applications',
    appCaller(['Application.Read.All']),
    `${applications}/standard/read`,
    nobody,
    true,
  ],
  [
    'and service principals',
    appCaller(['Application.Read.All']),
    `${principals}/standard/read`,
    nobody,
    true,
  ],
  [
    'and changes none',
    appCaller(['Application.Read.All']),
    `${applications}/basic/update`,
    nobody,
    false,
  ],
  ['nor reads users', appCaller(['Application.Read.All']), `${users}/standard/read`, nobody, false],
  [
    'Directory.Read.All reads everything',
    appCaller(['Directory.Read.All']),
    `${groups}/members/read`,
    nobody,
    true,
  ],
  [
    'and writes nothing',
    appCaller(['Directory.Read.All']),
    `${applications}/create`,
    nobody,
    false,
  ],
  [
    'Application.ReadWrite.All creates',
    appCaller(['Application.ReadWrite.All']),
    `${applications}/create`,
    nobody,
    true,
  ],
  [
    'and makes secrets',
    appCaller(['Application.ReadWrite.All']),
    `${principals}/credentials/update`,
    nobody,
    true,
  ],
  ['and gives no app role', appCaller(['Application.ReadWrite.All']), grantsAppRoles, owner, false],
  [
    'AppRoleAssignment.ReadWrite.All gives app roles',
    appCaller(['AppRoleAssignment.ReadWrite.All']),
    grantsAppRoles,
    nobody,
    true,
  ],
  [
    'OwnedBy creates',
    appCaller(['Application.ReadWrite.OwnedBy']),
    `${applications}/create`,
    nobody,
    true,
  ],
  [
    'OwnedBy changes what it owns',
    appCaller(['Application.ReadWrite.OwnedBy']),
    `${applications}/basic/update`,
    owner,
    true,
  ],
  [
    'and nothing else',
    appCaller(['Application.ReadWrite.OwnedBy']),
    `${applications}/basic/update`,
    nobody,
    false,
  ],
  [
    'nor gives itself app roles',
    appCaller(['Application.ReadWrite.OwnedBy']),
    grantsAppRoles,
    owner,
    false,
  ],
  [
    'an app role of another spelling is none',
    appCaller(['application.readwrite.all']),
    `${applications}/create`,
    nobody,
    false,
  ],
  [
    'an application can hold a directory role',
    appCaller([], { directoryRoleIds: [roles.globalAdministrator] }),
    `${users}/create`,
    nobody,
    true,
  ],
  [
    'a scope in the token of an application means nothing',
    appCaller([], { oauthScopes: ['Directory.AccessAsUser.All'] }),
    `${users}/standard/read`,
    nobody,
    false,
  ],
  [
    'a member reads',
    withScopes('Directory.AccessAsUser.All'),
    `${users}/standard/read`,
    nobody,
    true,
  ],
  [
    'a member registers applications',
    withScopes('Directory.AccessAsUser.All'),
    `${applications}/create`,
    nobody,
    true,
  ],
  [
    'and changes her own',
    withScopes('Directory.AccessAsUser.All'),
    `${applications}/credentials/update`,
    owner,
    true,
  ],
  [
    'and not those of others',
    withScopes('Directory.AccessAsUser.All'),
    `${applications}/credentials/update`,
    nobody,
    false,
  ],
  ['nor creates users', withScopes('Directory.AccessAsUser.All'), `${users}/create`, nobody, false],
  [
    'a member with a writing scope still has only her own rights',
    withScopes('Application.ReadWrite.All'),
    `${applications}/delete`,
    nobody,
    false,
  ],
  [
    'an app role in the token of a user means nothing',
    userCaller({ oauthScopes: ['User.Read'], appRoles: ['Application.ReadWrite.All'] }),
    `${applications}/delete`,
    nobody,
    false,
  ],
  ['User.Read shows herself', withScopes('User.Read'), `${users}/standard/read`, self, true],
  ['and nobody else', withScopes('User.Read'), `${users}/standard/read`, nobody, false],
  [
    'and her organization',
    withScopes('User.Read'),
    'microsoft.directory/organization/standard/read',
    nobody,
    true,
  ],
  [
    'User.ReadBasic.All shows everybody',
    withScopes('User.ReadBasic.All'),
    `${users}/standard/read`,
    nobody,
    true,
  ],
  ['and no memberships', withScopes('User.ReadBasic.All'), `${users}/memberOf/read`, nobody, false],
  ['a user without any scope reads nothing', withScopes(), `${users}/standard/read`, self, false],
  ['an empty scope is none', withScopes(''), `${users}/standard/read`, self, false],
  [
    'a Global Administrator may all',
    holding(roles.globalAdministrator),
    grantsAppRoles,
    nobody,
    true,
  ],
  [
    'unless her token is limited',
    holding(roles.globalAdministrator, ['User.Read']),
    `${applications}/create`,
    nobody,
    false,
  ],
  [
    'an Application Administrator manages applications',
    holding(roles.applicationAdministrator),
    `${applications}/delete`,
    nobody,
    true,
  ],
  [
    'and no groups',
    holding(roles.applicationAdministrator),
    `${groups}/members/update`,
    nobody,
    false,
  ],
  [
    'a Cloud Application Administrator too',
    holding(roles.cloudApplicationAdministrator),
    `${principals}/basic/update`,
    nobody,
    true,
  ],
  [
    'a Directory Reader reads as an application',
    appCaller([], { directoryRoleIds: [roles.directoryReaders] }),
    `${users}/standard/read`,
    nobody,
    true,
  ],
  [
    'and writes nothing',
    appCaller([], { directoryRoleIds: [roles.directoryReaders] }),
    `${applications}/create`,
    nobody,
    false,
  ],
  [
    'an unknown directory role gives nothing',
    appCaller([], { directoryRoleIds: ['29232cdf-9323-42fd-ade2-1d097af3e4de'] }),
    `${users}/standard/read`,
    nobody,
    false,
  ],
];

for (const [name, caller, action, facts, granted] of cases) {
  test(`${name}: ${action}`, () => {
    const request = { action, plane: 'control' as const, scope: '/' };
    assert.equal(decideGraph(caller, request, facts).granted, granted);
  });
}

test('what is created by right of ownership gets its creator as owner', () => {
  for (const create of [`${applications}/create`, `${principals}/create`]) {
    assert.equal(createsAsOwner(withScopes('Directory.AccessAsUser.All'), create), true);
    assert.equal(createsAsOwner(appCaller(['Application.ReadWrite.OwnedBy']), create), true);
    assert.equal(createsAsOwner(appCaller(['Application.ReadWrite.All']), create), false);
    assert.equal(createsAsOwner(holding(roles.globalAdministrator), create), false);
    assert.equal(createsAsOwner(appCaller(), create), false);
  }
});
