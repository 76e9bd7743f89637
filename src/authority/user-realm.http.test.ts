import assert from 'node:assert/strict';
import { test } from 'node:test';
import { openWorld } from './world.test.ts';

const query = '?api-version=1.0';

test('the domain of a tenant is managed, in each cloud with its own names', async (t) => {
  const world = await openWorld(t);
  for (const [origin, instance, urn] of [
    ['https://login.microsoftonline.com', 'microsoftonline.com', 'urn:federation:MicrosoftOnline'],
    [
      'https://login.chinacloudapi.cn',
      'partner.microsoftonline.cn',
      'urn:federation:partner.microsoftonline.cn',
    ],
    ['https://login.microsoftonline.us', 'microsoftonline.us', 'urn:federation:MicrosoftOnline'],
  ] as const) {
    const path = `/common/userrealm/nobody@contoso.example${query}`;
    const { status, json, headers } = await world.send({ origin, path });
    assert.equal(status, 200);
    assert.deepEqual(json, {
      ver: '1.0',
      account_type: 'Managed',
      domain_name: 'contoso.example',
      cloud_instance_name: instance,
      cloud_audience_urn: urn,
    });
    assert.equal(headers['Cache-Control'], 'no-store, no-cache');
  }
});

test('both spellings, an escaped name, any case and any tenancy lead to the same answer', async (t) => {
  const world = await openWorld(t);
  for (const path of [
    '/common/UserRealm/Alice@contoso.example',
    '/common/userrealm/alice%40CONTOSO.example',
    '/organizations/userrealm/alice@contoso.example',
    '/contoso.example/userrealm/alice@contoso.example',
  ]) {
    for (const version of [query, '']) {
      const { json } = await world.send({ path: `${path}${version}` });
      assert.equal(Reflect.get(json, 'domain_name'), 'contoso.example', path);
    }
  }
});

test('a domain that no tenant has is unknown, and a name without one too', async (t) => {
  const world = await openWorld(t);
  for (const name of ['a@nowhere.example', 'alice', '@', 'a@common']) {
    const { status, json } = await world.send({ path: `/common/userrealm/${name}${query}` });
    assert.equal(status, 200);
    assert.equal(Reflect.get(json, 'account_type'), 'Unknown', name);
    assert.equal(Reflect.get(json, 'domain_name'), undefined);
  }
});

test('a tenant that is not there has no realms, and the answer of other versions is lacking', async (t) => {
  const world = await openWorld(t);
  const unknown = await world.send({
    path: `/nowhere.example/userrealm/a@contoso.example${query}`,
  });
  assert.deepEqual([unknown.status, unknown.json.error_codes], [400, [90002]]);
  const path = '/common/userrealm/a@contoso.example?api-version=2.1';
  assert.equal((await world.send({ path })).status, 501);
});
