import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import type { Page } from 'playwright-core';
import { registerApplication } from '#app/tour-identity.ts';
import type { World } from '../clients/world.ts';
import { openSite } from './site.ts';

/**
 * A registered single-page application with Microsoft's own MSAL for browsers, for the tests of this
 * file. Returns the origin of its site.
 */
export async function openSinglePage(world: World): Promise<string> {
  const url = world.batten.env['BATTEN_URL'] ?? '';
  const application = await registerApplication(world.graph, 'single-page');
  const libraries = dirname(createRequire(import.meta.url).resolve('@azure/msal-browser'));
  const library = (path: string) => readFile(join(libraries, path), 'utf8');
  const settings = {
    auth: {
      clientId: application.appId,
      authority: `${url}/${world.tenantId}`,
      knownAuthorities: [new URL(url).host],
    },
    cache: { cacheLocation: 'sessionStorage' },
  };
  const site = await openSite({
    '/': { type: 'text/html', text: pageWith(settings) },
    '/msal.js': { type: 'text/javascript', text: await library('msal-browser.min.js') },
    '/bridge.js': {
      type: 'text/javascript',
      text: await library('redirect-bridge/msal-redirect-bridge.min.js'),
    },
    '/answer': {
      type: 'text/html',
      text: '<!doctype html><script src="/bridge.js"></script><script>msalRedirectBridge.broadcastResponseToMainFrame()</script>',
    },
  });
  await world.graph.call('PATCH', `/v1.0/applications/${application.objectId}`, {
    spa: { redirectUris: [site, `${site}/answer`] },
  });
  return site;
}

function pageWith(settings: object): string {
  return `<!doctype html><script src="/msal.js"></script><script>
const settings = ${JSON.stringify(settings)};
settings.auth.redirectUri = location.origin + '/answer';
const open = async (more = {}) => {
  const client = new msal.PublicClientApplication({ ...settings, auth: { ...settings.auth, ...more } });
  await client.initialize();
  const answer = await client.handleRedirectPromise();
  if (answer) client.setActiveAccount(answer.account);
  return { client, answer };
};
</script>`;
}

/** What the page's `open()` gives, as far as these tests look. */
export interface Answer {
  readonly account: { readonly username: string; readonly tenantId: string };
  readonly accessToken: string;
  readonly fromCache: boolean;
}

/** Runs a step with MSAL in the page, whose refusal is its error code. */
export function withMsal<Result>(page: Page, step: string): Promise<Result | string> {
  return page.evaluate<Result | string>(
    `open().then(async ({ client, answer }) => ${step}).catch((error) => error.errorCode ?? String(error))`,
  );
}
