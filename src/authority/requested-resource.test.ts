import assert from 'node:assert/strict';
import { test } from 'node:test';
import { cloudNamed } from '#cloud/cloud.ts';
import { isFault } from '#kernel/fault.ts';
import { readClaimsRequest } from './claims-parameter.ts';
import { isOfOtherCloud, resourceOfScope } from './requested-resource.ts';

const graphAppId = '00000003-0000-0000-c000-000000000000';

const scopes: readonly (readonly [scope: string | undefined, resource: string])[] = [
  ['https://batch.core.windows.net//.default', 'https://batch.core.windows.net/'],
  ['https://batch.core.windows.net/.default', 'https://batch.core.windows.net'],
  ['https://batch.core.windows.net///.default', 'https://batch.core.windows.net//'],
  ['api://render/v1/.default', 'api://render/v1'],
  [`${graphAppId}/.default`, graphAppId],
  ['.default', graphAppId],
  ['https://graph.microsoft.com/.DEFAULT', 'https://graph.microsoft.com'],
  ['api://render/.default openid offline_access profile', 'api://render'],
  ['OpenID  api://render/.default api://render/.default ', 'api://render'],
  [undefined, 'AADSTS90014'],
  ['', 'AADSTS90014'],
  ['  ', 'AADSTS90014'],
  ['openid profile', 'AADSTS1002012'],
  ['api://render', 'AADSTS1002012'],
  ['api://render/Frames.Render', 'AADSTS1002012'],
  ['api://render/.default api://render/Frames.Render', 'AADSTS1002012'],
  ['api://render/.defaults', 'AADSTS1002012'],
  ['/.default', 'AADSTS70011'],
  ['api://render/.default api://other/.default', 'AADSTS70011'],
  ['api://render/.default api://render//.default', 'AADSTS70011'],
];

for (const [scope, expected] of scopes) {
  test(`the scope ${JSON.stringify(scope)} of an application means ${expected}`, () => {
    const outcome = resourceOfScope(scope);
    assert.equal(isFault(outcome) ? outcome.code : outcome, expected);
  });
}

const names: readonly (readonly [name: string, cloud: 'public' | 'china', isOther: boolean])[] = [
  ['https://batch.core.windows.net/', 'public', false],
  ['https://batch.core.windows.net/', 'china', true],
  ['https://batch.chinacloudapi.cn', 'public', true],
  ['HTTPS://MANAGEMENT.CHINACLOUDAPI.CN/', 'public', true],
  ['https://management.chinacloudapi.cn', 'china', false],
  ['api://render', 'china', false],
  [graphAppId, 'china', false],
];

for (const [name, cloud, isOther] of names) {
  test(`${name} is ${isOther ? 'of another cloud than' : 'known to'} ${cloud}`, () => {
    assert.equal(isOfOtherCloud(name, cloudNamed(cloud)), isOther);
  });
}

const claims: readonly (readonly [claims: string | undefined, expected: string | undefined])[] = [
  [undefined, undefined],
  ['', undefined],
  ['{"access_token":{"xms_cc":{"values":["cp1"]}}}', 'cp1'],
  ['{"access_token":{"xms_cc":{"values":["CP1"]}}}', 'CP1'],
  ['{"access_token":{"xms_cc":{"values":["cp2",1]}}}', undefined],
  ['{"id_token":{"signin_state":{"essential":false}}}', undefined],
  ['{"access_token":null}', undefined],
  ['[]', 'AADSTS9002313'],
  ['{', 'AADSTS9002313'],
  [`{"a":"${'x'.repeat(10_000)}"}`, 'AADSTS9002313'],
];

for (const [text, expected] of claims) {
  test(`the claims parameter ${text?.slice(0, 60)} says ${expected}`, () => {
    const outcome = readClaimsRequest(text);
    assert.equal(isFault(outcome) ? outcome.code : outcome.challengeCapability, expected);
  });
}
