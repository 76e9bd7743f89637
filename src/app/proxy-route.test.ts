import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isProxyRefusal, proxyRoute } from './proxy-route.ts';

const server = { url: 'https://localhost:9000', address: '127.0.0.1', port: 9000, pid: 1 };
const credential = 'batten:secret';
const header = `Basic ${Buffer.from(credential).toString('base64')}`;

function outcome(
  allowsInternet: boolean,
  method: string,
  url: string,
  authorization?: string,
): string {
  const headers = authorization === undefined ? {} : { 'proxy-authorization': authorization };
  const route = proxyRoute({ server, allowsInternet, credential }, { method, url, headers });
  if (isProxyRefusal(route)) return String(route.status);
  return `${route.isBatten ? 'Batten' : 'internet'} ${route.target.host} ${route.target.form}${route.target.path}`;
}

/** method, target, outcome without the internet, outcome with it. */
const rows: readonly (readonly [string, string, string, string])[] = [
  [
    'CONNECT',
    'login.microsoftonline.com:443',
    'Batten login.microsoftonline.com connect',
    'Batten login.microsoftonline.com connect',
  ],
  [
    'CONNECT',
    'LOGIN.chinacloudapi.cn:443',
    'Batten login.chinacloudapi.cn connect',
    'Batten login.chinacloudapi.cn connect',
  ],
  [
    'CONNECT',
    'a.westeurope.batch.azure.com:443',
    'Batten a.westeurope.batch.azure.com connect',
    'Batten a.westeurope.batch.azure.com connect',
  ],
  [
    'POST',
    'https://login.microsoftonline.us/t/oauth2/token?x=1',
    'Batten login.microsoftonline.us https/t/oauth2/token?x=1',
    'Batten login.microsoftonline.us https/t/oauth2/token?x=1',
  ],
  [
    'GET',
    'https://management.azure.com?a',
    'Batten management.azure.com https/?a',
    'Batten management.azure.com https/?a',
  ],
  ['CONNECT', 'localhost:9000', 'Batten localhost connect', 'Batten localhost connect'],
  ['CONNECT', '[::1]:9000', 'Batten ::1 connect', 'Batten ::1 connect'],
  ['CONNECT', 'localhost:22', '403', 'internet localhost connect'],
  ['CONNECT', 'example.org:443', '403', 'internet example.org connect'],
  ['GET', 'http://example.org/', '403', 'internet example.org http/'],
  // What is meant for Batten never leaves for the real Azure.
  ['CONNECT', 'login.microsoftonline.com:8443', '403', '403'],
  ['GET', 'http://169.254.169.254/metadata/identity/oauth2/token', '403', '403'],
  ['GET', 'http://management.azure.com/subscriptions', '403', '403'],
  ['CONNECT', 'login.microsoftonline.com', '400', '400'],
  ['CONNECT', 'example.org:70000', '400', '400'],
  ['CONNECT', 'user@example.org:443', '400', '400'],
  ['GET', '/subscriptions', '400', '400'],
  ['GET', 'ftp://example.org/', '400', '400'],
];

test("Azure's names lead to Batten, other hosts nowhere unless the internet is allowed", () => {
  for (const [method, url, closed, open] of rows) {
    assert.equal(outcome(false, method, url, header), closed, `${method} ${url}`);
    assert.equal(outcome(true, method, url, header), open, `${method} ${url} with the internet`);
  }
});

test('whoever lacks the credential is asked for it, whatever the target', () => {
  const wrong = `Basic ${Buffer.from('batten:guess!').toString('base64')}`;
  for (const presented of [undefined, '', 'Basic', wrong, header.replace('Basic', 'Bearer')]) {
    assert.equal(outcome(true, 'CONNECT', 'login.microsoftonline.com:443', presented), '407');
    assert.equal(outcome(true, 'GET', '/not-a-target', presented), '407');
  }
  assert.match(
    outcome(false, 'CONNECT', 'login.microsoftonline.com:443', header.replace('Basic', 'basic')),
    /^Batten/,
  );
});

test('instance metadata is the identity of the run, with its credential, over plain http only', () => {
  const instanceMetadata = { port: 7000, headers: { 'x-identity-header': 'right' } };
  const rules = { server, allowsInternet: true, credential, instanceMetadata };
  const at = (method: string, url: string, authorization?: string) => {
    const headers = authorization === undefined ? {} : { 'proxy-authorization': authorization };
    return proxyRoute(rules, { method, url, headers });
  };
  const url = 'http://169.254.169.254/metadata/identity/oauth2/token?x=1';
  const route = at('GET', url, header);
  assert.ok(!isProxyRefusal(route));
  const { address, port, headers, target } = route;
  assert.deepEqual([address, port, headers], ['127.0.0.1', 7000, instanceMetadata.headers]);
  assert.equal(target.path, '/metadata/identity/oauth2/token?x=1');
  const tunnel = at('CONNECT', '169.254.169.254:80', header);
  assert.ok(!isProxyRefusal(tunnel));
  assert.deepEqual([tunnel.port, tunnel.headers], [7000, instanceMetadata.headers]);
  const refused = [
    [at('GET', url), 407],
    [at('CONNECT', '169.254.169.254:80'), 407],
    [at('CONNECT', '169.254.169.254:443', header), 403],
    [at('GET', 'https://169.254.169.254:80/metadata', header), 403],
    [at('GET', 'http://169.254.169.254:8080/metadata', header), 403],
  ] as const;
  for (const [one, status] of refused) {
    assert.ok(isProxyRefusal(one));
    assert.equal(one.status, status);
  }
});
