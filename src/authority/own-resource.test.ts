import assert from 'node:assert/strict';
import { test } from 'node:test';
import { guidOfText } from '#kernel/random.ts';
import { openUserWorld, password, site, type UserWorld } from './user-world.test.ts';
import { contoso } from './world.test.ts';

/*
 * An application that is the resource, too: it names itself by its id when it wants all it may have.
 */

const ownId = `api://${site.appId}`;
const callMe = {
  id: guidOfText('call me'),
  value: 'call_me',
  type: 'User',
  isEnabled: true,
  adminConsentDisplayName: 'Call me',
  adminConsentDescription: 'Call me',
} as const;

async function openOwnWorld(t: Parameters<typeof openUserWorld>[0]): Promise<UserWorld> {
  const world = await openUserWorld(t, {
    identifierUris: ['api://site', ownId],
    oauth2PermissionScopes: [callMe],
  });
  await world.grant(world.sitePrincipal, callMe.value);
  return world;
}

const alone = { grant_type: 'client_credentials' };
const forAlice = { grant_type: 'password', username: 'alice@contoso.example', password };

const cases: readonly (readonly [
  who: string,
  form: Readonly<Record<string, string>>,
  scope: string,
  codes: readonly number[] | undefined,
])[] = [
  ['an application alone', alone, `${site.appId}/.default`, undefined],
  ['an application alone', alone, `${ownId}/.default`, undefined],
  ['an application alone', alone, 'api://site/.default', [90009]],
  ['an application of a user', forAlice, `${site.appId}/.default`, undefined],
  ['an application of a user', forAlice, 'api://site/call_me', undefined],
  ['an application of a user', forAlice, 'api://site/.default', [90009]],
];

for (const [who, form, scope, codes] of cases) {
  const outcome = codes === undefined ? 'gets a token' : `is refused with AADSTS${codes[0]}`;
  test(`${who} that asks itself for ${scope.replace(site.appId, 'its id')} ${outcome}`, async (t) => {
    const world = await openOwnWorld(t);
    const before = await world.rows();
    const client = { client_id: site.appId, client_secret: site.secretText };
    const path = `/${contoso.tenantId}/oauth2/v2.0/token`;
    const { status, json } = await world.send({ path, form: { ...client, ...form, scope } });
    assert.deepEqual([status, json.error_codes], [codes === undefined ? 200 : 400, codes]);
    if (codes !== undefined) assert.deepEqual(await world.rows(), before);
  });
}
