import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { appRoleAssignmentsOf } from '#directory/app-role-assignment.store.ts';
import type { SignInAudience } from '#directory/application.ts';
import { directoryRoleTemplates as roles } from '#directory/directory-role.ts';
import { permissionGrantsOf } from '#directory/permission-grant.store.ts';
import {
  deleteServicePrincipal,
  findServicePrincipalByAppId,
} from '#directory/service-principal.store.ts';
import type { User } from '#directory/user.store.ts';
import { guidOfText, seededRandom } from '#kernel/random.ts';
import type { RecordedEvent } from '#record/record.ts';
import { openPagesWorld, type PagesWorld } from './pages-world.test.ts';
import { consentForTenant } from './tenant-consent.ts';
import { requiredOf, site } from './user-world.test.ts';
import { contoso, fabrikam } from './world.test.ts';

/** The site asks Graph for a delegated permission and a role. */
async function openSite(
  t: TestContext,
  signInAudience: SignInAudience = 'AzureADMyOrg',
): Promise<PagesWorld> {
  const { graphPrincipal } = await openPagesWorld(t);
  const role = graphPrincipal.appRoles.find(({ value }) => value === 'Directory.Read.All');
  assert.ok(role !== undefined);
  const graph = requiredOf(graphPrincipal, 'User.Read');
  const resourceAccess = [...graph.resourceAccess, { id: role.id, type: 'Role' as const }];
  return openPagesWorld(t, {
    signInAudience,
    requiredResourceAccess: [{ ...graph, resourceAccess }],
  });
}

/** Consents as a user; what the log would hold is added to `noted`. */
function consent(
  { clock, store }: PagesWorld,
  { tenantId, objectId }: User,
  appId = site.appId,
  noted: RecordedEvent[] = [],
) {
  const random = seededRandom('tenant-consent');
  const recorder = { note: (event: RecordedEvent) => void noted.push(event) };
  const http = { requestId: 'a', receivedAt: clock.civil(), remoteAddress: '127.0.0.1' };
  const asked = { tenantId, userId: objectId, appId };
  return consentForTenant({ clock, random, recorder, store }, asked, http);
}

/** What the site has in a tenant: permissions for everybody, and how many roles. */
async function grantedIn({ store }: PagesWorld, tenantId: string) {
  return store.read(async (tx) => {
    const principal = await findServicePrincipalByAppId(tx, tenantId, site.appId);
    if (principal === undefined) return undefined;
    const grants = await permissionGrantsOf(tx, tenantId, principal.objectId);
    const assigned = await appRoleAssignmentsOf(tx, tenantId, principal.objectId);
    const forAll = grants.filter((one) => one.principalId === undefined);
    assert.equal(forAll.length, grants.length, 'nothing is for one user');
    return [...forAll.flatMap((one) => one.oauthScopes), assigned.length];
  });
}

test('all that a registration asks for is granted for everybody, once, and the log says who did', async (t) => {
  const world = await openSite(t);
  await world.giveRole(world.alice, roles.globalAdministrator);
  const noted: RecordedEvent[] = [];
  assert.equal(await consent(world, world.alice, site.appId, noted), 'given');
  const first = await world.consented();
  assert.deepEqual(await grantedIn(world, contoso.tenantId), ['User.Read', 1]);
  assert.deepEqual(
    noted.map(({ principalId, facts }) => [principalId, facts['activity'], facts['reason']]),
    [[world.alice.objectId, 'Consent to application', 'for everybody']],
  );
  assert.equal(await consent(world, world.alice), 'given');
  assert.deepEqual(await world.consented(), first, 'a second time adds nothing');
});

test("a tenant's own application gets its service principal with the consent", async (t) => {
  const world = await openSite(t);
  const { tenantId } = contoso;
  await world.giveRole(world.alice, roles.globalAdministrator);
  await world.store.write((tx) =>
    deleteServicePrincipal(tx, tenantId, world.sitePrincipal.objectId),
  );
  assert.equal(await consent(world, world.alice), 'given');
  assert.deepEqual(await grantedIn(world, tenantId), ['User.Read', 1]);
});

test('who may not, and what is not known in her tenant, changes nothing', async (t) => {
  const world = await openSite(t, 'AzureADMultipleOrgs');
  const { alice, bob } = world;
  const before = await world.consented();
  const noted: RecordedEvent[] = [];
  const nothing = (user: User, appId = site.appId) => consent(world, user, appId, noted);
  assert.equal(await nothing(alice), 'notAllowed', 'a plain user');
  await world.giveRole(alice, roles.cloudApplicationAdministrator);
  assert.equal(await nothing(alice), 'notAllowed', 'it asks for a role of Graph');
  await world.giveRole(alice, roles.privilegedRoleAdministrator);
  assert.equal(await nothing(alice, guidOfText('nobody')), 'unknownApplication');
  await world.giveRole(bob, roles.globalAdministrator);
  assert.equal(await nothing(bob), 'unknownApplication', 'of another tenant, not at home here');
  assert.equal(await grantedIn(world, fabrikam.tenantId), undefined);
  assert.deepEqual(await world.consented(), before);
  assert.deepEqual(noted, []);
  assert.equal(await consent(world, alice), 'given', 'the other role is enough');
});
