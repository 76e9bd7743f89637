import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { SignInAudience } from './application.ts';
import { isRegistrableRedirectUri, type RedirectPlatform } from './redirect-uri.ts';

const everywhere = ['web', 'spa', 'publicClient'] as const;
const programs = ['publicClient'] as const;
const nowhere = [] as const;

/** An address, and for which platforms an application of one organization may register it. */
const addresses: readonly (readonly [string, readonly RedirectPlatform[]])[] = [
  ['https://jobs.example/back', everywhere],
  ['https://jobs.example:8443/back?x=1', everywhere],
  ['HTTPS://jobs.example/back', everywhere],
  ['https://login.microsoftonline.com/common/oauth2/nativeclient', everywhere],
  ['https://*.jobs.example/back', everywhere],
  ['http://localhost', everywhere],
  ['http://localhost:3000/back', everywhere],
  ['http://127.0.0.1/back', everywhere],
  ['myapp://auth', programs],
  ['msal5b2a://auth', programs],
  ['urn:ietf:wg:oauth:2.0:oob', ['web', 'publicClient']],
  ['ms-appx-web://microsoft.aad.brokerplugin/5b2a', ['web', 'publicClient']],
  ['com.example.app:/oauth2redirect', programs],
  ['http://jobs.example/back', nowhere],
  ['http://localhost.jobs.example/back', nowhere],
  ['http://[::1]/back', nowhere],
  ['http://*.jobs.example/back', nowhere],
  ['https://*/back', nowhere],
  ['https://*.example', nowhere],
  ['https://jobs*.example/back', nowhere],
  ['https://*.*.jobs.example/back', nowhere],
  ['https://jobs.example/*', nowhere],
  ['https://jobs.example/back#here', nowhere],
  ['https://jobs.example/back#', nowhere],
  ['https://good.example@evil.example/back', nowhere],
  ['https://jobs.example/a/../back', nowhere],
  ['https://jobs.example/%2E%2e/back', nowhere],
  ['https://jobs.example\\@evil.example', nowhere],
  ['https:jobs.example', nowhere],
  ['https://', nowhere],
  ['//jobs.example/back', nowhere],
  ['jobs.example/back', nowhere],
  ['', nowhere],
  ['javascript:alert%281%29', nowhere],
  ['JavaScript:alert', nowhere],
  ['data:text/html,x', nowhere],
  ['file:///etc/passwd', nowhere],
  ['vbscript:x', nowhere],
  ['blob:https://jobs.example/1', nowhere],
  ['about:blank', nowhere],
  ['https://jobs.example/b ack', nowhere],
  ['https://jobs.example/b\nack', nowhere],
  ['https://jöbs.example/back', nowhere],
  ['https://jobs.example/"><script>', nowhere],
  ...[..."!$'(),;"].map((one) => [`https://jobs.example/${one}`, nowhere] as const),
  [`https://jobs.example/${'x'.repeat(235)}`, everywhere],
  [`https://jobs.example/${'x'.repeat(236)}`, nowhere],
];

const rule = { signInAudience: 'AzureADMyOrg', isClassic: false } as const;

for (const [uri, platforms] of addresses) {
  const shown = uri.length > 60 ? `an address of ${uri.length} characters` : JSON.stringify(uri);
  test(`${shown} is registered ${platforms.length === 0 ? 'nowhere' : `for ${platforms.join(', ')}`}`, () => {
    const allowed = everywhere.filter((platform) =>
      isRegistrableRedirectUri(uri, { ...rule, platform }),
    );
    assert.deepEqual(allowed, platforms);
  });
}

test('a tenant of the time before 2020 registers http beyond this machine, and no worse', () => {
  const classic = { ...rule, platform: 'publicClient', isClassic: true } as const;
  assert.equal(isRegistrableRedirectUri('http://mybatchdatasample', classic), true);
  assert.equal(isRegistrableRedirectUri('javascript:alert', classic), false);
});

test('applications for personal accounts have neither wildcards nor questions in their addresses', () => {
  const allowed = (uri: string, signInAudience: SignInAudience): boolean =>
    isRegistrableRedirectUri(uri, { platform: 'web', signInAudience, isClassic: false });
  for (const uri of ['https://*.jobs.example/back', 'https://jobs.example/back?x=1']) {
    assert.equal(allowed(uri, 'AzureADMultipleOrgs'), true, uri);
    assert.equal(allowed(uri, 'AzureADandPersonalMicrosoftAccount'), false, uri);
  }
});
