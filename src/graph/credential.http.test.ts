import assert from 'node:assert/strict';
import { test } from 'node:test';
import { addPassword, checkPassword, findKeys } from '#directory/credential.store.ts';
import { addSeconds, type Instant, parseInstant } from '#kernel/instant.ts';
import type { JsonObject } from '#kernel/json.ts';
import { guidOfText } from '#kernel/random.ts';
import { credentialsMax, validityOf } from './credential.ts';
import { admin, contoso, errorOf, type GraphWorld, known, openWorld } from './world.test.ts';

const applicationPath = `/v1.0/applications/${known.application}`;
const principalPath = `/v1.0/servicePrincipals/${known.principal}`;

const check = (world: GraphWorld, secretText: unknown, at: Instant): Promise<string> =>
  world.store.read((tx) => checkPassword(tx, contoso, known.appId, String(secretText), at));

for (const path of [applicationPath, principalPath]) {
  test(`a secret of ${path.split('/')[2]} is shown once and signs in until it ends`, async (context) => {
    const world = await openWorld(context);
    const now = world.clock.civil();
    const body = {
      passwordCredential: { displayName: 'tour', endDateTime: '2026-11-20T09:00:02.25Z' },
    };
    const { status, json } = await world.send(admin, `POST ${path}/addPassword`, body);
    assert.equal(status, 200);
    const secretText = json['secretText'];
    const hint = path === applicationPath ? String(secretText).slice(0, 3) : null;
    assert.equal(json['hint'], hint);
    assert.equal(await check(world, secretText, now), 'ok');
    assert.equal(await check(world, secretText, addSeconds(now, 2)), 'expired');
    const read = await world.send(admin, `GET ${path}`);
    assert.equal(JSON.stringify(read.json).includes(String(secretText)), false);
    const [listed] = read.json['passwordCredentials'] as JsonObject[];
    assert.deepEqual(listed, { ...without(json, '@odata.context'), secretText: null });
  });

  test(`a removed secret of ${path.split('/')[2]} signs nobody in`, async (context) => {
    const world = await openWorld(context);
    const now = world.clock.civil();
    const { json } = await world.send(admin, `POST ${path}/addPassword`, {});
    const kept = await world.send(admin, `POST ${path}/addPassword`, {});
    const removal = { keyId: json['keyId'] };
    assert.equal((await world.send(admin, `POST ${path}/removePassword`, removal)).status, 204);
    assert.equal(await check(world, json['secretText'], now), 'wrong');
    assert.equal(await check(world, kept.json['secretText'], now), 'ok');
    const again = await world.send(admin, `POST ${path}/removePassword`, removal);
    assert.equal(again.status, 400);
    assert.match(String(errorOf(again).message), /^No password credential found with keyId/);
  });
}

test('a secret without foreseeable end is kept, and its application is read on', async (context) => {
  const world = await openWorld(context);
  const body = { passwordCredential: { endDateTime: '9999-12-31T23:59:59Z' } };
  const made = await world.send(admin, `POST ${applicationPath}/addPassword`, body);
  assert.equal(made.status, 200);
  assert.equal((await world.send(admin, `GET ${applicationPath}`)).status, 200);
  assert.equal(await check(world, made.json['secretText'], world.clock.civil()), 'ok');
});

test('an application of personal accounts has two secrets, and a third changes nothing', async (context) => {
  const world = await openWorld(context);
  const personal = {
    signInAudience: 'AzureADandPersonalMicrosoftAccount',
    api: { requestedAccessTokenVersion: 2 },
  };
  const add = () => world.send(admin, `POST ${applicationPath}/addPassword`, {});
  assert.equal((await world.send(admin, `PATCH ${applicationPath}`, personal)).status, 204);
  const first = await add();
  assert.deepEqual([first.status, (await add()).status], [200, 200]);
  const before = await world.snapshot();
  const third = await add();
  assert.equal(third.status, 400);
  assert.deepEqual(errorOf(third), {
    code: 'TooManyAppPasswords',
    message: 'Not allowed to add 3 passwords. You can only add a maximum of 2 passwords.',
  });
  assert.deepEqual(await world.snapshot(), before);
  const removal = { keyId: first.json['keyId'] };
  await world.send(admin, `POST ${applicationPath}/removePassword`, removal);
  assert.equal((await add()).status, 200);
});

test('a secret of an application that does not exist is refused', async (context) => {
  const world = await openWorld(context);
  const line = `POST /v1.0/applications/${known.foreignApplication}/addPassword`;
  assert.equal((await world.send(admin, line, {})).status, 404);
});

test('a client chooses neither the secret nor more than name and times', async (context) => {
  const world = await openWorld(context);
  const before = await world.snapshot();
  const bodies = [
    { passwordCredential: { secretText: 'mine' } },
    { passwordCredential: { endDateTime: 'soon' } },
    {
      passwordCredential: {
        startDateTime: '2026-01-02T00:00:00Z',
        endDateTime: '2026-01-01T00:00:00Z',
      },
    },
    { passwordCredential: 'x' },
    { displayName: 'x' },
    undefined,
  ];
  for (const body of bodies) {
    const answer = await world.send(admin, `POST ${applicationPath}/addPassword`, body);
    assert.equal(answer.status, 400, JSON.stringify(body));
  }
  assert.deepEqual(await world.snapshot(), before);
});

test('a secret lasts two years unless the client says otherwise', () => {
  const at = (text: string): Instant => {
    const instant = parseInstant(text);
    assert(instant !== undefined);
    return instant;
  };
  const now = at('2026-11-20T09:00:00Z');
  assert.deepEqual(validityOf({}, now), { startAt: now, endAt: at('2028-11-20T09:00:00Z') });
  const start = '2024-02-29T00:00:00Z';
  const leap = { startAt: at(start), endAt: at('2026-03-01T00:00:00Z') };
  assert.deepEqual(validityOf({ start, end: null }, now), leap);
  assert.equal(validityOf({ start: 'x' }, now), undefined);
  assert.equal(validityOf({ end: '2026-11-20T09:00:00Z' }, now), undefined);
});

const certificateText =
  'MIIB3zCCAYWgAwIBAgIUBgX6JxDzDBvmVTctJI5B5G4ythkwCgYIKoZIzj0EAwIwRTELMAkGA1UEBhMCQVUxEzARBgNVBAgMClNvbWUtU3RhdGUxITAfBgNVBAoMGEludGVybmV0IFdpZGdpdHMgUHR5IEx0ZDAeFw0yNjExMjExMzE2MzlaFw0zNjExMTgxMzE2MzlaMEUxCzAJBgNVBAYTAkFVMRMwEQYDVQQIDApTb21lLVN0YXRlMSEwHwYDVQQKDBhJbnRlcm5ldCBXaWRnaXRzIFB0eSBMdGQwWTATBgcqhkjOPQIBBggqhkjOPQMBBwNCAARBhzN7/GnaFIX30wHDj+eZiWJscCTfDMVWaV5JocUFYvq6FS3yQSmYDHeodLzQHSiksacuVJe9CoBXy6tK6QjZo1MwUTAdBgNVHQ4EFgQUzI6q46dyWi0b4kEOoRysEsXTPT4wHwYDVR0jBBgwFoAUzI6q46dyWi0b4kEOoRysEsXTPT4wDwYDVR0TAQH/BAUwAwEB/zAKBggqhkjOPQQDAgNIADBFAiBozT1olGFba8Vy+YXjbwa0toGSGjJJCPBKGm45DlO77gIhAKYD8MLydEZA/MtVO0NRoQHV6LtnqpLokgO4DDCZev8Q';

const key = { type: 'AsymmetricX509Cert', usage: 'Verify', key: certificateText };

test('certificates are set as a list; those named without bytes stay, the others go', async (context) => {
  const world = await openWorld(context);
  const set = async (keyCredentials: readonly unknown[]): Promise<number> =>
    (await world.send(admin, `PATCH ${applicationPath}`, { keyCredentials })).status;
  const keyIds = async (): Promise<readonly string[]> =>
    (await world.store.read((tx) => findKeys(tx, contoso, known.appId))).map((one) => one.keyId);
  assert.equal(await set([{ ...key, '@odata.type': '#microsoft.graph.keyCredential' }]), 204);
  const [first = ''] = await keyIds();
  assert.notEqual(first, '');
  const read = await world.send(admin, `GET ${applicationPath}`);
  assert.deepEqual(read.json['keyCredentials'], [
    {
      customKeyIdentifier: await thumbprint(world),
      displayName: 'O=Internet Widgits Pty Ltd, S=Some-State, C=AU',
      endDateTime: '2036-11-18T13:16:39Z',
      key: null,
      keyId: first,
      startDateTime: '2026-11-21T13:16:39Z',
      type: 'AsymmetricX509Cert',
      usage: 'Verify',
    },
  ]);
  assert.equal(await set([{ ...key, key: null, keyId: first }, key]), 204);
  assert.equal((await keyIds()).length, 2);
  assert.equal((await keyIds()).includes(first), true);
  assert.equal(await set([]), 204);
  assert.deepEqual(await keyIds(), []);
});

test('a list of certificates may repeat what is there, and changes nothing of it', async (context) => {
  const world = await openWorld(context);
  const list = async (): Promise<readonly JsonObject[]> =>
    (await world.send(admin, `GET ${applicationPath}`)).json['keyCredentials'] as JsonObject[];
  const set = (keyCredentials: readonly unknown[]) =>
    world.send(admin, `PATCH ${applicationPath}`, { keyCredentials });
  await set([key]);
  const [present = {}] = await list();
  assert.equal((await set([{ ...present, key: certificateText }])).status, 204);
  assert.deepEqual(await list(), [present]);
  const changes = [
    { endDateTime: '2030-01-01T00:00:00Z' },
    { displayName: 'another' },
    { key: 'bm8=' },
    { usage: 'Sign' },
  ];
  for (const change of changes) {
    const refused = await set([{ ...present, ...change }]);
    assert.equal(refused.status, 400, JSON.stringify(change));
    assert.equal(
      errorOf(refused).message,
      `Update to existing credential with KeyId '${String(present['keyId'])}' is not allowed.`,
    );
    assert.deepEqual(await list(), [present]);
  }
});

test('the bytes of certificates are given back where those of one object are selected', async (context) => {
  const world = await openWorld(context);
  for (const path of [applicationPath, principalPath]) {
    await world.send(admin, `PATCH ${path}`, { keyCredentials: [key] });
    const collection = path.slice(0, path.lastIndexOf('/'));
    const bytesAt = async (line: string): Promise<unknown> => {
      const { json } = await world.send(admin, `GET ${line}`);
      const objects = (json['value'] ?? [json]) as JsonObject[];
      return objects.flatMap((one) => one['keyCredentials'] as JsonObject[])[0]?.['key'];
    };
    assert.equal(await bytesAt(`${path}?$select=id,keyCredentials`), certificateText);
    assert.equal(await bytesAt(path), null);
    const listed = `${collection}?$select=keyCredentials&$filter=id eq '${path.slice(collection.length + 1)}'`;
    assert.equal(await bytesAt(listed), null);
  }
});

test('a list of secrets takes some away, and makes none', async (context) => {
  for (const path of [applicationPath, principalPath]) {
    const world = await openWorld(context);
    const list = async (): Promise<readonly JsonObject[]> =>
      (await world.send(admin, `GET ${path}`)).json['passwordCredentials'] as JsonObject[];
    const set = (passwordCredentials: readonly unknown[]) =>
      world.send(admin, `PATCH ${path}`, { passwordCredentials });
    const first = (await world.send(admin, `POST ${path}/addPassword`, {})).json;
    const second = (await world.send(admin, `POST ${path}/addPassword`, {})).json;
    const before = await list();
    const [one = {}] = before;
    const keyId = String(one['keyId']);
    const refusals: readonly (readonly [JsonObject, string])[] = [
      [{ displayName: 'new' }, 'New password credentials must be generated using service actions.'],
      [{ secretText: 'x' }, 'New password credentials must be generated using service actions.'],
      [
        { ...one, endDateTime: '2099-01-01T00:00:00Z' },
        `Update to existing credential with KeyId '${keyId}' is not allowed.`,
      ],
      [
        { ...one, secretText: 'x' },
        `Update to existing credential with KeyId '${keyId}' is not allowed.`,
      ],
    ];
    for (const [bad, message] of refusals) {
      const refused = await set([...before, bad]);
      assert.deepEqual(errorOf(refused), { code: 'Request_BadRequest', message });
      assert.deepEqual(await list(), before);
    }
    assert.equal((await set(before)).status, 204);
    assert.deepEqual(await list(), before);
    assert.equal((await set([{ keyId: first['keyId'] }])).status, 204);
    const now = world.clock.civil();
    assert.equal(await check(world, first['secretText'], now), 'ok');
    assert.equal(await check(world, second['secretText'], now), 'wrong');
    assert.equal((await set([])).status, 204);
    assert.deepEqual(await list(), []);
  }
});

test('an object has a thousand credentials, and no more', async (context) => {
  const world = await openWorld(context);
  const holder = { tenantId: contoso, appObjectId: known.application };
  const [startAt, endAt] = [world.clock.civil(), addSeconds(world.clock.civil(), 60)];
  await world.store.write(async (tx) => {
    for (let nth = 1; nth < credentialsMax; nth++) {
      const keyId = guidOfText('secret', String(nth));
      await addPassword(tx, { ...holder, keyId, startAt, endAt }, `secret ${nth}`);
    }
  });
  const add = () => world.send(admin, `POST ${applicationPath}/addPassword`, {});
  assert.equal((await add()).status, 200);
  const before = await world.snapshot();
  const refused = await add();
  assert.deepEqual(
    [refused.status, errorOf(refused).code],
    [403, 'Directory_ResourceSizeExceeded'],
  );
  const set = await world.send(admin, `PATCH ${applicationPath}`, { keyCredentials: [key] });
  assert.equal(errorOf(set).code, 'Directory_ResourceSizeExceeded');
  assert.deepEqual(await world.snapshot(), before);
});

test('what is no certificate, or outlives it, is refused and changes nothing', async (context) => {
  const world = await openWorld(context);
  const present = { keyCredentials: [key] };
  await world.send(admin, `PATCH ${applicationPath}`, present);
  const before = await world.snapshot();
  const refusals: readonly (readonly [unknown, number])[] = [
    [{ ...key, key: 'bm8=' }, 400],
    [{ ...key, key: null }, 400],
    [{ ...key, endDateTime: '2037-01-01T00:00:00Z' }, 400],
    [{ ...key, startDateTime: '2036-11-18T13:16:39Z' }, 400],
    [{ ...key, startDateTime: 'x' }, 400],
    [{ ...key, type: 'Symmetric' }, 501],
    [{ ...key, usage: 'Sign' }, 501],
    [{ key: certificateText }, 400],
  ];
  for (const [bad, status] of refusals) {
    const body = { keyCredentials: [bad], notes: 'lost' };
    const answer = await world.send(admin, `PATCH ${applicationPath}`, body);
    assert.equal(answer.status, status, JSON.stringify(bad));
  }
  assert.deepEqual(await world.snapshot(), before);
});

test('an application is created with its certificate, or not at all', async (context) => {
  const world = await openWorld(context);
  const before = await world.snapshot();
  const create = (bytes: string) =>
    world.send(admin, 'POST /v1.0/applications', {
      displayName: 'x',
      keyCredentials: [{ ...key, key: bytes }],
    });
  assert.equal((await create('bm8=')).status, 400);
  assert.deepEqual(await world.snapshot(), before);
  const { status, json } = await create(certificateText);
  assert.equal(status, 201);
  assert.equal((json['keyCredentials'] as JsonObject[]).length, 1);
});

async function thumbprint(world: GraphWorld): Promise<string> {
  const [only] = await world.store.read((tx) => findKeys(tx, contoso, known.appId));
  const sha1 = Buffer.from(only?.thumbprintSha1 ?? '', 'base64url');
  assert.equal(sha1.length, 20);
  return sha1.toString('hex').toUpperCase();
}

function without(object: JsonObject, name: string): JsonObject {
  return Object.fromEntries(Object.entries(object).filter(([key]) => key !== name));
}
