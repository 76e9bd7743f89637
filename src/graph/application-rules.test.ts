import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Application, applicationOf } from '#directory/application.ts';
import { instantOfSeconds } from '#kernel/instant.ts';
import { guidOfText } from '#kernel/random.ts';
import { type ChangeProblem, problemOfChange } from './application-rules.ts';

const id = (name: string): string => guidOfText('application rules', name);

const plain = applicationOf({
  tenantId: id('tenant'),
  objectId: id('application'),
  appId: id('appId'),
  displayName: 'Jobs',
  createdAt: instantOfSeconds(1_800_000_000),
});

const role = (name: string, more: object = {}) => ({
  id: id(name),
  value: name,
  displayName: name,
  description: name,
  allowedMemberTypes: ['Application'] as const,
  isEnabled: true,
  ...more,
});

const scope = (name: string, more: object = {}) => ({
  id: id(name),
  value: name,
  type: 'User' as const,
  isEnabled: true,
  ...more,
});

const many = <T>(count: number, make: (index: number) => T): readonly T[] =>
  Array.from({ length: count }, (_, index) => make(index));

const access = (index: number, permissions = 1) => ({
  resourceAppId: id(`resource ${index}`),
  resourceAccess: many(permissions, (one) => ({ id: id(`p${one}`), type: 'Role' as const })),
});

const personal = {
  signInAudience: 'AzureADandPersonalMicrosoftAccount',
  requestedAccessTokenVersion: 2,
} as const;

type Row = readonly [
  name: string,
  change: Partial<Application>,
  problem: ChangeProblem['problem'] | undefined,
  before?: Partial<Application>,
];

const rows: readonly Row[] = [
  ['an identifier of its own', { identifierUris: [`api://${plain.appId}`] }, undefined],
  [
    'an identifier of a verified domain',
    { identifierUris: ['https://jobs.contoso.example/x'] },
    undefined,
  ],
  [
    'identifiers of the tenant and of itself, with more behind',
    {
      identifierUris: [
        `api://${plain.tenantId}`,
        `api://${plain.tenantId.toUpperCase()}/jobs`,
        `api://${plain.appId}/jobs`,
        `api://jobs/${plain.appId}`,
      ],
    },
    undefined,
  ],
  [
    'the identifier that another application has by default',
    { identifierUris: [`api://${id('another')}`] },
    'unverifiedDomain',
  ],
  [
    'an identifier below another application',
    { identifierUris: [`API://${id('another').toUpperCase()}/jobs`] },
    'unverifiedDomain',
  ],
  ['a URN', { identifierUris: ['urn:jobs:1'] }, undefined],
  [
    'an identifier of another domain',
    { identifierUris: ['https://evil.example'] },
    'unverifiedDomain',
  ],
  ['a host with a slash', { identifierUris: ['https://contoso.example/'] }, 'endsWithSlash'],
  ['a path with a slash', { identifierUris: ['https://contoso.example/x/'] }, 'endsWithSlash'],
  ['an identifier with a star', { identifierUris: ['api://*'] }, 'value'],
  ['an identifier twice', { identifierUris: ['api://x', 'API://x'] }, 'duplicate'],
  ['an identifier that is long', { identifierUris: [`api://${'x'.repeat(250)}`] }, 'value'],
  [
    'an identifier that was there before the rule',
    { identifierUris: ['https://evil.example', 'api://x'] },
    undefined,
    { identifierUris: ['https://evil.example'] },
  ],
  ['256 addresses', { webRedirectUris: many(256, (n) => `https://a.example/${n}`) }, undefined],
  [
    'a 257th address on another platform',
    {
      webRedirectUris: many(256, (n) => `https://a.example/${n}`),
      publicClientRedirectUris: ['http://localhost'],
    },
    'tooMany',
  ],
  [
    'a 101st address of an application for personal accounts',
    { ...personal, webRedirectUris: many(101, (n) => `https://a.example/${n}`) },
    'tooMany',
  ],
  [
    'an address twice',
    { spaRedirectUris: ['https://a.example', 'https://a.example'] },
    'duplicate',
  ],
  ['an address that leads nowhere', { webRedirectUris: ['http://a.example'] }, 'value'],
  [
    'an address that was there before the rule',
    { webRedirectUris: ['http://a.example'] },
    undefined,
    { webRedirectUris: ['http://a.example'] },
  ],
  ['groups of two kinds', { groupMembershipClaims: 'SecurityGroup, DirectoryRole' }, undefined],
  ['groups of no kind', { groupMembershipClaims: 'Everyone' }, 'value'],
  ['50 resources', { requiredResourceAccess: many(50, (n) => access(n)) }, undefined],
  ['a 51st resource', { requiredResourceAccess: many(51, (n) => access(n)) }, 'tooMany'],
  ['400 permissions', { requiredResourceAccess: [access(0, 200), access(1, 200)] }, undefined],
  ['a 401st permission', { requiredResourceAccess: [access(0, 200), access(1, 201)] }, 'tooMany'],
  ['a resource twice', { requiredResourceAccess: [access(0), access(0)] }, 'duplicate'],
  ['personal accounts', personal, undefined],
  [
    'personal accounts with the old form of token',
    { signInAudience: 'AzureADandPersonalMicrosoftAccount' },
    'tokenVersion',
  ],
  [
    'roles and permissions',
    { appRoles: [role('a')], oauth2PermissionScopes: [scope('b')] },
    undefined,
  ],
  ['two roles of one value', { appRoles: [role('a'), role('b', { value: 'A' })] }, 'value'],
  [
    'two permissions of one value',
    { oauth2PermissionScopes: [scope('a'), scope('b', { value: 'a' })] },
    'value',
  ],
  [
    'a role and a permission of one id',
    { appRoles: [role('a')], oauth2PermissionScopes: [scope('b', { id: id('a') })] },
    'value',
  ],
  ['a role whose value has a space', { appRoles: [role('a b')] }, 'value'],
  ['a role whose value begins with a dot', { appRoles: [role('.default')] }, 'value'],
  ['a role whose value is long', { appRoles: [role('a'.repeat(121))] }, 'value'],
  ['a permission whose value has a space', { oauth2PermissionScopes: [scope('a b')] }, 'value'],
  ['an enabled role taken away', { appRoles: [] }, 'enabledPermission', { appRoles: [role('a')] }],
  [
    'an enabled permission taken away',
    {},
    'enabledPermission',
    { oauth2PermissionScopes: [scope('a')] },
  ],
  ['a disabled role taken away', {}, undefined, { appRoles: [role('a', { isEnabled: false })] }],
  [
    'a client that is pre-authorized',
    {
      oauth2PermissionScopes: [scope('a')],
      preAuthorizedApplications: [{ appId: id('client'), delegatedPermissionIds: [id('a')] }],
    },
    undefined,
  ],
  [
    'a client that is pre-authorized for nothing that is there',
    { preAuthorizedApplications: [{ appId: id('client'), delegatedPermissionIds: [id('a')] }] },
    'value',
  ],
];

for (const [name, change, problem, before] of rows) {
  test(`${name} ${problem === undefined ? 'is taken' : `is refused: ${problem}`}`, () => {
    const was = before === undefined ? undefined : { ...plain, ...before };
    const tenant = { domains: ['contoso.example'], isClassic: false };
    assert.equal(problemOfChange(was, { ...plain, ...change }, tenant)?.problem, problem);
  });
}
