import assert from 'node:assert/strict';
import { constants, createHmac, generateKeyPairSync, type KeyObject, sign } from 'node:crypto';
import { type TestContext, test } from 'node:test';
import { applicationOf } from '#directory/application.ts';
import { addFederatedCredential } from '#directory/federated-credential.store.ts';
import type { FederatedCredential } from '#directory/federated-credential.ts';
import { addServicePrincipal, servicePrincipalOf } from '#directory/service-principal.store.ts';
import { secondsOf } from '#kernel/instant.ts';
import type { JsonObject } from '#kernel/json.ts';
import { guidOfText } from '#kernel/random.ts';
import { signAccessToken } from './access-token.ts';
import { tokenHead } from './json-web-signature.ts';
import { openUserWorld, site } from './user-world.test.ts';
import { contoso, fabrikam, openWorld, type World, worker } from './world.test.ts';

const issuer = 'https://tokens.example/org';
const subject = 'repo:Contoso/Jobs:ref:refs/heads/main';
const audience = 'api://AzureADTokenExchange';
const keyPair = generateKeyPairSync('rsa', { modulusLength: 2048 });
const stranger = generateKeyPairSync('rsa', { modulusLength: 2048 });

const credential: FederatedCredential = {
  credentialId: guidOfText('credential'),
  name: 'main',
  issuer,
  subject,
  audiences: [audience],
};

/** A world in which the worker federates with the issuer, whose documents are there to be fetched. */
async function federatedWorld(t: TestContext, more: Partial<FederatedCredential> = {}) {
  const world = await openWorld(t);
  publish(world);
  const holder = { tenantId: contoso.tenantId, appObjectId: guidOfText('worker application') };
  await world.store.write((tx) => addFederatedCredential(tx, holder, { ...credential, ...more }));
  return world;
}

/** Puts the issuer's documents where they are fetched from. */
function publish(world: World): void {
  world.outside.set(`${issuer}/.well-known/openid-configuration`, {
    issuer,
    jwks_uri: 'https://tokens.example/keys',
  });
  world.outside.set('https://tokens.example/keys', { keys: [jwkOf('one', keyPair.publicKey)] });
}

function jwkOf(kid: string, publicKey: KeyObject): JsonObject {
  return { ...(publicKey.export({ format: 'jwk' }) as JsonObject), kid, use: 'sig' };
}

function claimsIn(world: World, more: JsonObject = {}): JsonObject {
  const now = secondsOf(world.clock.real());
  return { iss: issuer, sub: subject, aud: audience, iat: now, nbf: now, exp: now + 300, ...more };
}

function signed(claims: JsonObject, header: JsonObject = {}, key = keyPair.privateKey): string {
  const head = tokenHead({ alg: 'RS256', typ: 'JWT', kid: 'one', ...header }, claims);
  return `${head}.${sign('RSA-SHA256', Buffer.from(head), key).toString('base64url')}`;
}

function exchange(world: World, assertion: string, more: Readonly<Record<string, string>> = {}) {
  return world.send({
    path: `/${contoso.tenantId}/oauth2/v2.0/token`,
    form: {
      grant_type: 'client_credentials',
      client_id: worker.appId,
      scope: 'https://batch.core.windows.net//.default',
      client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
      client_assertion: assertion,
      ...more,
    },
  });
}

function claimsOf(accessToken: string): JsonObject {
  const [, payload = ''] = accessToken.split('.');
  return JSON.parse(Buffer.from(payload, 'base64url').toString());
}

test("a token of the configured issuer, subject and audience is the client's credential", async (t) => {
  const world = await federatedWorld(t);
  const { status, json } = await exchange(world, signed(claimsIn(world)));
  assert.equal(status, 200, json.error_description);
  const claims = claimsOf(json.access_token);
  assert.equal(claims['appid'], worker.appId);
  assert.equal(claims['appidacr'], '2');
});

test('one of several audiences is enough', async (t) => {
  const world = await federatedWorld(t);
  const assertion = signed(claimsIn(world, { aud: ['https://other.example', audience] }));
  assert.equal((await exchange(world, assertion)).status, 200);
});

type Refused = readonly [
  what: string,
  claims: JsonObject,
  status: number,
  code: string,
  error: string,
];

const mismatches: readonly Refused[] = [
  ['of another issuer', { iss: `${issuer}/` }, 401, 'AADSTS700211', 'invalid_client'],
  [
    'of an issuer in capitals',
    { iss: 'https://TOKENS.example/org' },
    401,
    'AADSTS700211',
    'invalid_client',
  ],
  ['of another subject', { sub: 'repo:Contoso/Other' }, 401, 'AADSTS700213', 'invalid_client'],
  [
    'of the subject in other case',
    { sub: subject.toLowerCase() },
    401,
    'AADSTS7002138',
    'invalid_client',
  ],
  ['for another audience', { aud: 'https://other.example' }, 401, 'AADSTS700212', 'invalid_client'],
  ['for the audience with a slash', { aud: `${audience}/` }, 401, 'AADSTS700212', 'invalid_client'],
];

for (const [what, claims, status, code, error] of mismatches) {
  test(`a token ${what} is refused with ${code}, and nobody is asked for its keys`, async (t) => {
    const world = await federatedWorld(t);
    world.outside.clear();
    const answer = await exchange(world, signed(claimsIn(world, claims)));
    assert.equal(answer.status, status);
    assert.equal(answer.json.error, error);
    assert.match(answer.json.error_description, new RegExp(`^${code}: No matching federated`));
  });
}

test('the refusal repeats what the token has', async (t) => {
  const world = await federatedWorld(t);
  const answer = await exchange(world, signed(claimsIn(world, { sub: 'other' })));
  const expected =
    "presented assertion subject 'other'. Check your federated identity credential Subject, Audience and Issuer";
  assert.ok(answer.json.error_description.includes(expected), answer.json.error_description);
});

const forged: readonly (readonly [
  what: string,
  assertion: (world: World) => string,
  code: string,
])[] = [
  ['signed by another key', (w) => signed(claimsIn(w), {}, stranger.privateKey), 'AADSTS50012'],
  ['with claims changed', (w) => spliced(w), 'AADSTS50012'],
  [
    'without a signature',
    (w) => `${tokenHead({ alg: 'none', kid: 'one' }, claimsIn(w))}.`,
    'AADSTS5002738',
  ],
  ['with the public key as a secret', (w) => withHmac(w), 'AADSTS5002738'],
  ['that says ES256', (w) => signed(claimsIn(w), { alg: 'ES256' }), 'AADSTS5002738'],
  ['that says RS384 and is RS256', (w) => signed(claimsIn(w), { alg: 'RS384' }), 'AADSTS50012'],
  ['with an unknown extension', (w) => signed(claimsIn(w), { crit: ['x'] }), 'AADSTS50012'],
  ['that brings its own key', (w) => withOwnKey(w), 'AADSTS50012'],
  ['of a key that the issuer has not', (w) => signed(claimsIn(w), { kid: 'two' }), 'AADSTS7000272'],
  ['that ended six minutes ago', (w) => signed(aged(w, -660)), 'AADSTS700024'],
  ['that begins in six minutes', (w) => signed(aged(w, 360)), 'AADSTS700024'],
];

function spliced(world: World): string {
  const [head = '', , signature = ''] = signed(claimsIn(world, { jti: 'a' })).split('.');
  const payload = Buffer.from(JSON.stringify(claimsIn(world))).toString('base64url');
  return `${head}.${payload}.${signature}`;
}

function withHmac(world: World): string {
  const head = tokenHead({ alg: 'HS256', kid: 'one' }, claimsIn(world));
  const secret = keyPair.publicKey.export({ type: 'spki', format: 'pem' });
  return `${head}.${createHmac('sha256', secret).update(head).digest('base64url')}`;
}

function withOwnKey(world: World): string {
  const jwk = jwkOf('one', stranger.publicKey);
  return signed(claimsIn(world), { jwk, jku: 'https://evil.example' }, stranger.privateKey);
}

function aged(world: World, seconds: number): JsonObject {
  const nbf = secondsOf(world.clock.real()) + seconds;
  return claimsIn(world, { iat: nbf, nbf, exp: nbf + 300 });
}

for (const [what, assertion, code] of forged) {
  test(`a token ${what} is refused with ${code}`, async (t) => {
    const world = await federatedWorld(t);
    const answer = await exchange(world, assertion(world));
    assert.equal(answer.status, 401);
    assert.equal(answer.json.error, 'invalid_client');
    assert.match(answer.json.error_description, new RegExp(`^${code}: `));
  });
}

const taken = [
  ['RS384', 'RSA-SHA384', {}],
  ['RS512', 'RSA-SHA512', {}],
  ['PS256', 'RSA-SHA256', salted(32)],
  ['PS512', 'RSA-SHA512', salted(64)],
] as const;

function salted(saltLength: number) {
  return { padding: constants.RSA_PKCS1_PSS_PADDING, saltLength };
}

for (const [alg, digest, how] of taken) {
  test(`a token that is signed with ${alg} is a credential too`, async (t) => {
    const world = await federatedWorld(t);
    const head = tokenHead({ alg, kid: 'one' }, claimsIn(world));
    const signature = sign(digest, Buffer.from(head), { key: keyPair.privateKey, ...how });
    const answer = await exchange(world, `${head}.${signature.toString('base64url')}`);
    assert.equal(answer.status, 200, answer.json.error_description);
  });
}

test('the refusal of an elliptic curve says what is taken, and nobody is asked for keys', async (t) => {
  const world = await federatedWorld(t);
  world.outside.clear();
  const { json } = await exchange(world, signed(claimsIn(world), { alg: 'ES384' }));
  const expected =
    "AADSTS5002738: Invalid JWT token. 'ES384' is not a supported signature algorithm. Supported " +
    "signing algorithms are: 'RS256,RS384,RS512,PS256,PS384,PS512'";
  assert.ok(json.error_description.startsWith(expected), json.error_description);
});

test('a key that its issuer keeps for another algorithm is refused with AADSTS5002730', async (t) => {
  const world = await federatedWorld(t);
  const kept = { ...jwkOf('one', keyPair.publicKey), alg: 'PS256' };
  world.outside.set('https://tokens.example/keys', { keys: [kept] });
  const { status, json } = await exchange(world, signed(claimsIn(world)));
  assert.equal(status, 400);
  assert.match(json.error_description, /^AADSTS5002730: Invalid JWT token\. Unsupported key/);
});

test('five minutes of a wrong clock are forgiven', async (t) => {
  const world = await federatedWorld(t);
  for (const seconds of [-540, 240]) {
    assert.equal((await exchange(world, signed(aged(world, seconds)))).status, 200);
  }
});

test('an issuer that cannot be reached is a refusal that says so', async (t) => {
  const world = await federatedWorld(t);
  world.outside.clear();
  const { status, json } = await exchange(world, signed(claimsIn(world)));
  assert.equal(status, 400);
  assert.equal(json.error, 'invalid_request');
  assert.match(json.error_description, /^AADSTS50166: Request to External OIDC endpoint failed\./);
});

test('the issuer may change its keys at any time', async (t) => {
  const world = await federatedWorld(t);
  assert.equal((await exchange(world, signed(claimsIn(world)))).status, 200);
  world.outside.set('https://tokens.example/keys', { keys: [jwkOf('two', stranger.publicKey)] });
  const renewed = signed(claimsIn(world), { kid: 'two' }, stranger.privateKey);
  assert.equal((await exchange(world, renewed)).status, 200);
  const { json } = await exchange(world, signed(claimsIn(world)));
  assert.match(json.error_description, /^AADSTS7000272: .*'?https:\/\/tokens\.example\/org/);
});

test('a client without federated credentials is refused with AADSTS70025', async (t) => {
  const world = await openWorld(t);
  const { status, json } = await exchange(world, signed(claimsIn(world)));
  assert.equal(status, 401);
  assert.match(json.error_description, /^AADSTS70025: The client '[^']+'\(Worker\) has no/);
});

test('a client assertion of an application that is no issuer stays a matter of certificates', async (t) => {
  const world = await federatedWorld(t);
  const own = signed(claimsIn(world, { iss: worker.appId, sub: worker.appId }));
  assert.match((await exchange(world, own)).json.error_description, /^AADSTS700027: /);
  const other = signed(claimsIn(world, { iss: guidOfText('other') }));
  assert.match((await exchange(world, other)).json.error_description, /^AADSTS700021: /);
});

const identity = { clientId: guidOfText('identity client'), objectId: guidOfText('identity') };
const ownIssuer = `https://login.microsoftonline.com/${contoso.tenantId}/v2.0`;

/** Adds a managed identity to contoso's directory. */
async function addIdentity(world: World) {
  const { tenantId } = contoso;
  const createdAt = world.clock.civil();
  const basis = applicationOf({
    ...{ tenantId, createdAt, displayName: 'identity' },
    ...{ objectId: identity.objectId, appId: identity.clientId },
  });
  const place = { tenantId, objectId: identity.objectId, createdAt };
  await world.store.write((tx) =>
    addServicePrincipal(tx, {
      ...servicePrincipalOf(basis, place),
      servicePrincipalType: 'ManagedIdentity',
    }),
  );
}

/** One of Batten's own tokens, as a managed identity has it for the exchange. */
function ownToken(world: World, more: JsonObject = {}): Promise<string> {
  const now = secondsOf(world.clock.civil());
  const claims = {
    aud: 'fb60f99c-7a34-4190-8149-302f77469936',
    iss: ownIssuer,
    iat: now,
    nbf: now,
    exp: now + 3600,
    azp: identity.clientId,
    oid: identity.objectId,
    sub: identity.objectId,
    tid: contoso.tenantId,
    ver: '2.0',
    ...more,
  };
  return signAccessToken(claims, 2, world.keys.signingKey('public'));
}

const ofIdentity = { issuer: ownIssuer, subject: identity.objectId };

test('a token of a managed identity of the tenant is a credential without any network', async (t) => {
  const world = await federatedWorld(t, ofIdentity);
  world.outside.clear();
  await addIdentity(world);
  const { status, json } = await exchange(world, await ownToken(world));
  assert.equal(status, 200, json.error_description);
  assert.equal(claimsOf(json.access_token)['appid'], worker.appId);
});

const ownRefusals: readonly (readonly [
  what: string,
  federated: Partial<FederatedCredential>,
  claims: JsonObject,
  status: number,
  code: string,
])[] = [
  ['a user', ofIdentity, { scp: 'user_impersonation' }, 400, 'AADSTS700229'],
  [
    'an application',
    { ...ofIdentity, subject: worker.appId },
    { sub: worker.appId, oid: guidOfText('Worker', 'principal') },
    401,
    'AADSTS700226',
  ],
  [
    'an identity of another tenant',
    { ...ofIdentity, issuer: `https://login.microsoftonline.com/${fabrikam.tenantId}/v2.0` },
    { iss: `https://login.microsoftonline.com/${fabrikam.tenantId}/v2.0`, tid: fabrikam.tenantId },
    401,
    'AADSTS700236',
  ],
  ['an identity that is not configured', { ...ofIdentity, subject: 'x' }, {}, 401, 'AADSTS700213'],
  [
    'an identity an hour and six minutes ago',
    ofIdentity,
    { iat: 1, nbf: 1, exp: 2 },
    401,
    'AADSTS700024',
  ],
];

for (const [what, federated, claims, status, code] of ownRefusals) {
  test(`a token of Batten's own for ${what} is refused with ${code}`, async (t) => {
    const world = await federatedWorld(t, federated);
    await addIdentity(world);
    const answer = await exchange(world, await ownToken(world, claims));
    assert.match(answer.json.error_description, new RegExp(`^${code}: `));
    assert.equal(answer.status, status);
  });
}

test("a spoilt token of Batten's own is refused", async (t) => {
  const world = await federatedWorld(t, ofIdentity);
  await addIdentity(world);
  const [head = '', payload = ''] = (await ownToken(world, { aud: audience })).split('.');
  const answer = await exchange(world, `${head}.${payload}.${'A'.repeat(342)}`);
  assert.match(answer.json.error_description, /^AADSTS50012: /);
});

test('a managed identity signs in by a federated credential of its own', async (t) => {
  const world = await federatedWorld(t);
  await addIdentity(world);
  const holder = { tenantId: contoso.tenantId, appObjectId: identity.objectId };
  await world.store.write((tx) => addFederatedCredential(tx, holder, credential));
  const asIdentity = { client_id: identity.clientId };
  const { status, json } = await exchange(world, signed(claimsIn(world)), asIdentity);
  assert.equal(status, 200, json.error_description);
  assert.equal(claimsOf(json.access_token)['oid'], identity.objectId);
});

test("a web application redeems a user's code with a token of the issuer", async (t) => {
  const world = await openUserWorld(t);
  await world.grant(world.batchPrincipal, 'user_impersonation');
  publish(world);
  const holder = { tenantId: contoso.tenantId, appObjectId: guidOfText('site application') };
  await world.store.write((tx) => addFederatedCredential(tx, holder, credential));
  const redeem = async (code: string, assertion: string) =>
    exchange(world, assertion, {
      ...{ grant_type: 'authorization_code', client_id: site.appId, code },
      redirect_uri: site.redirectUri,
    });
  const code = await world.issueCode();
  const refused = await redeem(code, signed(claimsIn(world, { sub: 'other' })));
  assert.match(refused.json.error_description, /^AADSTS700213: /);
  const { status, json } = await redeem(code, signed(claimsIn(world)));
  assert.equal(status, 200, json.error_description);
  assert.equal(claimsOf(json.access_token)['appidacr'], '2');
});
