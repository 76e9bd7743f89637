import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { addTenant } from '#directory/tenant.store.ts';
import { instant } from '#kernel/instant.ts';
import { guidOfText } from '#kernel/random.ts';
import { type Answer, contoso, openWorld } from './world.test.ts';

interface Recorded {
  readonly url: string;
  readonly status?: number;
  readonly contentLength?: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Readonly<Record<string, unknown>>;
}

const vectors: { readonly discovery: Recorded[]; readonly refusals: Recorded[] } = JSON.parse(
  readFileSync(join(import.meta.dirname, '../../test/vectors/entra-recorded.json'), 'utf8'),
);

/** The recorder cut long lists; what it kept must stand at the beginning of ours. */
function matches(ours: unknown, recorded: unknown): void {
  if (Array.isArray(recorded)) {
    assert.ok(Array.isArray(ours));
    const kept = recorded.filter((one) => !String(one).includes('items omitted'));
    for (const [index, one] of kept.entries()) matches(ours[index], one);
    if (kept.length === recorded.length) assert.equal(ours.length, kept.length);
  } else if (typeof recorded === 'object' && recorded !== null) {
    assert.ok(typeof ours === 'object' && ours !== null);
    assert.deepEqual(Object.keys(ours), Object.keys(recorded));
    for (const [name, value] of Object.entries(recorded)) {
      // The region of a tenant is the one fact that differs from tenant to tenant.
      if (name !== 'tenant_region_scope') matches((ours as Record<string, unknown>)[name], value);
    }
  } else {
    assert.deepEqual(ours, recorded);
  }
}

function hasHeaders(answer: Answer, recorded: Readonly<Record<string, string>>): void {
  const ours = new Map(
    Object.entries(answer.headers).map(([name, value]) => [name.toLowerCase(), value]),
  );
  if (answer.contentType !== undefined) ours.set('content-type', answer.contentType);
  for (const [name, value] of Object.entries(recorded)) assert.equal(ours.get(name), value, name);
}

for (const recorded of vectors.discovery) {
  test(`${recorded.url} is answered as recorded, member by member`, async (t) => {
    const world = await openWorld(t);
    const tenantId = '00000000-0000-0000-0000-000000000000';
    await world.store.write((tx) =>
      addTenant(tx, { tenantId, displayName: '', domains: [], createdAt: instant(0) }),
    );
    const { origin, pathname, search } = new URL(recorded.url);
    const answer = await world.send({ origin, path: pathname + search });
    assert.equal(answer.status, 200);
    hasHeaders(answer, recorded.headers);
    matches(answer.json, recorded.body);
    const { contentLength } = recorded;
    if (contentLength !== undefined) {
      assert.equal(JSON.stringify(answer.json).length, contentLength);
    }
  });
}

test('the metadata of an unknown tenant is refused as recorded', async (t) => {
  const world = await openWorld(t);
  const recorded = vectors.refusals.find((one) => one.url.includes('.well-known'));
  assert.ok(recorded !== undefined);
  const answer = await world.send({ path: new URL(recorded.url).pathname });
  assert.equal(answer.status, recorded.status);
  hasHeaders(answer, recorded.headers);
  assert.deepEqual(Object.keys(answer.json), Object.keys(recorded.body));
  const textOf = (description: unknown): string | undefined =>
    String(description).split(/\s+Trace ID: /)[0];
  const { error, error_codes, error_uri, error_description } = recorded.body;
  assert.deepEqual([answer.json.error, answer.json.error_codes], [error, error_codes]);
  assert.equal(answer.json.error_uri, error_uri);
  assert.equal(textOf(answer.json.error_description), textOf(error_description));
});

test('a domain names its tenant by id in every endpoint; an alias keeps its name', async (t) => {
  const world = await openWorld(t);
  const base = 'https://login.microsoftonline.com';
  for (const [name, endpoint, issuer] of [
    ['contoso.example', contoso.tenantId, contoso.tenantId],
    ['CONTOSO.EXAMPLE', contoso.tenantId, contoso.tenantId],
    [contoso.tenantId.toUpperCase(), contoso.tenantId, contoso.tenantId],
    ['common', 'common', '{tenantid}'],
    ['Organizations', 'organizations', '{tenantid}'],
    ['consumers', 'consumers', '9188040d-6c67-4c5b-b112-36a304b66dad'],
  ] as const) {
    const { json } = await world.send({ path: `/${name}/v2.0/.well-known/openid-configuration` });
    assert.equal(json.token_endpoint, `${base}/${endpoint}/oauth2/v2.0/token`);
    assert.equal(json.issuer, `${base}/${issuer}/v2.0`);
    const v1 = await world.send({ path: `/${name}/.well-known/openid-configuration` });
    assert.equal(v1.json.token_endpoint, `${base}/${endpoint}/oauth2/token`);
    assert.equal(v1.json.issuer, `https://sts.windows.net/${issuer}/`);
    assert.equal(v1.json.jwks_uri, `${base}/common/discovery/keys`);
  }
});

test('who asks for one application is sent to keys for it, which are those of all', async (t) => {
  const world = await openWorld(t);
  const { tenantId } = contoso;
  const base = `https://login.microsoftonline.com/${tenantId}`;
  const appId = guidOfText('any application');
  for (const [version, keys] of [
    ['v2.0/', '/discovery/v2.0/keys'],
    ['', '/discovery/keys'],
  ] as const) {
    const path = `/${tenantId}/${version}.well-known/openid-configuration`;
    const { json } = await world.send({ path: `${path}?appid=${appId}` });
    assert.equal(json.jwks_uri, `${base}${keys}?appid=${appId}`);
    const { pathname, search } = new URL(json.jwks_uri);
    const named = await world.send({ path: pathname + search });
    assert.deepEqual(named.json.keys, (await world.send({ path: pathname })).json.keys);
    const odd = await world.send({ path: `${path}?appid=%22x` });
    assert.deepEqual(
      [odd.status, odd.json.error, odd.json.error_codes],
      [400, 'invalid_request', [90112]],
    );
  }
});

test('keys have the members that Entra gives them, in its order', async (t) => {
  const world = await openWorld(t);
  const members = ['kty', 'use', 'kid', 'x5t', 'n', 'e', 'x5c', 'cloud_instance_name'];
  const v1 = await world.send({ path: '/common/discovery/keys' });
  assert.deepEqual(Object.keys(v1.json.keys[0] ?? {}), members);
  for (const [name, issuer] of [
    ['common', '{tenantid}'],
    ['consumers', '9188040d-6c67-4c5b-b112-36a304b66dad'],
    ['contoso.example', contoso.tenantId],
  ] as const) {
    const { json } = await world.send({ path: `/${name}/discovery/v2.0/keys` });
    const [key = {}] = json.keys;
    assert.deepEqual(Object.keys(key), [...members, 'issuer']);
    const expected = `https://login.microsoftonline.com/${issuer}/v2.0`;
    assert.equal(Reflect.get(key, 'issuer'), expected);
  }
});

test('the adfs form says where to sign out, too', async (t) => {
  const world = await openWorld(t);
  const path = '/adfs/.well-known/openid-configuration';
  const { json } = await world.send({ origin: 'https://localhost:8443', path });
  const out = Reflect.get(json, 'end_session_endpoint');
  assert.equal(out, 'https://localhost:8443/adfs/oauth2/logout');
  const shown = await world.send({ origin: 'https://localhost:8443', path: '/adfs/oauth2/logout' });
  assert.equal(shown.status, 200);
});

test('endpoints stand on the host as reached; the issuer is the canonical one on Azure names', async (t) => {
  const world = await openWorld(t);
  const path = `/${contoso.tenantId}/v2.0/.well-known/openid-configuration`;
  for (const [origin, issuer] of [
    ['https://login.windows.net', 'https://login.microsoftonline.com'],
    ['https://login.chinacloudapi.cn', 'https://login.partner.microsoftonline.cn'],
    ['https://login.usgovcloudapi.net', 'https://login.microsoftonline.us'],
    ['https://localhost:8443', 'https://localhost:8443'],
  ] as const) {
    const { json } = await world.send({ origin, path });
    assert.equal(json.issuer, `${issuer}/${contoso.tenantId}/v2.0`);
    for (const name of ['token_endpoint', 'jwks_uri', 'authorization_endpoint'] as const) {
      assert.ok(json[name].startsWith(`${origin}/${contoso.tenantId}/`));
    }
  }
  const explicit = await world.send({ origin: 'https://localhost:8443', path });
  assert.equal(explicit.json.userinfo_endpoint, 'https://localhost:8443/oidc/userinfo');
});

test('every key document holds the key of the cloud as reached', async (t) => {
  const world = await openWorld(t);
  for (const [origin, cloud] of [
    ['https://login.microsoftonline.com', 'public'],
    ['https://login.chinacloudapi.cn', 'china'],
  ] as const) {
    const [key] = world.keys.jwks(cloud);
    for (const path of [
      `/${contoso.tenantId}/discovery/v2.0/keys`,
      '/contoso.example/discovery/keys',
      '/common/discovery/keys',
      '/common/discovery/v2.0/keys',
      '/adfs/discovery/keys',
    ]) {
      const { json } = await world.send({ origin, path });
      assert.equal(json.keys.length, 1);
      assert.deepEqual([json.keys[0]?.kid, json.keys[0]?.n], [key?.kid, key?.n]);
      assert.deepEqual(json.keys[0]?.x5c, key?.x5c);
      assert.ok(!('d' in (json.keys[0] ?? {})));
    }
  }
  const unknown = await world.send({ path: '/nowhere.example/discovery/v2.0/keys' });
  assert.deepEqual([unknown.status, unknown.json.error], [400, 'invalid_tenant']);
});

test('instance discovery knows every login host of the three clouds and refuses the rest', async (t) => {
  const world = await openWorld(t);
  const ask = (host: string, version = '1.1') => {
    const endpoint = encodeURIComponent(`https://${host}/common/oauth2/v2.0/authorize`);
    const query = `api-version=${version}&authorization_endpoint=${endpoint}`;
    return world.send({ path: `/common/discovery/instance?${query}` });
  };
  for (const host of [
    'login.microsoftonline.com',
    'LOGIN.windows.net',
    'sts.windows.net',
    'login.chinacloudapi.cn',
    'login.microsoftonline.us',
    'westeurope.login.microsoft.com',
  ]) {
    const { status, json } = await ask(host);
    assert.equal(status, 200);
    const expected = `https://${host.toLowerCase()}/common/v2.0/.well-known/openid-configuration`;
    assert.equal(json.tenant_discovery_endpoint, expected);
    assert.equal(json.metadata.length, 5);
  }
  const old = await ask('login.microsoftonline.com', '1.0');
  assert.deepEqual(Object.keys(old.json), ['tenant_discovery_endpoint']);
  for (const host of ['evil.example', 'login.microsoftonline.com.evil.example', 'localhost:8443']) {
    const { status, json } = await ask(host);
    assert.deepEqual([status, json.error, json.error_codes], [400, 'invalid_instance', [50049]]);
  }
  const nothing = await world.send({ path: '/common/discovery/instance?api-version=1.1' });
  assert.deepEqual([nothing.status, nothing.json.error_codes], [400, [90014]]);
});

test('reached explicitly, instance discovery knows its own host too, and only that port', async (t) => {
  const world = await openWorld(t);
  const ask = (host: string) => {
    const endpoint = encodeURIComponent(`https://${host}/common/oauth2/authorize`);
    const path = `/common/discovery/instance?api-version=1.1&authorization_endpoint=${endpoint}`;
    return world.send({ origin: 'https://localhost:8443', path });
  };
  const { json } = await ask('localhost:8443');
  const expected = 'https://localhost:8443/common/.well-known/openid-configuration';
  assert.equal(json.tenant_discovery_endpoint, expected);
  assert.deepEqual(json.metadata[0]?.aliases, ['localhost:8443']);
  assert.equal((await ask('localhost:9999')).json.error, 'invalid_instance');
});

test('a browser may ask first, and a path without a document has none', async (t) => {
  const world = await openWorld(t);
  const path = '/common/v2.0/.well-known/openid-configuration';
  const preflight = await world.send({ method: 'OPTIONS', path });
  assert.equal(preflight.status, 200);
  assert.equal(preflight.headers['Access-Control-Allow-Origin'], '*');
  const nothing = await world.send({ path: '/common/v3.0/.well-known/openid-configuration' });
  assert.deepEqual([nothing.status, nothing.json], [404, null]);
  assert.ok(nothing.headers['x-ms-request-id'] !== undefined);
});
