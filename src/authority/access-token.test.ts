import assert from 'node:assert/strict';
import {
  createHash,
  createHmac,
  createSign,
  generateKeyPairSync,
  type KeyObject,
  sign,
  verify,
} from 'node:crypto';
import { test } from 'node:test';
import type { JsonObject } from '#kernel/json.ts';
import { readAccessToken, signAccessToken, type TokenProblem } from './access-token.ts';
import { tokenHead } from './json-web-signature.ts';
import { openWorld, type World } from './world.test.ts';

const claims = {
  aud: 'https://batch.core.windows.net/',
  iss: 'https://sts.windows.net/C0000000-0000-4000-8000-000000000001/',
  nbf: 1_795_251_300,
  exp: 1_795_255_200,
  appid: 'A0000000-0000-4000-8000-000000000003',
  oid: 'B0000000-0000-4000-8000-000000000004',
  tid: 'C0000000-0000-4000-8000-000000000001',
  roles: ['Frames.Render'],
};

const place = ({ keys }: World) => ({ keys, cloud: 'public' });

test('a token that we signed is read once and remembered, its ids folded', async (t) => {
  const world = await openWorld(t);
  const token = await signAccessToken(claims, 1, world.keys.signingKey('public'));
  const read = readAccessToken(token, place(world));
  assert.ok(read.kind === 'token');
  assert.equal(read.tenantId, 'c0000000-0000-4000-8000-000000000001');
  assert.equal(read.objectId, 'b0000000-0000-4000-8000-000000000004');
  assert.equal(read.appId, 'a0000000-0000-4000-8000-000000000003');
  assert.equal(read.audience, 'https://batch.core.windows.net/');
  assert.equal(read.expiresAt, 1_795_255_200_000_000);
  assert.deepEqual(
    [read.isAppOnly, read.appRoles, read.oauthScopes],
    [true, ['Frames.Render'], []],
  );
  assert.equal(readAccessToken(token, place(world)), read);
});

test('a token for a user carries its delegated permissions', async (t) => {
  const world = await openWorld(t);
  const delegated = { ...claims, scp: 'user_impersonation User.Read' };
  const token = await signAccessToken(delegated, 1, world.keys.signingKey('public'));
  const read = readAccessToken(token, place(world));
  assert.ok(read.kind === 'token');
  assert.deepEqual(
    [read.isAppOnly, read.oauthScopes],
    [false, ['user_impersonation', 'User.Read']],
  );
});

test('a token with a nonce is signed over its hash, so that others cannot verify it', async (t) => {
  const world = await openWorld(t);
  const key = world.keys.signingKey('public');
  const token = await signAccessToken(claims, 1, key, 'some-nonce');
  const [head = '', payload = '', signature = ''] = token.split('.');
  const header = JSON.parse(Buffer.from(head, 'base64url').toString());
  assert.deepEqual(Object.keys(header), ['typ', 'nonce', 'alg', 'x5t', 'kid']);
  assert.equal(header.nonce, 'some-nonce');
  assert.equal(readAccessToken(token, place(world)).kind, 'token');
  const publicKey = world.keys.publicKey('public', key.keyId)?.publicKey;
  assert.ok(publicKey !== undefined);
  const bytes = Buffer.from(signature, 'base64url');
  assert.ok(!verify('RSA-SHA256', Buffer.from(`${head}.${payload}`), publicKey, bytes));
  const nonce = createHash('sha256').update('some-nonce').digest('base64url');
  for (const changed of [
    { ...header, nonce },
    { ...header, nonce: 'other' },
    { ...header, nonce: 7 },
  ]) {
    const other = Buffer.from(JSON.stringify(changed)).toString('base64url');
    const read = readAccessToken(`${other}.${payload}.${signature}`, place(world));
    assert.deepEqual(read.kind === 'problem' && read.problem, 'badSignature', other);
  }
});

test('what is remembered is bounded: after hundreds of others a token is verified anew', async (t) => {
  const world = await openWorld(t);
  const key = world.keys.signingKey('public');
  const first = await signAccessToken(claims, 1, key);
  const read = readAccessToken(first, place(world));
  for (let count = 0; count < 500; count++) {
    const head = tokenHead({ alg: 'RS256', kid: key.keyId }, { ...claims, count });
    const signature = sign('RSA-SHA256', Buffer.from(head), key.privateKey).toString('base64url');
    assert.equal(readAccessToken(`${head}.${signature}`, place(world)).kind, 'token');
  }
  const again = readAccessToken(first, place(world));
  assert.notEqual(again, read);
  assert.deepEqual(again, read);
});

interface Forgery {
  readonly what: string;
  readonly problem: TokenProblem['problem'];
  readonly make: (world: World) => Promise<string> | string;
}

const stranger = generateKeyPairSync('rsa', { modulusLength: 2048 });

function rs256(header: JsonObject, body: JsonObject, key: KeyObject): string {
  const head = tokenHead(header, body);
  return `${head}.${createSign('RSA-SHA256').update(head).sign(key, 'base64url')}`;
}

const kidOf = (world: World): string => world.keys.signingKey('public').keyId;

function hmacToken(world: World, secret: string | Buffer): string {
  const head = tokenHead({ alg: 'HS256', kid: kidOf(world) }, claims);
  return `${head}.${createHmac('sha256', secret).update(head).digest('base64url')}`;
}

/** Signs a claims part as it is written, with our own key. */
function signedText(world: World, text: string, header: JsonObject = {}): string {
  const { keyId, privateKey } = world.keys.signingKey('public');
  const [headerPart] = tokenHead({ alg: 'RS256', kid: keyId, ...header }, {}).split('.');
  const head = `${headerPart}.${Buffer.from(text).toString('base64url')}`;
  return `${head}.${createSign('RSA-SHA256').update(head).sign(privateKey, 'base64url')}`;
}

/** The claims with another text in place of the end: `"exp":9` becomes `"exp":1e400`. */
const ending = (text: string): string =>
  JSON.stringify({ ...claims, exp: 9 }).replace('"exp":9', text);

const publicKeyOf = (world: World): KeyObject => world.keys.signingKey('public').publicKey;

const forgeries: readonly Forgery[] = [
  { what: 'no token at all', problem: 'malformed', make: () => 'nonsense' },
  { what: 'two parts', problem: 'malformed', make: () => 'e30.e30' },
  { what: 'a claims part that is a list', problem: 'malformed', make: () => 'e30.W10.AAAA' },
  { what: 'a claims part that is no JSON', problem: 'malformed', make: () => 'e30.e3s.AAAA' },
  { what: 'five parts, encrypted', problem: 'malformed', make: () => 'e30.e30.e30.e30.e30' },
  { what: 'more characters than are read', problem: 'malformed', make: () => 'a'.repeat(20_000) },
  {
    what: 'alg none without a signature',
    problem: 'badAlgorithm',
    make: (world) => `${tokenHead({ alg: 'none', kid: kidOf(world) }, claims)}.`,
  },
  {
    what: 'alg None with a signature',
    problem: 'badAlgorithm',
    make: (world) => `${tokenHead({ alg: 'None', kid: kidOf(world) }, claims)}.AAAA`,
  },
  {
    what: 'HS256 with the public key in PEM as its secret',
    problem: 'badAlgorithm',
    make: (world) => hmacToken(world, publicKeyOf(world).export({ format: 'pem', type: 'spki' })),
  },
  {
    what: 'HS256 with the public key in DER as its secret',
    problem: 'badAlgorithm',
    make: (world) => hmacToken(world, publicKeyOf(world).export({ format: 'der', type: 'spki' })),
  },
  {
    what: 'PS256 with our own key',
    problem: 'badAlgorithm',
    make: (world) =>
      rs256(
        { alg: 'PS256', kid: kidOf(world) },
        claims,
        world.keys.signingKey('public').privateKey,
      ),
  },
  {
    what: 'a crit header',
    problem: 'badAlgorithm',
    make: (world) =>
      rs256(
        { alg: 'RS256', kid: kidOf(world), crit: ['exp'] },
        claims,
        world.keys.signingKey('public').privateKey,
      ),
  },
  {
    what: 'no kid',
    problem: 'unknownKey',
    make: () => rs256({ alg: 'RS256' }, claims, stranger.privateKey),
  },
  {
    what: 'a kid that is a path',
    problem: 'unknownKey',
    make: () => rs256({ alg: 'RS256', kid: '../../etc/passwd' }, claims, stranger.privateKey),
  },
  {
    what: "a stranger's key that comes along as jwk",
    problem: 'unknownKey',
    make: () => {
      const { kty = '', n = '', e = '' } = stranger.publicKey.export({ format: 'jwk' });
      return rs256({ alg: 'RS256', kid: 'mine', jwk: { kty, n, e } }, claims, stranger.privateKey);
    },
  },
  {
    what: "our kid over a stranger's signature",
    problem: 'badSignature',
    make: (world) => rs256({ alg: 'RS256', kid: kidOf(world) }, claims, stranger.privateKey),
  },
  {
    what: 'an empty signature',
    problem: 'badSignature',
    make: (world) => `${tokenHead({ alg: 'RS256', kid: kidOf(world) }, claims)}.`,
  },
  {
    what: 'the signature of another token',
    problem: 'badSignature',
    make: async (world) => {
      const token = await signAccessToken(claims, 1, world.keys.signingKey('public'));
      const head = tokenHead({ alg: 'RS256', kid: kidOf(world) }, { ...claims, roles: ['Owner'] });
      return `${head}.${token.split('.')[2]}`;
    },
  },
  {
    what: 'a token of the China cloud',
    problem: 'wrongCloud',
    make: (world) => signAccessToken(claims, 1, world.keys.signingKey('china')),
  },
  {
    what: 'the kid of the China cloud over our signature',
    problem: 'badSignature',
    make: (world) =>
      rs256(
        { alg: 'RS256', kid: world.keys.signingKey('china').keyId },
        claims,
        world.keys.signingKey('public').privateKey,
      ),
  },
  {
    what: 'a list of audiences',
    problem: 'missingClaim',
    make: (world) =>
      signAccessToken({ ...claims, aud: [claims.aud] }, 1, world.keys.signingKey('public')),
  },
  ...[
    ['no expiry', '"end":9'],
    ['an expiry beyond all numbers', '"exp":1e400'],
    ['an expiry between two seconds', '"exp":1795255200.5'],
    ['an expiry that is null', '"exp":null'],
    ['an expiry that is a list', '"exp":[9]'],
  ].map(
    ([what = '', text = '']): Forgery => ({
      what,
      problem: 'missingClaim',
      make: (world) => signedText(world, ending(text)),
    }),
  ),
  ...[
    ['an audience named twice', JSON.stringify(claims).replace('{', '{"aud":"https://evil/",')],
    ['a name twice within a claim', ending('"exp":9,"x":{"y":1,"y":2}')],
    ['a claims part that is a text', '"claims"'],
    ['a claims part that is nothing', 'null'],
    ['a claim of a megabyte', ending(`"exp":9,"x":"${'y'.repeat(1_000_000)}"`)],
    ['a nesting of a hundred thousand', `${'['.repeat(100_000)}${']'.repeat(100_000)}`],
  ].map(
    ([what = '', text = '']): Forgery => ({
      what,
      problem: 'malformed',
      make: (world) => signedText(world, text),
    }),
  ),
  {
    what: 'an id token, which says no client',
    problem: 'missingClaim',
    make: (world) => {
      const { appid: _, ...rest } = claims;
      return signedText(world, JSON.stringify(rest));
    },
  },
  {
    what: 'a header that names its algorithm twice',
    problem: 'malformed',
    make: (world) => {
      const [, ...rest] = signedText(world, JSON.stringify(claims)).split('.');
      const header = `{"alg":"none","alg":"RS256","kid":"${kidOf(world)}"}`;
      return [Buffer.from(header).toString('base64url'), ...rest].join('.');
    },
  },
  {
    what: 'a kid of 64 KiB',
    problem: 'malformed',
    make: (world) => signedText(world, JSON.stringify(claims), { kid: 'k'.repeat(65_536) }),
  },
  {
    what: 'a kid that is SQL',
    problem: 'unknownKey',
    make: (world) => signedText(world, JSON.stringify(claims), { kid: "' OR 1=1--" }),
  },
  {
    what: 'a kid that every object has',
    problem: 'unknownKey',
    make: (world) => signedText(world, JSON.stringify(claims), { kid: '__proto__' }),
  },
  {
    what: 'a kid that is a list',
    problem: 'unknownKey',
    make: (world) => signedText(world, JSON.stringify(claims), { kid: [kidOf(world)] }),
  },
  {
    what: 'HS256 with the modulus of the public key as its secret',
    problem: 'badAlgorithm',
    make: (world) => {
      const { n = '' } = publicKeyOf(world).export({ format: 'jwk' });
      return hmacToken(world, Buffer.from(n, 'base64url'));
    },
  },
  {
    what: 'ES256 with a signature in DER',
    problem: 'badAlgorithm',
    make: (world) => {
      const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
      const head = tokenHead({ alg: 'ES256', kid: kidOf(world) }, claims);
      return `${head}.${createSign('SHA256').update(head).sign(privateKey, 'base64url')}`;
    },
  },
  {
    what: 'our kid beside a certificate chain of a stranger',
    problem: 'badSignature',
    make: (world) =>
      rs256({ alg: 'RS256', kid: kidOf(world), x5c: ['MIIB'] }, claims, stranger.privateKey),
  },
  {
    what: 'our kid beside the address of other keys',
    problem: 'badSignature',
    make: (world) =>
      rs256(
        { alg: 'RS256', kid: kidOf(world), jku: 'https://evil.example/keys' },
        claims,
        stranger.privateKey,
      ),
  },
  {
    what: 'a crit header with a name that nobody knows',
    problem: 'badAlgorithm',
    make: (world) => signedText(world, JSON.stringify(claims), { crit: ['x-evil'], 'x-evil': 1 }),
  },
  {
    what: 'a signature of zeros',
    problem: 'badSignature',
    make: (world) => {
      const head = tokenHead({ alg: 'RS256', kid: kidOf(world) }, claims);
      return `${head}.${Buffer.alloc(256).toString('base64url')}`;
    },
  },
  {
    what: 'a token whose header was hashed with a nonce, as those of Graph on Azure',
    problem: 'badSignature',
    make: (world) => {
      const [, ...rest] = signedText(world, JSON.stringify(claims), { nonce: 'hashed' }).split('.');
      const [shown] = tokenHead({ alg: 'RS256', kid: kidOf(world), nonce: 'plain' }, {}).split('.');
      return [shown, ...rest].join('.');
    },
  },
  {
    what: 'an expiry written as text',
    problem: 'missingClaim',
    make: (world) => signAccessToken({ ...claims, exp: '9' }, 1, world.keys.signingKey('public')),
  },
];

for (const { what, problem, make } of forgeries) {
  test(`${what} is ${problem}, also when it is shown again`, async (t) => {
    const world = await openWorld(t);
    const token = await make(world);
    for (const attempt of [1, 2]) {
      const read = readAccessToken(token, place(world));
      assert.ok(read.kind === 'problem', `attempt ${attempt}`);
      assert.equal(read.problem, problem);
    }
  });
}

test('the worst token that is read at all is refused within fifty milliseconds', async (t) => {
  const world = await openWorld(t);
  const worst = [
    signedText(world, `{"a":${'['.repeat(5_000)}${']'.repeat(5_000)}}`),
    signedText(world, `${'{"a":'.repeat(1_900)}1${'}'.repeat(1_900)}`),
    'x'.repeat(1_000_000),
    `${'.'.repeat(1_000_000)}`,
  ];
  for (const token of worst) {
    const start = process.cpuUsage();
    assert.equal(readAccessToken(token, place(world)).kind, 'problem');
    const { user, system } = process.cpuUsage(start);
    assert.ok(user + system < 50_000, `${user + system} microseconds`);
  }
});

test('a refused token still says what it claimed, for the words of the refusal', async (t) => {
  const world = await openWorld(t);
  const read = readAccessToken(
    rs256({ alg: 'RS256', kid: 'x' }, claims, stranger.privateKey),
    place(world),
  );
  assert.ok(read.kind === 'problem');
  assert.deepEqual(read.claimed, { aud: claims.aud, iss: claims.iss, tid: claims.tid });
});
