import assert from 'node:assert/strict';
import type { TestContext } from 'node:test';
import type { Application } from '#directory/application.ts';
import { addPassword } from '#directory/credential.store.ts';
import { firstPartyAppIds } from '#directory/first-party.ts';
import { addPermissionGrant } from '#directory/permission-grant.store.ts';
import {
  findServicePrincipalByAppId,
  type ServicePrincipal,
} from '#directory/service-principal.store.ts';
import { quickPasswordHash } from '#directory/test-password.ts';
import { addUser, type User } from '#directory/user.store.ts';
import { addSeconds } from '#kernel/instant.ts';
import { guidOfText } from '#kernel/random.ts';
import type { SqlRow } from '#store/store.ts';
import {
  type AuthorizationCode,
  addAuthorizationCode,
  codeLifetimeSeconds,
} from './authorization-code.store.ts';
import { signInMarkOf } from './sign-in-mark.ts';
import { contoso, openWorld, type World } from './world.test.ts';

/*
 * The world of the tests in which people sign in: two users, a web application that asks for Azure
 * Batch. This file holds no test of its own.
 */

export const batchScope = 'https://batch.core.windows.net//.default';

export const site = {
  appId: guidOfText('Site'),
  secretText: 'site-secret~',
  redirectUri: 'https://site.example/signed-in',
};

export const password = 'right horse battery';

const passwordHash = quickPasswordHash(password);

export interface UserWorld extends World {
  readonly alice: User;
  readonly sitePrincipal: ServicePrincipal;
  readonly batchPrincipal: ServicePrincipal;
  readonly graphPrincipal: ServicePrincipal;
  /** Consents for everybody, as an administrator does. */
  grant(resource: ServicePrincipal, ...oauthScopes: readonly string[]): Promise<void>;
  /** A code as alice's sign-in would have made it. */
  issueCode(more?: Partial<AuthorizationCode>): Promise<string>;
  /** All rows of the tables that sign-ins write, to see that nothing changed. */
  rows(): Promise<readonly SqlRow[]>;
}

export async function openUserWorld(
  t: TestContext,
  more: Partial<Application> = {},
  startAt?: Parameters<typeof openWorld>[1],
  compat?: Parameters<typeof openWorld>[2],
): Promise<UserWorld> {
  const world = await openWorld(t, startAt, compat);
  const { store, clock } = world;
  const { tenantId } = contoso;
  const createdAt = clock.civil();
  const principalOf = async (appId: string): Promise<ServicePrincipal> => {
    const found = await store.read((tx) => findServicePrincipalByAppId(tx, tenantId, appId));
    assert.ok(found !== undefined);
    return found;
  };
  const batchPrincipal = await principalOf(firstPartyAppIds.batch);
  const graphPrincipal = await principalOf(firstPartyAppIds.graph);
  const alice = await store.write((tx) =>
    addUser(
      tx,
      {
        tenantId,
        objectId: guidOfText('alice'),
        userPrincipalName: 'Alice@contoso.example',
        displayName: 'Alice Anders',
        givenName: 'Alice',
        surname: 'Anders',
        accountEnabled: true,
        createdAt,
      },
      passwordHash,
    ),
  );
  assert.ok(!('conflict' in alice));
  const sitePrincipal = await world.register('Site', {
    appId: site.appId,
    objectId: guidOfText('site application'),
    webRedirectUris: [site.redirectUri],
    requiredResourceAccess: [requiredOf(batchPrincipal, 'user_impersonation')],
    ...more,
  });
  const secret = { tenantId, appObjectId: guidOfText('site application') };
  const endAt = addSeconds(createdAt, 365 * 86_400);
  const dates = { keyId: guidOfText('site secret'), startAt: createdAt, endAt };
  await store.write((tx) => addPassword(tx, { ...secret, ...dates }, site.secretText));
  let count = 0;
  return {
    ...world,
    alice,
    sitePrincipal,
    batchPrincipal,
    graphPrincipal,
    grant: async (resource, ...oauthScopes) => {
      const grantId = `grant-${count++}`;
      const parties = { clientId: sitePrincipal.objectId, resourceId: resource.objectId };
      await store.write((tx) =>
        addPermissionGrant(tx, { tenantId, grantId, ...parties, oauthScopes }),
      );
    },
    issueCode: async (facts = {}) => {
      const code = `1.code-${count++}`;
      const now = clock.civil();
      const basis: AuthorizationCode = {
        grantId: guidOfText(code),
        cloud: 'public',
        tenantId,
        userId: alice.objectId,
        clientId: site.appId,
        redirectKind: 'web',
        scope: `${batchScope} openid profile offline_access`,
        authenticatedAt: now,
        passwordMark: signInMarkOf(passwordHash, {}),
        sessionId: guidOfText('session'),
        redirectUri: site.redirectUri,
        expiresAt: addSeconds(now, codeLifetimeSeconds),
      };
      await store.write((tx) => addAuthorizationCode(tx, code, { ...basis, ...facts }, now));
      return code;
    },
    rows: () =>
      store.read(async (tx) => (await Promise.all(writtenTables.map((one) => tx.all(one)))).flat()),
  };
}

const writtenTables = [
  'authorization_code',
  'spent_grant',
  'refresh_token',
  'sign_in_session',
  'permission_grant',
  'device_code',
].map((table) => ({ name: `test.${table}`, sql: `SELECT * FROM ${table} ORDER BY 1, 2` }));

/** What an application asks of a resource in its registration. */
export function requiredOf(resource: ServicePrincipal, ...names: readonly string[]) {
  const asked = resource.oauth2PermissionScopes.filter(({ value }) => names.includes(value));
  return {
    resourceAppId: resource.appId,
    resourceAccess: asked.map(({ id }) => ({ id, type: 'Scope' as const })),
  };
}

export function claimsOf(token: string | undefined): Record<string, unknown> {
  return JSON.parse(Buffer.from(token?.split('.')[1] ?? '', 'base64url').toString());
}
