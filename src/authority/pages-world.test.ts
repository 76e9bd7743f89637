import assert from 'node:assert/strict';
import type { TestContext } from 'node:test';
import type { Compat } from '#cloud/compat.ts';
import type { Application } from '#directory/application.ts';
import { assignDirectoryRole } from '#directory/directory-role.store.ts';
import { quickPasswordHash } from '#directory/test-password.ts';
import { addUser, type User } from '#directory/user.store.ts';
import { guidOfText } from '#kernel/random.ts';
import { answerOf, type Browser, openBrowser } from './browser.test.ts';
import { batchScope, openUserWorld, password, site, type UserWorld } from './user-world.test.ts';
import { contoso, fabrikam } from './world.test.ts';

/*
 * The user world with a browser before the pages, and with a user of the other tenant. This file
 * holds no test of its own.
 */

export const bobName = 'bob@fabrikam.example';

const bobHash = quickPasswordHash(password);

export interface PagesWorld extends UserWorld {
  readonly browser: Browser;
  readonly bob: User;
  /** Opens an address of the site's sign-in, as it is or changed. */
  authorize(change?: Readonly<Record<string, string>>, tenant?: string): Promise<void>;
  /** Names a user, and proves to be her. */
  prove(userName?: string): Promise<void>;
  giveRole(user: User, templateId: string): Promise<void>;
  /** Every row of the directory that consent writes, in all tenants. */
  consented(): Promise<readonly unknown[]>;
}

export async function openPagesWorld(
  t: TestContext,
  more: Partial<Application> = {},
  compat?: Compat,
): Promise<PagesWorld> {
  const world = await openUserWorld(t, more, undefined, compat);
  const { store, clock } = world;
  const browser = openBrowser((asked) => world.send(asked));
  const bob = await store.write((tx) =>
    addUser(
      tx,
      {
        tenantId: fabrikam.tenantId,
        objectId: guidOfText('bob'),
        userPrincipalName: bobName,
        displayName: 'Bob Berg',
        accountEnabled: true,
        createdAt: clock.civil(),
      },
      bobHash,
    ),
  );
  assert.ok(!('conflict' in bob));
  return {
    ...world,
    browser,
    bob,
    authorize: async (change = {}, tenant = contoso.tenantId) => {
      const query = new URLSearchParams({ ...signInQuery, ...change });
      await browser.open(`/${tenant}/oauth2/v2.0/authorize?${query}`);
    },
    prove: async (userName = 'alice@contoso.example') => {
      await browser.submit({ loginfmt: userName });
      await browser.submit({ passwd: password });
    },
    giveRole: async ({ tenantId, objectId }, templateId) => {
      await store.write((tx) => assignDirectoryRole(tx, tenantId, objectId, templateId));
    },
    consented: () =>
      store.read(async (tx) => (await Promise.all(consentTables.map((one) => tx.all(one)))).flat()),
  };
}

/** What the site asks of a sign-in. */
export const signInQuery = {
  client_id: site.appId,
  redirect_uri: site.redirectUri,
  response_type: 'code',
  scope: `${batchScope} openid profile offline_access`,
  state: 'kept',
};

const consentTables = ['permission_grant', 'app_role_assignment', 'service_principal'].map(
  (table) => ({ name: `test.consent.${table}`, sql: `SELECT * FROM ${table} ORDER BY 1, 2, 3` }),
);

/** What the last redirect tells the application. */
export function toldTo({ browser }: PagesWorld): Readonly<Record<string, string>> {
  return Object.fromEntries(answerOf(browser.shown));
}
