import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseTarget } from '#http/target.ts';
import { reachOf } from './reach.ts';

const tenantId = '72f988bf-86f1-41af-91ab-2d7cd011db47';

/** host, raw path, and what they mean: surface, cloud, base, labels; undefined is 421. */
const rows: readonly (readonly [host: string, path: string, meaning: string | undefined])[] = [
  ['localhost:8443', `/${tenantId}/oauth2/v2.0/token`, 'authority public / {}'],
  ['localhost:8443', `/${tenantId.toUpperCase()}/oauth2/token`, 'authority public / {}'],
  ['localhost:8443', '/contoso.onmicrosoft.com/v2.0', 'authority public / {}'],
  ['localhost:8443', '/common/discovery/instance', 'authority public / {}'],
  ['localhost:8443', '/organizations/v2.0', 'authority public / {}'],
  ['localhost:8443', '/consumers/v2.0', 'authority public / {}'],
  ['localhost:8443', '/adfs/oauth2/token', 'authority public / {}'],
  ['localhost:8443', '/subscriptions?api-version=1', 'arm public / {}'],
  ['localhost:8443', '/SUBSCRIPTIONS/x', 'arm public / {}'],
  ['localhost:8443', '//subscriptions/x', 'arm public / {}'],
  ['localhost:8443', '/providers', 'arm public / {}'],
  ['localhost:8443', '/tenants', 'arm public / {}'],
  ['localhost:8443', '/metadata/endpoints', 'arm public / {}'],
  ['localhost:8443', '/metadata/identity/oauth2/token', 'identity public / {}'],
  ['localhost:8443', '/v1.0/users', 'graph public / {}'],
  ['localhost:8443', '/beta/users', 'graph public / {}'],
  ['localhost:8443', '/oidc/userinfo', 'graph public / {}'],
  ['localhost:8443', '/api/RegisteredApplications/x/Consent', 'graph public / {}'],
  ['localhost:8443', '/batch/Contoso/jobs', 'batch public batch/Contoso {"account":"contoso"}'],
  ['localhost:8443', '/storage/data/c', 'storage public storage/data {"account":"data"}'],
  ['localhost:8443', '/ml/space/x', 'ml public ml/space {"workspace":"space"}'],
  ['localhost:8443', '/portal/', 'portal public portal {}'],
  ['127.0.0.1:1', '/v1.0/me', 'graph public / {}'],
  ['[::1]:1', '/v1.0/me', 'graph public / {}'],
  ['workstation', '/v1.0/me', 'graph public / {}'],
  ['localhost', '/', undefined],
  ['localhost', '/batch', undefined],
  ['localhost', '/batch//jobs', undefined],
  ['localhost', '/batch/%zz/jobs', undefined],
  ['localhost', '//v1.0/users', undefined],
  ['localhost', '//batch/contoso/jobs', undefined],
  ['localhost', '/jobs', undefined],
  ['localhost', '/api/other', undefined],
  ['localhost', '/metadata', undefined],
  ['elsewhere', '/v1.0/users', undefined],
  ['localhost.elsewhere.org', '/v1.0/users', undefined],
  ['login.microsoftonline.com', '/common', 'authority public / {}'],
  ['westeurope.login.microsoft.com', '/common', 'authority public / {}'],
  ['login.chinacloudapi.cn', '/anything', 'authority china / {}'],
  ['management.usgovcloudapi.net', '/batch/x', 'arm usgov / {}'],
  ['graph.microsoft.com', '/subscriptions', 'graph public / {}'],
  [
    'contoso.chinaeast2.batch.chinacloudapi.cn',
    '/jobs',
    'batch china / {"account":"contoso","region":"chinaeast2"}',
  ],
  ['batch.azure.com', '/jobs', undefined],
  ['contoso.batch.azure.com', '/jobs', undefined],
  ['evil-login.microsoftonline.com.evil.org', '/common', undefined],
];

test('the host decides on Azure names, the first segment on this machine', () => {
  const find = reachOf(['localhost', 'workstation']);
  for (const [host, path, meaning] of rows) {
    const target = parseTarget(path);
    assert.ok(target);
    const reach = find(host, target.segments);
    const found =
      reach &&
      `${reach.surface} ${reach.cloud} ${reach.base.join('/') || '/'} ${JSON.stringify(reach.labels)}`;
    assert.equal(found, meaning, `${host}${path}`);
  }
});

test('links name the host and port as reached, 443 left out, and only this machine counts as explicit', () => {
  const find = reachOf(['localhost']);
  const own = find('localhost:8443', ['v1.0']);
  assert.deepEqual(
    [own?.origin, own?.host, own?.explicit],
    ['https://localhost:8443', 'localhost', true],
  );
  assert.equal(find('localhost:443', ['v1.0'])?.origin, 'https://localhost');
  const azure = find('graph.microsoft.com', ['v1.0']);
  assert.deepEqual([azure?.origin, azure?.explicit], ['https://graph.microsoft.com', false]);
});
