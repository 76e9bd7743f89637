import assert from 'node:assert/strict';
import { test } from 'node:test';
import { openUserWorld, site } from './user-world.test.ts';
import { contoso } from './world.test.ts';

const saml1 = 'urn:ietf:params:oauth:grant-type:saml1_1-bearer';
const saml2 = 'urn:ietf:params:oauth:grant-type:saml2-bearer';
const adfs = 'http://adfs.contoso.example/adfs/services/trust';

const assertion1 =
  '<saml:Assertion MajorVersion="1" MinorVersion="1" AssertionID="_3d0f" ' +
  `Issuer="${adfs}" xmlns:saml="urn:oasis:names:tc:SAML:1.0:assertion"></saml:Assertion>`;
const assertion2 =
  '<samlp:Response xmlns:samlp="urn:oasis:names:tc:SAML:2.0:protocol"><Assertion ID="_1" ' +
  'Version="2.0" xmlns="urn:oasis:names:tc:SAML:2.0:assertion"><Issuer>https://sts.windows.net/t/' +
  '</Issuer></Assertion></samlp:Response>';

const base64 = (text: string): string => Buffer.from(text).toString('base64');

const refusals: readonly (readonly [
  what: string,
  path: string,
  form: Readonly<Record<string, string>>,
  status: number,
  says: RegExp,
])[] = [
  [
    'an assertion of ADFS, which no domain is federated with',
    `/${contoso.tenantId}/oauth2/v2.0/token`,
    { grant_type: saml1, assertion: base64(assertion1) },
    400,
    /^AADSTS50107: The requested federation realm object 'http:\/\/adfs\.contoso\.example\/adfs\/services\/trust' does not exist\./,
  ],
  [
    "an assertion of Entra ID's own, which is nobody's federation",
    `/${contoso.tenantId}/oauth2/token`,
    { grant_type: saml2, assertion: Buffer.from(assertion2).toString('base64url') },
    400,
    /^AADSTS50107: .*'https:\/\/sts\.windows\.net\/t\/' does not exist/,
  ],
  [
    'an assertion where no tenant is named',
    '/organizations/oauth2/v2.0/token',
    { grant_type: saml2, assertion: base64(assertion2) },
    400,
    /^AADSTS50107: /,
  ],
  [
    'SAML 1.1 in place of SAML 2.0',
    `/${contoso.tenantId}/oauth2/v2.0/token`,
    { grant_type: saml2, assertion: base64(assertion1) },
    400,
    /^AADSTS7500514: A supported type of SAML response was not found\./,
  ],
  [
    'SAML 2.0 in place of SAML 1.1',
    `/${contoso.tenantId}/oauth2/v2.0/token`,
    { grant_type: saml1, assertion: base64(assertion2) },
    400,
    /^AADSTS7500514: /,
  ],
  [
    'no SAML at all',
    `/${contoso.tenantId}/oauth2/v2.0/token`,
    { grant_type: saml2, assertion: '<'.repeat(10_000) },
    400,
    /^AADSTS50008: SAML token is invalid\./,
  ],
  [
    'an assertion without version',
    `/${contoso.tenantId}/oauth2/v2.0/token`,
    { grant_type: saml1, assertion: base64('<Assertion Issuer="x">') },
    400,
    /^AADSTS50008: /,
  ],
  [
    'nothing',
    `/${contoso.tenantId}/oauth2/v2.0/token`,
    { grant_type: saml2 },
    400,
    /^AADSTS900144: .*'assertion'/,
  ],
  [
    'a client that does not prove itself',
    `/${contoso.tenantId}/oauth2/v2.0/token`,
    { grant_type: saml2, assertion: base64(assertion2), client_secret: 'wrong' },
    401,
    /^AADSTS7000215: /,
  ],
  [
    'personal accounts',
    '/consumers/oauth2/v2.0/token',
    { grant_type: saml2, assertion: base64(assertion2) },
    400,
    /^AADSTS9001023: /,
  ],
];

for (const [what, path, form, status, says] of refusals) {
  test(`the SAML grants refuse ${what}, and nothing changes`, async (t) => {
    const world = await openUserWorld(t);
    const before = await world.rows();
    const client = { client_id: site.appId, client_secret: site.secretText };
    const answer = await world.send({ path, form: { ...client, scope: 'openid', ...form } });
    assert.equal(answer.status, status);
    assert.match(answer.json.error_description, says);
    assert.deepEqual(await world.rows(), before);
  });
}
