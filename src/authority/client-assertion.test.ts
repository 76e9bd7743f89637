import assert from 'node:assert/strict';
import { constants, createPrivateKey, type KeyObject, sign, X509Certificate } from 'node:crypto';
import { test } from 'node:test';
import { readCertificate } from '#directory/certificate.ts';
import type { KeyCredential } from '#directory/credential.store.ts';
import { addSeconds, instantOfSeconds, secondsOf } from '#kernel/instant.ts';
import type { JsonObject } from '#kernel/json.ts';
import { seededRandom } from '#kernel/random.ts';
import { judgeAssertion } from './client-assertion.ts';
import { tokenHead } from './json-web-signature.ts';
import { newSigningKey } from './new-signing-key.ts';

const now = instantOfSeconds(1_795_251_600);
const clientId = 'a0000000-0000-4000-8000-000000000003';
const audience = 'https://login.microsoftonline.com/contoso.example/oauth2/v2.0/token';

const registered = await makeClientKey();
const unregistered = await makeClientKey();

interface ClientKey {
  readonly privateKey: KeyObject;
  readonly credential: KeyCredential;
}

async function makeClientKey(): Promise<ClientKey> {
  const made = await newSigningKey('test', now, seededRandom('client'));
  const facts = readCertificate(made.certificate);
  assert.ok(facts !== undefined);
  const { certificateDer, thumbprintSha1, thumbprintSha256 } = facts;
  const credential = {
    keyId: 'one',
    certificateDer,
    thumbprintSha1,
    thumbprintSha256,
    startAt: now,
    endAt: addSeconds(now, 86_400),
    type: 'AsymmetricX509Cert',
    usage: 'Verify',
  };
  return { privateKey: createPrivateKey(made.privateKeyPem), credential };
}

const { thumbprintSha1: sha1, thumbprintSha256: sha256 } = registered.credential;
const padded = (text: string): string => text + '='.repeat((4 - (text.length % 4)) % 4);
const standard = (text: string): string => padded(text).replaceAll('-', '+').replaceAll('_', '/');

const seconds = secondsOf(now);
const right: JsonObject = {
  iss: clientId,
  sub: clientId,
  aud: audience,
  jti: 'one',
  nbf: seconds,
  exp: seconds + 600,
};

function signed(header: JsonObject, claims: JsonObject, key = registered.privateKey): string {
  const head = tokenHead(header, claims);
  const { alg } = header;
  const [, scheme, bits] = /^(..)(\d+)$/.exec(typeof alg === 'string' ? alg : '') ?? [];
  const signature = sign(`RSA-SHA${bits ?? 256}`, Buffer.from(head), {
    key,
    ...(scheme === 'PS'
      ? { padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: constants.RSA_PSS_SALTLEN_DIGEST }
      : {}),
  });
  return `${head}.${signature.toString('base64url')}`;
}

function judge(text: string, civilNow = now, keys = [registered.credential]) {
  const isOwnAudience = (one: string): boolean => one === audience;
  return judgeAssertion(text, { clientId, keys, realNow: now, civilNow, isOwnAudience });
}

const accepted: readonly (readonly [client: string, header: JsonObject, change?: JsonObject])[] = [
  ['msal-node', { alg: 'PS256', 'x5t#S256': sha256 }],
  ['msal-node with a SHA-1 thumbprint', { alg: 'RS256', x5t: sha1 }],
  [
    'MSAL Python with a PFX',
    { alg: 'PS256', 'x5t#S256': padded(sha256) },
    { exp: seconds + 600.5, iat: seconds + 0.25, nbf: undefined },
  ],
  [
    'MSAL Python with PEM, and az',
    { alg: 'RS256', x5t: padded(sha1) },
    { exp: seconds + 600.5, nbf: undefined },
  ],
  [
    'MSAL.NET',
    { typ: 'JWT', alg: 'PS256', 'x5t#S256': sha256 },
    { exp: `${seconds + 600}`, nbf: `${seconds}` },
  ],
  ['MSAL Go', { alg: 'PS256', 'x5t#S256': standard(sha256) }],
  ['MSAL Java', { alg: 'RS256', 'x5t#S256': sha256 }],
  ['terraform', { alg: 'RS256', kid: padded(sha1) }],
  [
    'a client whose clock is four minutes ahead',
    { alg: 'RS256', x5t: sha1 },
    { nbf: seconds + 240 },
  ],
  [
    'a client whose clock is four minutes behind',
    { alg: 'RS256', x5t: sha1 },
    { exp: seconds - 240 },
  ],
  ['a client with a longer digest', { alg: 'RS384', x5t: sha1 }],
  ['a client with the longest digest and salt', { alg: 'PS512', x5t: sha1 }],
  ['a client that dates to the year 9999', { alg: 'RS256', x5t: sha1 }, { exp: 253_402_300_799 }],
];

for (const [client, header, change] of accepted) {
  test(`the assertion of ${client} is accepted, twice`, () => {
    const text = signed(header, { ...right, ...change });
    assert.equal(judge(text), undefined);
    assert.equal(judge(text), undefined);
  });
}

const refused: readonly (readonly [
  what: string,
  text: () => string,
  status: number,
  number: number,
])[] = [
  ['is no token', () => 'abc', 400, 50027],
  [
    'has no expiry',
    () => signed({ alg: 'RS256', x5t: sha1 }, { ...right, exp: undefined }),
    400,
    50027,
  ],
  [
    'has an expiry that is no number',
    () => signed({ alg: 'RS256', x5t: sha1 }, { ...right, exp: 'soon' }),
    400,
    50027,
  ],
  [
    'has no audience',
    () => signed({ alg: 'RS256', x5t: sha1 }, { ...right, aud: undefined }),
    400,
    90014,
  ],
  [
    'has no issuer',
    () => signed({ alg: 'RS256', x5t: sha1 }, { ...right, iss: undefined }),
    400,
    90014,
  ],
  [
    'has several audiences',
    () => signed({ alg: 'RS256', x5t: sha1 }, { ...right, aud: ['a', 'b'] }),
    400,
    50027,
  ],
  [
    'is of another client',
    () => signed({ alg: 'RS256', x5t: sha1 }, { ...right, iss: 'other' }),
    401,
    700021,
  ],
  [
    'speaks for another subject',
    () => signed({ alg: 'RS256', x5t: sha1 }, { ...right, sub: 'other' }),
    401,
    50048,
  ],
  [
    'is for another authority',
    () => signed({ alg: 'RS256', x5t: sha1 }, { ...right, aud: 'https://evil.example/' }),
    401,
    700023,
  ],
  [
    'expired six minutes ago',
    () => signed({ alg: 'RS256', x5t: sha1 }, { ...right, exp: seconds - 360 }),
    401,
    700024,
  ],
  [
    'begins in six minutes',
    () => signed({ alg: 'RS256', x5t: sha1 }, { ...right, nbf: seconds + 360 }),
    401,
    700024,
  ],
  ['names no key', () => signed({ alg: 'RS256' }, right), 401, 5002723],
  [
    'names a key that is not registered',
    () =>
      signed(
        { alg: 'RS256', x5t: unregistered.credential.thumbprintSha1 },
        right,
        unregistered.privateKey,
      ),
    401,
    700027,
  ],
  [
    'brings its certificate along instead',
    () =>
      signed(
        {
          alg: 'RS256',
          x5c: [Buffer.from(unregistered.credential.certificateDer).toString('base64')],
        },
        right,
        unregistered.privateKey,
      ),
    401,
    5002723,
  ],
  [
    'names our key over the signature of another',
    () => signed({ alg: 'RS256', x5t: sha1 }, right, unregistered.privateKey),
    401,
    700027,
  ],
  [
    'says PS256 and is signed otherwise',
    () =>
      signed({ alg: 'RS256', x5t: sha1 }, right).replace(
        /^[^.]+/,
        Buffer.from(JSON.stringify({ alg: 'PS256', x5t: sha1 })).toString('base64url'),
      ),
    401,
    700027,
  ],
  ['has alg none', () => `${tokenHead({ alg: 'none', x5t: sha1 }, right)}.`, 401, 5002738],
  ['has a crit header', () => signed({ alg: 'RS256', x5t: sha1, crit: ['x'] }, right), 401, 700027],
];

for (const [what, text, status, number] of refused) {
  test(`an assertion that ${what} is refused with AADSTS${number}`, () => {
    const fault = judge(text());
    assert.deepEqual([fault?.status, fault?.code], [status, `AADSTS${number}`]);
  });
}

test('a certificate that was removed or has expired proves nothing any more', () => {
  const text = signed({ alg: 'RS256', x5t: sha1 }, right);
  assert.match(judge(text, now, [])?.message ?? '', /The key was not found\./);
  const expired = judge(text, addSeconds(now, 86_400));
  assert.equal(expired?.code, 'AADSTS700027');
  const dates =
    "Found key 'Start=\\d\\d/\\d\\d/\\d{4} [0-9:]{8}, End=\\d\\d/\\d\\d/\\d{4} [0-9:]{8}', Please";
  const whole = `is expired on application\\. \\[Reason - The key used is expired\\., .*${dates}`;
  assert.match(expired?.message ?? '', new RegExp(whole));
});

test('an assertion that came too late is told so with seven digits, and since when it is valid', () => {
  const { nbf, ...rest } = right;
  const text = signed({ alg: 'RS256', x5t: sha1 }, { ...rest, exp: seconds - 3600 });
  const late = judge(text)?.message ?? '';
  assert.match(
    late,
    /Current time: [\d-]{10}T[\d:]{8}\.\d{7}Z, assertion valid from 1970-01-01T00:00:00\.0000000Z, /,
  );
});

test('the refusal names the thumbprint as the portal shows it', () => {
  const fingerprint = new X509Certificate(registered.credential.certificateDer).fingerprint;
  const fault = judge(signed({ alg: 'RS256', x5t: sha1 }, right), now, []);
  assert.ok(fault?.message.includes(`'${fingerprint.replaceAll(':', '')}'`));
});
