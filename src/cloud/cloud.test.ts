import assert from 'node:assert/strict';
import { test } from 'node:test';
import { clouds, knownHost } from './cloud.ts';

test('every host of the table is known for its surface and cloud', () => {
  const rows: readonly [host: string, cloud: string, surface: string][] = [
    ['login.microsoftonline.com', 'public', 'authority'],
    ['westeurope.login.microsoft.com', 'public', 'authority'],
    ['login.chinacloudapi.cn', 'china', 'authority'],
    ['login.partner.microsoftonline.cn', 'china', 'authority'],
    ['login.microsoftonline.us', 'usgov', 'authority'],
    ['management.azure.com', 'public', 'arm'],
    ['management.chinacloudapi.cn', 'china', 'arm'],
    ['graph.microsoft.com', 'public', 'graph'],
    ['main.iam.ad.ext.azure.com', 'public', 'graph'],
    ['microsoftgraph.chinacloudapi.cn', 'china', 'graph'],
    ['myaccount.westeurope.batch.azure.com', 'public', 'batch'],
    ['myaccount.chinaeast2.batch.chinacloudapi.cn', 'china', 'batch'],
    ['store.blob.core.windows.net', 'public', 'storage'],
    ['e.westeurope.inference.ml.azure.com', 'public', 'ml'],
  ];
  for (const [host, cloud, surface] of rows) {
    const found = knownHost(host);
    assert.deepEqual([found?.cloud, found?.surface], [cloud, surface], host);
  }
  assert.deepEqual(knownHost('acct.westeurope.batch.azure.com')?.labels, {
    account: 'acct',
    region: 'westeurope',
  });
});

test('a host that only resembles one of Azure is unknown', () => {
  const hosts = [
    'localhost',
    'batch.azure.com',
    'acct.batch.azure.com',
    'a.b.westeurope.batch.azure.com',
    'login.microsoftonline.com.evil.example',
    'evil-login.microsoftonline.com',
    'acct.westeurope.batch.azure.com.',
    'xmanagement.azure.com',
    'blob.core.windows.net',
    'graph.windows.net',
    'iam.ad.ext.azure.com',
    'main.iam.ad.ext.azure.com.evil.example',
  ];
  for (const host of hosts) assert.equal(knownHost(host), undefined, host);
});

test('no host and no audience belongs to two clouds', () => {
  const hosts = clouds.flatMap((cloud) => [
    ...cloud.loginHosts,
    ...cloud.armHosts,
    ...cloud.graphHosts,
    ...cloud.registrationHosts,
  ]);
  assert.equal(new Set(hosts).size, hosts.length);
  const audiences = clouds.flatMap((cloud) => [
    cloud.batchAudience,
    ...cloud.armAudiences,
    ...cloud.graphAudiences,
  ]);
  assert.equal(new Set(audiences).size, audiences.length);
});
