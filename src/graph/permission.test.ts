import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Caller } from '#directory/caller.ts';
import { directoryRoleTemplates } from '#directory/directory-role.ts';
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
const administrator: GraphFacts = {
  ...nobody,
  heldRoleIds: [directoryRoleTemplates.globalAdministrator],
};

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
  [
    'User.ReadWrite.All creates users',
    appCaller(['User.ReadWrite.All']),
    `${users}/create`,
    nobody,
    true,
  ],
  ['and disables them', appCaller(['User.ReadWrite.All']), `${users}/disable`, nobody, true],
  [
    'but not administrators',
    appCaller(['User.ReadWrite.All']),
    `${users}/disable`,
    administrator,
    false,
  ],
  [
    'and sets no password, alone',
    appCaller(['User.ReadWrite.All']),
    `${users}/password/update`,
    nobody,
    false,
  ],
  [
    'which User-PasswordProfile.ReadWrite.All does',
    appCaller(['User-PasswordProfile.ReadWrite.All']),
    `${users}/password/update`,
    nobody,
    true,
  ],
  [
    'Directory.ReadWrite.All deletes no users',
    appCaller(['Directory.ReadWrite.All']),
    `${users}/delete`,
    nobody,
    false,
  ],
  [
    'a member changes her own phone with User.ReadWrite',
    withScopes('User.ReadWrite'),
    `${users}/contactInfo/update`,
    self,
    true,
  ],
  [
    'with User.Read she does not',
    withScopes('User.Read'),
    `${users}/contactInfo/update`,
    self,
    false,
  ],
  [
    'nor that of another',
    withScopes('Directory.AccessAsUser.All'),
    `${users}/contactInfo/update`,
    nobody,
    false,
  ],
  [
    'nor her own name',
    withScopes('User.ReadWrite.All'),
    `${users}/userPrincipalName/update`,
    self,
    false,
  ],
  [
    'a member revokes her own sign-ins',
    withScopes('User.ReadWrite'),
    `${users}/invalidateAllRefreshTokens`,
    self,
    true,
  ],
  [
    'and nobody else',
    withScopes('User.ReadWrite.All'),
    `${users}/invalidateAllRefreshTokens`,
    nobody,
    false,
  ],
  [
    'a member changes her own password',
    withScopes('Directory.AccessAsUser.All'),
    `${users}/password/change`,
    self,
    true,
  ],
  [
    'a User Administrator manages users',
    holding(roles.userAdministrator),
    `${users}/password/update`,
    nobody,
    true,
  ],
  [
    'also other User Administrators',
    holding(roles.userAdministrator),
    `${users}/password/update`,
    { ...nobody, heldRoleIds: [roles.userAdministrator] },
    true,
  ],
  [
    'and not those above',
    holding(roles.userAdministrator),
    `${users}/password/update`,
    administrator,
    false,
  ],
  [
    'whose title she may still write',
    holding(roles.userAdministrator),
    `${users}/basic/update`,
    administrator,
    true,
  ],
  [
    'a Helpdesk Administrator sets passwords',
    holding(roles.helpdeskAdministrator),
    `${users}/password/update`,
    nobody,
    true,
  ],
  ['and creates nobody', holding(roles.helpdeskAdministrator), `${users}/create`, nobody, false],
  [
    'a Privileged Authentication Administrator sets the password of anybody',
    holding(roles.privilegedAuthenticationAdministrator),
    `${users}/password/update`,
    administrator,
    true,
  ],
  [
    'a Privileged Role Administrator gives directory roles',
    holding(roles.privilegedRoleAdministrator),
    'microsoft.directory/directoryRoles/members/update',
    nobody,
    true,
  ],
  [
    'a User Administrator gives none',
    holding(roles.userAdministrator),
    'microsoft.directory/directoryRoles/members/update',
    nobody,
    false,
  ],
  [
    'nor does Directory.ReadWrite.All',
    appCaller(['Directory.ReadWrite.All']),
    'microsoft.directory/directoryRoles/members/update',
    nobody,
    false,
  ],
  ['a member makes groups', withScopes('Group.ReadWrite.All'), `${groups}/create`, nobody, true],
  [
    'and changes her own',
    withScopes('Group.ReadWrite.All'),
    `${groups}/members/update`,
    owner,
    true,
  ],
  [
    'and not those of others',
    withScopes('Group.ReadWrite.All'),
    `${groups}/members/update`,
    nobody,
    false,
  ],
  [
    'an application owns groups with Group.Create',
    appCaller(['Group.Create']),
    `${groups}/members/update`,
    owner,
    true,
  ],
  ['and not without', appCaller(), `${groups}/members/update`, owner, false],
  [
    'a Groups Administrator manages groups',
    holding(roles.groupsAdministrator),
    `${groups}/delete`,
    nobody,
    true,
  ],
  [
    'members do not see what is deleted',
    withScopes('Directory.AccessAsUser.All'),
    'microsoft.directory/deletedItems/standard/read',
    { ...nobody, deletedItems: 'users' },
    false,
  ],
  [
    'a User Administrator restores users',
    holding(roles.userAdministrator),
    'microsoft.directory/deletedItems/restore',
    { ...nobody, deletedItems: 'users' },
    true,
  ],
  [
    'and no applications',
    holding(roles.userAdministrator),
    'microsoft.directory/deletedItems/restore',
    { ...nobody, deletedItems: 'applications' },
    false,
  ],
  [
    'which their owner does',
    withScopes('Application.ReadWrite.All'),
    'microsoft.directory/deletedItems/restore',
    { ...owner, deletedItems: 'applications' },
    true,
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
