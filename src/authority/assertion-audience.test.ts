import assert from 'node:assert/strict';
import { test } from 'node:test';
import { cloudNamed } from '#cloud/cloud.ts';
import { instant } from '#kernel/instant.ts';
import { isOwnAudience } from './assertion-audience.ts';
import { contoso, reachOf } from './world.test.ts';

const own = 'https://login.microsoftonline.com';
const explicit = 'https://localhost:8443';

const cases: readonly (readonly [audience: string, origin: string, isOwn: boolean])[] = [
  [`${own}/${contoso.tenantId}/oauth2/v2.0/token`, own, true],
  [`${own}/${contoso.tenantId.toUpperCase()}/oauth2/v2.0/token`, own, true],
  [`${own}/contoso.example/oauth2/token`, own, true],
  [`${own}/organizations/oauth2/v2.0/token`, own, true],
  [`${own}/${contoso.tenantId}/v2.0`, own, true],
  [`https://login.windows.net/${contoso.tenantId}/oauth2/v2.0/token`, own, true],
  [`https://westeurope.login.microsoft.com/${contoso.tenantId}/oauth2/v2.0/token`, own, true],
  [`https://sts.windows.net/${contoso.tenantId}/`, own, true],
  [`${explicit}/${contoso.tenantId}/oauth2/v2.0/token`, explicit, true],
  [`${own}/${contoso.tenantId}/oauth2/v2.0/token`, explicit, true],
  [`${explicit}/adfs/oauth2/token`, explicit, true],
  [`${explicit}/${contoso.tenantId}/oauth2/v2.0/token`, own, false],
  [`https://localhost:9999/${contoso.tenantId}/oauth2/v2.0/token`, explicit, false],
  [`${own}:443/${contoso.tenantId}/oauth2/v2.0/token`, own, true],
  [`${own}:8443/${contoso.tenantId}/oauth2/v2.0/token`, own, false],
  [`${own}/fabrikam.example/oauth2/v2.0/token`, own, false],
  [`${own}/${contoso.tenantId}/oauth2/v2.0/authorize`, own, false],
  [`https://login.chinacloudapi.cn/${contoso.tenantId}/oauth2/v2.0/token`, own, false],
  [`https://login.microsoftonline.com.evil.example/${contoso.tenantId}/v2.0`, own, false],
  [`http://login.microsoftonline.com/${contoso.tenantId}/v2.0`, own, false],
  [own, own, false],
  ['', own, false],
];

for (const [audience, origin, isOwn] of cases) {
  test(`at ${origin}, an assertion for '${audience}' is ${isOwn ? 'ours' : 'not ours'}`, () => {
    const tenant = { ...contoso, createdAt: instant(0) };
    const place = { cloud: cloudNamed('public'), reach: reachOf(origin), tenant };
    assert.equal(isOwnAudience(audience, place), isOwn);
  });
}
