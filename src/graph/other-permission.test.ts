import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  otherGraphAppRoles,
  otherGraphDelegatedPermissions,
} from '#directory/graph-other-permissions.ts';
import { decideGraph } from './permission.ts';
import { graphOperations } from './surface.ts';
import { admin, appCaller, openWorld, userCaller } from './world.test.ts';

const stranger = { isSelf: false, isOwner: false };

const actions = new Set(
  graphOperations.flatMap(({ permission }) =>
    permission === 'anonymous' ? [] : permission.documented.map((one) => one.action),
  ),
);

/** The little that these permissions open here, since Batten has it after all. */
const opened: Readonly<Record<string, readonly string[]>> = {
  'AdministrativeUnit.Read.All': ['deletedItems.administrativeUnits/standard/read'],
  'AdministrativeUnit.ReadWrite.All': ['deletedItems.administrativeUnits/standard/read'],
  'Device.Read.All': ['deletedItems.devices/standard/read'],
  'Device.ReadWrite.All': ['deletedItems.devices/standard/read'],
  'Domain.ReadWrite.All': ['domains/standard/read'],
  'Organization.ReadWrite.All': ['organization/standard/read'],
};

for (const [kind, list, callerWith] of [
  ['app role', otherGraphAppRoles, (value: string) => appCaller([value])],
  [
    'delegated permission',
    otherGraphDelegatedPermissions,
    (value: string) => ({ ...admin, oauthScopes: [value] }),
  ],
] as const) {
  for (const { value = '' } of list) {
    test(`the ${kind} ${value} opens no more than it says`, () => {
      const caller = callerWith(value);
      const may = [...actions].filter(
        (action) => decideGraph(caller, { action, plane: 'control', scope: '/' }, stranger).granted,
      );
      const wanted = (opened[value] ?? []).map((one) => `microsoft.directory/${one}`);
      assert.deepEqual(may, wanted);
    });
  }
}

test('a token for mail reads no user, and mail is nowhere', async (context) => {
  const world = await openWorld(context);
  const before = await world.snapshot();
  const reader = userCaller({ oauthScopes: ['Mail.Read'] });
  assert.equal((await world.send(reader, 'GET /v1.0/users')).status, 403);
  assert.equal((await world.send(appCaller(['Mail.Read']), 'GET /v1.0/users')).status, 403);
  assert.equal((await world.send(reader, 'GET /v1.0/me/messages')).status, 400);
  assert.deepEqual(await world.snapshot(), before);
});
