import assert from 'node:assert/strict';
import { test } from 'node:test';
import { applicationOf, type DelegatedPermission } from '#directory/application.ts';
import { microsoftTenantId } from '#directory/first-party.ts';
import { type ServicePrincipal, servicePrincipalOf } from '#directory/service-principal.store.ts';
import { isFault } from '#kernel/fault.ts';
import { instantOfSeconds } from '#kernel/instant.ts';
import { guidOfText } from '#kernel/random.ts';
import { type ConsentBasis, decideConsent, preAuthorizedScopes } from './consent.ts';
import { readScope } from './requested-permissions.ts';
import { contoso } from './world.test.ts';

const createdAt = instantOfSeconds(1_800_000_000);
const { tenantId } = contoso;

const permission = (value: string, isEnabled = true): DelegatedPermission => ({
  id: guidOfText(value),
  value,
  type: 'User',
  isEnabled,
});

function principal(displayName: string, ...permissions: DelegatedPermission[]): ServicePrincipal {
  const ids = { objectId: guidOfText(displayName), appId: guidOfText(displayName, 'app') };
  const application = applicationOf({
    ...{ tenantId, displayName, createdAt, ...ids },
    oauth2PermissionScopes: permissions,
  });
  return servicePrincipalOf(application, { tenantId, objectId: ids.objectId, createdAt });
}

const read = permission('Read');
const write = permission('Write');
const openid = permission('openid');
const userRead = permission('User.Read');
const resource = principal('Resource', read, write, permission('Gone', false));
const graph = principal('Graph', openid, userRead);
const client = principal('Client');

const microsofts = {
  client: { ...client, appOwnerTenantId: microsoftTenantId },
  resource: { ...resource, appOwnerTenantId: microsoftTenantId },
  hasAnyGrant: true,
};

const basis: ConsentBasis = {
  client,
  resource,
  graph,
  granted: [],
  consented: new Map(),
  hasAnyGrant: false,
  required: [{ resource, permissions: [read] }],
};

type Row = readonly [
  name: string,
  scope: string,
  more: Partial<ConsentBasis>,
  outcome: string | readonly string[] | { readonly wanted: readonly string[] },
];

const some = { granted: ['Read'], hasAnyGrant: true };

const rows: readonly Row[] = [
  ['what was granted is granted', 'api://r/Read', some, ['Read']],
  ['case does not matter', 'api://r/read', some, ['Read']],
  [
    'a token has all that was granted',
    'api://r/Read',
    { ...some, granted: ['Read', 'Write'] },
    ['Read', 'Write'],
  ],
  [
    'what was granted comes in the order of its names',
    'api://r/Read',
    { ...some, granted: ['Write', 'read.all', 'Read', 'openid'] },
    ['Read', 'read.all', 'Write'],
  ],
  ['what was not granted is wanted', 'api://r/Write', some, { wanted: ['Resource Write'] }],
  [
    'nothing is granted at first',
    'openid api://r/Read',
    {},
    { wanted: ['Resource Read', 'Graph openid'] },
  ],
  ['.default is content with anything', 'api://r/.default', some, ['Read']],
  ['.default wants what is registered', 'api://r/.default', {}, { wanted: ['Resource Read'] }],
  [
    'a permission registered later is not granted by itself',
    'api://r/Write',
    { ...some, required: [{ resource, permissions: [read, write] }] },
    { wanted: ['Resource Write'] },
  ],
  [
    'only what is new is asked about, and granted permissions stay out of it',
    'openid api://r/Read api://r/Write',
    { ...some, consented: new Map([[graph.objectId, ['openid']]]) },
    { wanted: ['Resource Write'] },
  ],
  [
    '.default of a resource that came later wants what is new of all',
    'openid api://r/.default',
    {
      hasAnyGrant: true,
      consented: new Map([[graph.objectId, ['openid', 'User.Read']]]),
      required: [
        { resource, permissions: [read, write] },
        { resource: graph, permissions: [userRead] },
      ],
    },
    { wanted: ['Resource Read', 'Resource Write'] },
  ],
  [
    '.default stays content when the registration asks for more by now',
    'api://r/.default',
    { ...some, required: [{ resource, permissions: [read, write] }] },
    ['Read'],
  ],
  [
    'a forced page shows what was granted, too',
    'openid api://r/Read',
    { ...some, isForced: true, consented: new Map([[graph.objectId, ['openid']]]) },
    { wanted: ['Resource Read', 'Graph openid'] },
  ],
  [
    '.default without registration is refused',
    'api://r/.default',
    { required: [] },
    'AADSTS650057',
  ],
  [
    "Microsoft's own client gets no consent to Microsoft's own resource",
    'api://r/Write',
    { ...microsofts, granted: ['Read'] },
    'AADSTS65002',
  ],
  [
    "Microsoft's own client has what Microsoft gave it",
    'api://r/Read',
    { ...microsofts, granted: ['Read'] },
    ['Read'],
  ],
  [
    "to Microsoft's own client, other APIs are consented to",
    'api://r/Write',
    { ...some, client: microsofts.client },
    { wanted: ['Resource Write'] },
  ],
  ['an unknown permission is refused', 'api://r/Nothing', some, 'AADSTS650053'],
  ['a disabled permission is unknown', 'api://r/Gone', some, 'AADSTS650053'],
  [
    'a forced page asks again',
    'api://r/Read',
    { ...some, isForced: true },
    { wanted: ['Resource Read'] },
  ],
  ['a sign-in alone is for Graph', 'openid', { resource: graph, hasAnyGrant: true }, ['openid']],
  [
    'a sign-in without any grant is asked about',
    'openid',
    { resource: graph },
    { wanted: ['Graph openid'] },
  ],
  [
    'a token is never without a scope',
    'offline_access',
    { resource: graph, hasAnyGrant: true },
    ['openid'],
  ],
];

for (const [name, scope, more, outcome] of rows) {
  test(`consent: ${name}`, () => {
    const asked = readScope(scope);
    assert.ok(!isFault(asked));
    const decision = decideConsent(asked, { ...basis, ...more });
    if (isFault(decision)) return assert.equal(decision.code, outcome);
    if (decision.kind === 'granted') return assert.deepEqual(decision.oauthScopes, outcome);
    const wanted = decision.wanted.flatMap((one) =>
      one.permissions.map(({ value }) => `${one.resource.displayName} ${value}`),
    );
    return assert.deepEqual({ wanted }, outcome);
  });
}

test('a client is authorized beforehand by its whole id, in any case, for what is named', () => {
  const registration = applicationOf({
    ...{ tenantId, createdAt, displayName: 'Resource' },
    objectId: guidOfText('r'),
    appId: resource.appId,
    preAuthorizedApplications: [
      { appId: client.appId.toUpperCase(), delegatedPermissionIds: [read.id.toUpperCase()] },
    ],
  });
  assert.deepEqual(preAuthorizedScopes(resource, registration, client.appId), ['Read']);
  assert.deepEqual(preAuthorizedScopes(resource, registration, `${client.appId}0`), []);
  assert.deepEqual(preAuthorizedScopes(resource, undefined, client.appId), []);
});
