import assert from 'node:assert/strict';
import { generateKeyPairSync, type KeyObject, sign } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { after, before, beforeEach, test } from 'node:test';
import { openForeignKeys } from '#authority/foreign-key.ts';
import { applicationOf } from '#directory/application.ts';
import type { Caller } from '#directory/caller.ts';
import { assignDirectoryRole } from '#directory/directory-role.store.ts';
import { directoryRoleTemplates } from '#directory/directory-role.ts';
import { addGroup, addMember } from '#directory/group.store.ts';
import { directoryMigrations } from '#directory/migrations.ts';
import { addServicePrincipal, servicePrincipalOf } from '#directory/service-principal.store.ts';
import { addTrustedIssuer } from '#directory/trusted-issuer.store.ts';
import { addUser } from '#directory/user.store.ts';
import type { HttpRequest } from '#http/request.ts';
import { parseTarget } from '#http/target.ts';
import { fixedClock } from '#kernel/clock.ts';
import { addSeconds, instantOfSeconds } from '#kernel/instant.ts';
import type { JsonObject } from '#kernel/json.ts';
import { guidOfText } from '#kernel/random.ts';
import { SqliteStore } from '#store/sqlite.ts';
import { type BearerProblem, isBearerProblem } from './bearer.ts';
import { outsideCaller } from './outside-caller.ts';

const seconds = 1_800_000_000;
const clock = fixedClock(instantOfSeconds(seconds));
const issuer = 'https://keycloak.example/realms/jobs';
const keysAt = `${issuer}/certs`;
const tenantId = guidOfText('tenant');
const [ada, bob] = [guidOfText('ada'), guidOfText('bob')];
const worker = { objectId: guidOfText('worker'), appId: guidOfText('worker app') };
const [outer, inner] = [guidOfText('outer'), guidOfText('inner')];
const own = generateKeyPairSync('rsa', { modulusLength: 2048 });
const stranger = generateKeyPairSync('rsa', { modulusLength: 2048 });

let folder: string;
let store: SqliteStore;
let outside: Map<string, unknown>;
let asked: string[];

before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'batten-outside-'));
  store = new SqliteStore(join(folder, 'batten.db'), directoryMigrations);
  const createdAt = clock.civil();
  await store.write(async (tx) => {
    for (const [objectId, name, accountEnabled] of [
      [ada, 'ada', true],
      [bob, 'bob', false],
    ] as const) {
      const userPrincipalName = `${name}@contoso.example`;
      const names = { userPrincipalName, displayName: name };
      await addUser(tx, { tenantId, objectId, ...names, accountEnabled, createdAt });
    }
    const basis = applicationOf({ tenantId, ...worker, displayName: 'Worker', createdAt });
    const place = { tenantId, objectId: worker.objectId, createdAt };
    await addServicePrincipal(tx, servicePrincipalOf(basis, place));
    for (const objectId of [outer, inner]) {
      const names = { displayName: objectId, mailNickname: 'group' };
      await addGroup(tx, { tenantId, objectId, ...names, createdAt });
    }
    await addMember(tx, tenantId, outer, inner);
    await assignDirectoryRole(tx, tenantId, outer, directoryRoleTemplates.directoryReaders);
    await addTrustedIssuer(tx, {
      issuer,
      tenantId,
      audiences: { batch: ['batten', 'batten-batch'], graph: ['batten-graph'] },
      principals: [
        { claim: 'client_id', names: 'appId' },
        { claim: 'preferred_username', names: 'userPrincipalName' },
        { claim: 'oid', names: 'objectId' },
      ],
      subjects: { 'system:serviceaccount:jobs:runner': worker.objectId },
      groups: { claim: 'groups', groupIds: { '/operators': inner } },
    });
  });
});
after(async () => {
  await store.close();
  await rm(folder, { recursive: true });
});
beforeEach(() => {
  asked = [];
  outside = new Map<string, unknown>([
    [`${issuer}/.well-known/openid-configuration`, { issuer, jwks_uri: keysAt }],
    [keysAt, { keys: [{ ...own.publicKey.export({ format: 'jwk' }), kid: 'one' }] }],
  ]);
});

function signed(more: JsonObject = {}, header: JsonObject = {}, key: KeyObject = own.privateKey) {
  const claims = {
    ...{ iss: issuer, sub: 'f:1:ada', aud: 'batten', iat: seconds, exp: seconds + 300 },
    preferred_username: 'ada@contoso.example',
    ...more,
  };
  const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
  const head = `${part({ alg: 'RS256', kid: 'one', ...header })}.${part(claims)}`;
  return `${head}.${sign('RSA-SHA256', Buffer.from(head), key).toString('base64url')}`;
}

function read(token: string, surface = 'batch') {
  const target = parseTarget('/jobs');
  assert.ok(target);
  const origin = 'https://contoso.westeurope.batch.azure.com';
  const request: HttpRequest = {
    ...{ method: 'GET', target, route: target, query: [], headers: {} },
    reach: {
      ...{ surface, cloud: 'public', origin, host: 'contoso.westeurope.batch.azure.com' },
      ...{ base: [], labels: {}, explicit: false },
    },
    requestId: guidOfText('request'),
    // The civil clock is a year ahead; it does not judge what another dated.
    receivedAt: addSeconds(clock.civil(), 365 * 86_400),
    receivedReal: clock.real(),
    remoteAddress: '127.0.0.1',
    stream: Readable.from([]),
  };
  const fetchDocument = async (address: string) => {
    asked.push(address);
    const json = outside.get(address);
    return json === undefined
      ? { kind: 'failure' as const, reason: 'ECONNREFUSED' }
      : { kind: 'document' as const, json };
  };
  return outsideCaller(
    { store, foreignKeys: openForeignKeys({ clock, fetchDocument }) },
    token,
    request,
  );
}

async function callerOf(token: string, surface?: string): Promise<Caller> {
  const outcome = await read(token, surface);
  assert.ok(outcome !== undefined && !isBearerProblem(outcome), JSON.stringify(outcome));
  return outcome;
}

async function problemOf(token: string, surface?: string): Promise<BearerProblem> {
  const outcome = await read(token, surface);
  assert.ok(outcome !== undefined && isBearerProblem(outcome), 'a problem was expected');
  return outcome;
}

test('a user is known by the claim that names her', async () => {
  const caller = await callerOf(signed({ azp: 'web', scope: 'openid jobs' }));
  assert.equal(caller.objectId, ada);
  assert.equal(caller.tenantId, tenantId);
  assert.equal(caller.principalType, 'User');
  assert.equal(caller.displayName, 'ada@contoso.example');
  assert.equal(caller.appId, 'web');
  assert.deepEqual(caller.principalIds, [ada]);
  assert.deepEqual(caller.oauthScopes, ['openid', 'jobs']);
  assert.deepEqual(caller.appRoles, []);
});

const known: readonly (readonly [what: string, claims: JsonObject, objectId: string])[] = [
  ['an application by its appId', { client_id: worker.appId }, worker.objectId],
  ['a user by her object id', { preferred_username: undefined, oid: ada }, ada],
  [
    'a service principal by its object id',
    { preferred_username: undefined, oid: worker.objectId },
    worker.objectId,
  ],
  [
    'a subject that is listed, whatever its claims',
    { sub: 'system:serviceaccount:jobs:runner' },
    worker.objectId,
  ],
  ['one of several audiences', { aud: ['account', 'batten-batch'] }, ada],
];

for (const [what, claims, objectId] of known) {
  test(`a token is accepted for ${what}`, async () => {
    assert.equal((await callerOf(signed(claims))).objectId, objectId);
  });
}

test('groups of the issuer count with the groups that they are in, and with their directory roles', async () => {
  const caller = await callerOf(signed({ groups: ['/operators', '/strangers', 7, outer] }));
  assert.deepEqual(caller.principalIds, [ada, inner, outer]);
  assert.deepEqual(caller.directoryRoleIds, [directoryRoleTemplates.directoryReaders]);
});

const refused: readonly (readonly [
  what: string,
  token: () => string,
  problem: BearerProblem['problem'],
])[] = [
  ['another audience', () => signed({ aud: 'account' }), 'wrongAudience'],
  ['the audience of another surface', () => signed({ aud: 'batten-graph' }), 'wrongAudience'],
  [
    'an unknown user',
    () => signed({ preferred_username: 'eve@contoso.example' }),
    'unknownPrincipal',
  ],
  [
    'an object id where a name belongs',
    () => signed({ preferred_username: ada }),
    'unknownPrincipal',
  ],
  [
    'an application that is not here',
    () => signed({ client_id: guidOfText('other') }),
    'unknownPrincipal',
  ],
  [
    'a first claim that is no text',
    () => signed({ client_id: [worker.appId] }),
    'unknownPrincipal',
  ],
  [
    'no claim that names anybody',
    () => signed({ preferred_username: undefined }),
    'unknownPrincipal',
  ],
  [
    'a subject that is a property of every object',
    () => signed({ sub: 'constructor', preferred_username: undefined }),
    'unknownPrincipal',
  ],
  [
    'a user who is disabled',
    () => signed({ preferred_username: 'bob@contoso.example' }),
    'disabled',
  ],
  ['a signature of another key', () => signed({}, {}, stranger.privateKey), 'badSignature'],
  ['an unknown key', () => signed({}, { kid: 'two' }), 'badSignature'],
  ['a shared secret', () => signed({}, { alg: 'HS256' }), 'badSignature'],
  ['no algorithm', () => signed({}, { alg: 'none' }), 'badSignature'],
  ['the algorithm of another key', () => signed({}, { alg: 'ES256' }), 'badSignature'],
  ['an end six minutes ago', () => signed({ exp: seconds - 360 }), 'expired'],
  ['a beginning in six minutes', () => signed({ nbf: seconds + 360 }), 'notYetValid'],
];

for (const [what, token, problem] of refused) {
  test(`a token with ${what} is ${problem}`, async () => {
    assert.equal((await problemOf(token())).problem, problem);
  });
}

test('a token that is signed with an elliptic curve is accepted', async () => {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  outside.set(keysAt, { keys: [{ ...publicKey.export({ format: 'jwk' }), kid: 'one' }] });
  const [header = '', payload = ''] = signed({}, { alg: 'ES256' }).split('.');
  const key = { key: privateKey, dsaEncoding: 'ieee-p1363' } as const;
  const signature = sign('sha256', Buffer.from(`${header}.${payload}`), key);
  const token = `${header}.${payload}.${signature.toString('base64url')}`;
  assert.equal((await callerOf(token)).objectId, ada);
});

test('a surface without audiences takes no token, and asks nobody for keys', async () => {
  const problem = await problemOf(signed(), 'arm');
  assert.equal(problem.problem, 'wrongAudience');
  assert.deepEqual(asked, []);
});

test('a wrong audience is told with those that would have counted', async () => {
  const problem = await problemOf(signed({ aud: 'account' }));
  assert.equal(problem.audience, 'account');
  assert.deepEqual(problem.allowedAudiences, ['batten', 'batten-batch']);
});

test('an issuer that cannot be reached is named with the reason', async () => {
  outside.clear();
  const problem = await problemOf(signed());
  assert.equal(problem.problem, 'issuerUnreachable');
  assert.equal(problem.issuer, issuer);
  assert.equal('reason' in problem && problem.reason, 'metadata: ECONNREFUSED');
});

test('of a refused token only its flat claims are kept', async () => {
  let deep: JsonObject = {};
  for (let depth = 0; depth < 1_000; depth++) deep = { deep };
  const problem = await problemOf(signed({ aud: ['account'], deep, groups: ['/operators'] }));
  assert.equal(problem.audience, 'account');
  assert.deepEqual(Object.keys(problem.claims).sort(), [
    'exp',
    'iat',
    'iss',
    'preferred_username',
    'sub',
  ]);
});

test('what no trusted issuer signed is left to the other rules', async () => {
  for (const token of ['a.b.c', signed({ iss: `${issuer}/` }), signed({ exp: undefined })]) {
    assert.equal(await read(token), undefined);
  }
  assert.deepEqual(asked, []);
});
