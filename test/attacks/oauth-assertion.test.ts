import assert from 'node:assert/strict';
import { createPrivateKey, type KeyObject, randomUUID, sign, X509Certificate } from 'node:crypto';
import { newSigningKey } from '#authority/new-signing-key.ts';
import { machineClock } from '#kernel/clock.ts';
import { machineRandom } from '#kernel/random.ts';
import { attack } from './attack.ts';
import { encoded } from './forge.ts';
import { grantSeedPath, type Refusal, refusalIn } from './grant-world.ts';
import { openAttackedWorld } from './world.ts';

/*
 * Assertions with which a client proves itself by a certificate.
 */

const world = await openAttackedWorld({ seedPath: grantSeedPath });
const { appId, objectId } = await world.register('certified');
const own = await newCertificate();
const other = await newCertificate();
const key = own.certificate.toString('base64');
await world.graph.call('PATCH', `/v1.0/applications/${objectId}`, {
  keyCredentials: [{ type: 'AsymmetricX509Cert', usage: 'Verify', key, displayName: 'own' }],
});

interface Certified {
  readonly certificate: Buffer;
  readonly privateKey: KeyObject;
  readonly thumbprint: string;
}

async function newCertificate(): Promise<Certified> {
  const made = await newSigningKey('client', machineClock().real(), machineRandom());
  const digest = new X509Certificate(made.certificate).fingerprint256.replaceAll(':', '');
  return {
    certificate: made.certificate,
    privateKey: createPrivateKey(made.privateKeyPem),
    thumbprint: Buffer.from(digest, 'hex').toString('base64url'),
  };
}

const nowSeconds = () => Math.floor(Date.now() / 1000);

/** A right assertion, but for what is changed. */
function assertionWith(
  change: {
    readonly header?: object;
    readonly claims?: object;
    readonly signedBy?: Certified;
    readonly isUnsigned?: boolean;
  } = {},
): string {
  const header = { alg: 'RS256', typ: 'JWT', 'x5t#S256': own.thumbprint, ...change.header };
  const now = nowSeconds();
  const claims = {
    aud: `${world.url}/${world.tenantId}/oauth2/v2.0/token`,
    ...{ iss: appId, sub: appId, jti: randomUUID(), nbf: now, exp: now + 600 },
    ...change.claims,
  };
  const signed = `${encoded(JSON.stringify(header))}.${encoded(JSON.stringify(claims))}`;
  if (change.isUnsigned) return `${signed}.`;
  const { privateKey } = change.signedBy ?? own;
  return `${signed}.${sign('sha256', Buffer.from(signed), privateKey).toString('base64url')}`;
}

const present = (client_assertion: string) =>
  world.token({
    grant_type: 'client_credentials',
    client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
    scope: 'https://management.azure.com/.default',
    ...{ client_id: appId, client_assertion },
  });

const badAlgorithm = [401, 'invalid_client', 'AADSTS5002738'] as const;
const unproved = [401, 'invalid_client', 'AADSTS700027'] as const;
const otherAudience = [401, 'invalid_client', 'AADSTS700023'] as const;
const outsideTime = [401, 'invalid_client', 'AADSTS700024'] as const;
const malformed = [400, 'invalid_request', 'AADSTS50027'] as const;
const x5c = [other.certificate.toString('base64')];

const refused: readonly (readonly [
  what: string,
  change: Parameters<typeof assertionWith>[0],
  refusal: Refusal,
])[] = [
  ['aud of a stranger', { claims: { aud: 'https://evil.example/' } }, otherAudience],
  ['aud of a resource', { claims: { aud: 'https://management.azure.com/' } }, otherAudience],
  [
    'aud of another tenant',
    { claims: { aud: `${world.url}/fabrikam.example/oauth2/v2.0/token` } },
    otherAudience,
  ],
  ['several audiences', { claims: { aud: [world.url, 'https://evil.example/'] } }, malformed],
  [
    'exp in the past',
    { claims: { nbf: nowSeconds() - 1_200, exp: nowSeconds() - 600 } },
    outsideTime,
  ],
  ['nbf in the future', { claims: { nbf: nowSeconds() + 600 } }, outsideTime],
  ['no exp', { claims: { exp: undefined } }, malformed],
  ['exp that is no time', { claims: { exp: 'never' } }, malformed],
  [
    'an unregistered certificate',
    { header: { 'x5t#S256': other.thumbprint }, signedBy: other },
    unproved,
  ],
  [
    'no thumbprint',
    { header: { 'x5t#S256': undefined } },
    [401, 'invalid_client', 'AADSTS5002723'],
  ],
  ['alg none', { header: { alg: 'none' }, isUnsigned: true }, badAlgorithm],
  ['alg none with a signature', { header: { alg: 'none' } }, badAlgorithm],
  ['alg HS256', { header: { alg: 'HS256' } }, badAlgorithm],
  ['the key of another certificate', { signedBy: other }, unproved],
  ['x5c of another certificate', { header: { x5c }, signedBy: other }, unproved],
  [
    'x5c and thumbprint of another certificate',
    { header: { x5c, 'x5t#S256': other.thumbprint }, signedBy: other },
    unproved,
  ],
];

/*
 * How far away exp is, Entra does not restrict; the wrong audience is 700023, and what cannot be read
 * is 50027 with 400, as recorded.
 * Source: https://learn.microsoft.com/entra/identity-platform/certificate-credentials
 */
attack('OAU-45', async () => {
  for (const [what, change, refusal] of refused) {
    const answer = await world.unchanged(() => present(assertionWith(change)));
    assert.deepEqual(refusalIn(answer), refusal, what);
  }
  for (const exp of [nowSeconds() + 600, nowSeconds() + 366 * 86_400]) {
    const assertion = assertionWith({ claims: { exp } });
    assert.equal((await present(assertion)).status, 200);
    assert.equal((await present(assertion)).status, 200, 'MSAL Python shows the same one again');
  }
  const withOther = assertionWith({ header: { x5c } });
  assert.equal((await present(withOther)).status, 200, 'a certificate in x5c counts for nothing');
});
