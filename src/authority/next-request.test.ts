import assert from 'node:assert/strict';
import { test } from 'node:test';
import { addAppRoleAssignment } from '#directory/app-role-assignment.store.ts';
import { addPassword, removePassword } from '#directory/credential.store.ts';
import {
  deleteServicePrincipal,
  findServicePrincipal,
  type ServicePrincipal,
  updateServicePrincipal,
} from '#directory/service-principal.store.ts';
import { addTenant } from '#directory/tenant.store.ts';
import { addTokenLifetimePolicy } from '#directory/token-lifetime-policy.store.ts';
import { addSeconds } from '#kernel/instant.ts';
import { guidOfText } from '#kernel/random.ts';
import type { WriteTransaction } from '#store/store.ts';
import { contoso, openWorld, type World, worker } from './world.test.ts';

/*
 * What a token was given on is remembered, and every change of it is seen by the very next request.
 */

const { tenantId } = contoso;
const holder = { tenantId, appObjectId: guidOfText('worker application') };
const workerId = guidOfText('Worker', 'principal');
const role = {
  id: guidOfText('role'),
  value: 'Frames.Render',
  displayName: 'Render',
  description: 'Render frames',
  allowedMemberTypes: ['Application'] as const,
  isEnabled: true,
};

interface Place {
  readonly world: World;
  readonly api: ServicePrincipal;
}

/** Status, AADSTS number, roles in the token, and how long it lives. */
type Told = readonly [
  status: number,
  code?: number | undefined,
  roles?: readonly string[] | undefined,
  expiresIn?: number,
];

interface Change {
  readonly what: string;
  readonly change: (tx: WriteTransaction, place: Place) => Promise<unknown>;
  /** What the next request is told; before the change it was given a plain token for an hour. */
  readonly told: Told;
}

async function set(
  tx: WriteTransaction,
  objectId: string,
  change: Partial<ServicePrincipal>,
): Promise<void> {
  const found = await findServicePrincipal(tx, tenantId, objectId);
  assert.ok(found !== undefined);
  await updateServicePrincipal(tx, { ...found, ...change });
}

function assign(tx: WriteTransaction, { world, api }: Place): Promise<unknown> {
  return addAppRoleAssignment(tx, {
    tenantId,
    assignmentId: 'one',
    principalId: workerId,
    resourceId: api.objectId,
    appRoleId: role.id,
    createdAt: world.clock.civil(),
  });
}

const secret = (world: World, name: string) => ({
  ...holder,
  keyId: guidOfText(name),
  startAt: world.clock.civil(),
  endAt: addSeconds(world.clock.civil(), 3600),
});

const changes: readonly Change[] = [
  {
    what: 'its secret was removed',
    change: (tx) => removePassword(tx, holder, guidOfText('worker secret')),
    told: [401, 7000215],
  },
  {
    what: 'another secret took the place of its own',
    change: async (tx, { world }) => {
      await removePassword(tx, holder, guidOfText('worker secret'));
      await addPassword(tx, secret(world, 'second'), 'second-secret~');
    },
    told: [401, 7000215],
  },
  {
    what: 'its service principal was disabled',
    change: (tx) => set(tx, workerId, { accountEnabled: false }),
    told: [400, 7000112],
  },
  {
    what: 'its service principal was deleted',
    change: (tx) => deleteServicePrincipal(tx, tenantId, workerId),
    told: [401, 7000229],
  },
  {
    what: 'the resource was disabled',
    change: (tx, { api }) => set(tx, api.objectId, { accountEnabled: false }),
    told: [400, 500014],
  },
  {
    what: 'the resource was deleted',
    change: (tx, { api }) => deleteServicePrincipal(tx, tenantId, api.objectId),
    told: [400, 500011],
  },
  {
    what: 'the resource gave up its name',
    change: (tx, { api }) => set(tx, api.objectId, { servicePrincipalNames: [api.appId] }),
    told: [400, 500011],
  },
  {
    what: 'the resource insists on an assignment',
    change: (tx, { api }) => set(tx, api.objectId, { appRoleAssignmentRequired: true }),
    told: [400, 501051],
  },
  {
    what: 'it was given a role',
    change: assign,
    told: [200, undefined, ['Frames.Render'], 3599],
  },
  {
    what: 'the tenant has another lifetime of tokens',
    change: (tx) =>
      addTokenLifetimePolicy(tx, {
        tenantId,
        policyId: guidOfText('policy'),
        displayName: 'Short',
        definition: ['{"TokenLifetimePolicy":{"Version":1,"AccessTokenLifetime":"00:20:00"}}'],
        isOrganizationDefault: true,
      }),
    told: [200, undefined, undefined, 1199],
  },
];

async function openPlace(t: Parameters<typeof openWorld>[0]): Promise<Place> {
  const world = await openWorld(t);
  const api = await world.register('Render', {
    identifierUris: ['api://render'],
    appRoles: [role],
  });
  return { world, api };
}

/** Asks for a token as the worker, or with other words than its own. */
function send(
  world: World,
  more: Readonly<Record<string, string>> = {},
  tenant = tenantId,
  origin = 'https://login.microsoftonline.com',
) {
  const form = {
    grant_type: 'client_credentials',
    client_id: worker.appId,
    client_secret: worker.secretText,
    scope: 'api://render/.default',
    ...more,
  };
  return world.send({ path: `/${tenant}/oauth2/v2.0/token`, form, origin });
}

function claimsIn(token: string) {
  return JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString());
}

async function ask(...words: Parameters<typeof send>): Promise<Told> {
  const { status, json } = await send(...words);
  if (status !== 200) return [status, json.error_codes[0]];
  const { roles } = claimsIn(json.access_token);
  return [status, undefined, roles, Number(json.expires_in)];
}

const plain: Told = [200, undefined, undefined, 3599];

for (const { what, change, told } of changes) {
  test(`once ${what}, the next request of an application is told ${told.slice(0, 2).join(' ').trim()}`, async (t) => {
    const place = await openPlace(t);
    const { world } = place;
    assert.deepEqual([await ask(world), await ask(world)], [plain, plain]);
    await world.store.write((tx) => change(tx, place));
    assert.deepEqual([await ask(world), await ask(world)], [told, told]);
  });
}

test('tokens of one client differ in their ids and their times, and in nothing else', async (t) => {
  const { world } = await openPlace(t);
  const claims = async () => claimsIn((await send(world)).json.access_token);
  const first = await claims();
  const second = await claims();
  world.clock.advanceSeconds(60);
  const third = await claims();
  const { aio, uti } = second;
  assert.ok(new Set([first.aio, aio, third.aio]).size === 3);
  assert.ok(new Set([first.uti, uti, third.uti]).size === 3);
  assert.deepEqual({ ...first, aio, uti }, second);
  const { iat, nbf, exp } = second;
  assert.deepEqual(third, {
    ...{ ...second, aio: third.aio, uti: third.uti },
    ...{ iat: iat + 60, nbf: nbf + 60, exp: exp + 60 },
  });
});

test('a resource that asks for the other version is given it by the next request', async (t) => {
  const { world, api } = await openPlace(t);
  const version = async () => claimsIn((await send(world)).json.access_token).ver;
  const told = [await version()];
  for (const requestedAccessTokenVersion of [2, 1] as const) {
    await world.store.write((tx) => set(tx, api.objectId, { requestedAccessTokenVersion }));
    told.push(await version());
  }
  assert.deepEqual(told, ['1.0', '2.0', '1.0']);
});

test('a token of version 2 names the address that its own request came by', async (t) => {
  const { world, api } = await openPlace(t);
  await world.store.write((tx) => set(tx, api.objectId, { requestedAccessTokenVersion: 2 }));
  const own = ['https://localhost:8443', 'https://127.0.0.1:8443'];
  for (const origin of [...own, 'https://login.microsoftonline.com']) {
    const { json } = await send(world, {}, tenantId, origin);
    assert.equal(claimsIn(json.access_token).iss, `${origin}/${tenantId}/v2.0`);
  }
});

test('a token says its audience as its own request spelt it', async (t) => {
  const { world, api } = await openPlace(t);
  const audience = async (scope: string) =>
    claimsIn((await send(world, { scope })).json.access_token).aud;
  assert.deepEqual(
    [await audience('api://render/.default'), await audience('api://render//.default')],
    ['api://render', 'api://render/'],
  );
  assert.equal(await audience(`${api.appId}/.default`), api.appId);
});

test('a change that was taken back changes nothing for the next request', async (t) => {
  const { world } = await openPlace(t);
  assert.deepEqual(await ask(world), plain);
  const failed = world.store.write(async (tx) => {
    await removePassword(tx, holder, guidOfText('worker secret'));
    throw new Error('a bug');
  });
  await assert.rejects(failed, /a bug/);
  assert.deepEqual(await ask(world), plain);
});

test('a secret that was added is good for the next request, and the wrong one is still wrong', async (t) => {
  const { world } = await openPlace(t);
  const second = { client_secret: 'second-secret~' };
  assert.deepEqual(await ask(world, second), [401, 7000215]);
  await world.store.write((tx) => addPassword(tx, secret(world, 'second'), 'second-secret~'));
  assert.deepEqual([await ask(world, second), await ask(world)], [plain, plain]);
  assert.deepEqual(await ask(world, { client_secret: 'third-secret~' }), [401, 7000215]);
});

test('what is remembered of one tenant, client or resource answers for no other', async (t) => {
  const { world } = await openPlace(t);
  assert.deepEqual(await ask(world), plain);
  const other = await world.register('Other');
  assert.deepEqual(await ask(world, { client_id: other.appId }), [401, 7000215]);
  assert.deepEqual(await ask(world, { scope: 'api://renders/.default' }), [400, 500011]);
  assert.deepEqual(await ask(world, {}, 'fabrikam.example'), [400, 700016]);
});

test('a tenant that was made a moment ago is known to the next request', async (t) => {
  const { world } = await openPlace(t);
  const added = { tenantId: guidOfText('tailspin'), displayName: 'Tailspin' };
  assert.deepEqual(await ask(world, {}, 'tailspin.example'), [400, 90002]);
  await world.store.write((tx) =>
    addTenant(tx, { ...added, domains: ['tailspin.example'], createdAt: world.clock.civil() }),
  );
  assert.deepEqual(await ask(world, {}, 'tailspin.example'), [400, 700016]);
});
