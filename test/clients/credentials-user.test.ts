import assert from 'node:assert/strict';
import { after, type TestContext, test } from 'node:test';
import { decodeJwt } from 'jose';
import { askServer } from '#app/control-client.ts';
import { registerApplication } from '#app/tour-identity.ts';
import {
  BatchClient,
  BatchTokenCredentials,
  deviceCode,
  type InteractiveBrowserOptions,
  interactiveBrowser,
  SignInError,
  type TokenProvider,
} from '#client/client.ts';
import { clouds } from '#cloud/cloud.ts';
import { firstPartyAppIds } from '#directory/first-party.ts';
import { machineClock } from '#kernel/clock.ts';
import { openPerson, postTo } from './person.ts';
import { batchPermission, LocalAgent, startWorld } from './world.ts';

/* Users sign in with `batten/client`, through the pages of a running Batten. */

const world = await startWorld('--dev-clock');
const { env, agent, dataFolder } = world.batten;
const desktop = await registerApplication(world.graph, 'desktop');
await world.graph.call('PATCH', `/v1.0/applications/${desktop.objectId}`, {
  isFallbackPublicClient: true,
  publicClient: { redirectUris: ['http://localhost'] },
  requiredResourceAccess: [await batchPermission(world)],
});
const options = {
  tenantId: world.tenantId,
  clientId: desktop.appId,
  authorityHost: env['AZURE_AUTHORITY_HOST'] ?? '',
  agent,
};

/** Signs in by the browser of a new person, and counts how often it was opened. */
function signInBy(
  open: (url: string) => Promise<unknown>,
  more: Partial<InteractiveBrowserOptions> = {},
) {
  const seen = { opened: 0 };
  const tokens = interactiveBrowser({
    ...options,
    deadlineSeconds: 30,
    openBrowser: async (url) => {
      seen.opened += 1;
      await open(url);
    },
    ...more,
  });
  return { tokens, seen };
}

function batchOf(tokens: TokenProvider): BatchClient {
  const credentials = new BatchTokenCredentials(env['AZURE_BATCH_ENDPOINT'] ?? '', tokens);
  return BatchClient.open(credentials, { agent });
}

async function countJobs(tokens: TokenProvider): Promise<number> {
  let count = 0;
  for await (const _ of batchOf(tokens).jobs.list()) count += 1;
  return count;
}

async function refusalOf(asked: string | Promise<string>): Promise<SignInError> {
  const error = await Promise.resolve(asked).then(
    () => assert.fail('a token was given'),
    (thrown: unknown) => thrown,
  );
  assert.ok(error instanceof SignInError, String(error));
  return error;
}

/** Lets an hour and a minute pass for Batten and for this process. */
async function passAnHour(t: TestContext): Promise<void> {
  t.after(() => askServer(dataFolder, 'clock', { move: 'reset' }));
  await askServer(dataFolder, 'clock', { move: 'advance', value: '61m' });
  t.mock.timers.enable({
    apis: ['Date'],
    now: Math.floor(machineClock().real() / 1000) + 61 * 60_000,
  });
}

test('a hundred calls at once open the browser once; an hour later the token is renewed without it', async (t) => {
  const person = openPerson(world);
  const pages: string[] = [];
  const { tokens, seen } = signInBy(async (url) => pages.push((await person.walkBack(url)).text));
  const given = await Promise.all(Array.from({ length: 100 }, () => tokens()));
  const [first = ''] = given;
  assert.equal(new Set(given).size, 1);
  assert.deepEqual(
    [decodeJwt(first).aud, decodeJwt(first)['scp'], decodeJwt(first)['upn']],
    ['https://batch.core.windows.net/', 'user_impersonation', env['BATTEN_USERNAME']],
  );
  assert.match(pages.join(), /You may close this page/);
  assert.equal(await countJobs(tokens), 0);
  await passAnHour(t);
  assert.equal(await countJobs(tokens), 0);
  assert.notEqual(await tokens(), first);
  assert.equal(seen.opened, 1);
});

test('an answer with another state is refused, and the sign-in goes on', async () => {
  const person = openPerson(world);
  const { tokens } = signInBy(async (url) => {
    const back = new URL(url).searchParams.get('redirect_uri') ?? '';
    const stranger = await postTo(back, { code: 'stolen', state: 'guessed' });
    assert.equal(stranger.status, 400);
    await person.walkBack(url);
  });
  assert.equal(decodeJwt(await tokens())['upn'], env['BATTEN_USERNAME']);
});

test('what is asked of the person cannot be guessed or replayed: S256, state, nonce, a port of its own', async () => {
  const urls: URLSearchParams[] = [];
  for (const _ of [1, 2]) {
    const { tokens } = signInBy(async (url) => {
      urls.push(new URL(url).searchParams);
      throw new Error('no browser');
    });
    await assert.rejects(async () => tokens(), /no browser/);
  }
  const [one, two] = urls;
  for (const name of ['state', 'nonce', 'code_challenge']) {
    assert.ok((one?.get(name) ?? '').length >= 32, name);
    assert.notEqual(one?.get(name), two?.get(name), name);
  }
  assert.equal(one?.get('code_challenge_method'), 'S256');
  assert.match(one?.get('redirect_uri') ?? '', /^http:\/\/localhost:\d+$/);
});

test('a person who declines is told so once, to all who wait, with what it means', async () => {
  const careful = await registerApplication(world.graph, 'declined');
  await world.graph.call('PATCH', `/v1.0/applications/${careful.objectId}`, {
    publicClient: { redirectUris: ['http://localhost'] },
    requiredResourceAccess: [await batchPermission(world)],
  });
  const person = openPerson(world);
  const { tokens, seen } = signInBy((url) => person.walkBack(url, { declines: true }), {
    clientId: careful.appId,
  });
  const refusals = await Promise.all([refusalOf(tokens()), refusalOf(tokens())]);
  for (const { code, message } of refusals) {
    assert.equal(code, 'AADSTS65004');
    assert.match(message, /The person declined/);
  }
  assert.equal(seen.opened, 1);
});

test('in every cloud a person signs in at its own pages, for its own Batch', async () => {
  const byAzureName = new LocalAgent(world.batten);
  after(() => byAzureName.destroy());
  for (const { name: cloud, loginHosts, batchAudience } of clouds) {
    const { authorityHost: _, ...asAzure } = options;
    const tokens = interactiveBrowser({
      ...{ ...asAzure, cloud, agent: byAzureName },
      openBrowser: async (url) => {
        const { origin, host } = new URL(url);
        assert.ok(loginHosts.includes(host), host);
        const place = { env: { ...env, BATTEN_URL: origin }, agent: byAzureName };
        await openPerson({ batten: place }).walkBack(url);
      },
    });
    const { aud, upn } = decodeJwt(await tokens()) as { aud: string; upn: string };
    assert.deepEqual([aud, upn], [batchAudience, env['BATTEN_USERNAME']]);
  }
});

test('at organizations the tenant is that of the person, and an application of one tenant is refused', async () => {
  const tenantId = 'organizations';
  const person = openPerson(world);
  const { tokens } = signInBy((url) => person.walkBack(url), {
    ...{ tenantId, clientId: firstPartyAppIds.azureCli },
  });
  assert.equal(decodeJwt(await tokens())['tid'], world.tenantId);
  const show = () => assert.fail('a prompt was shown');
  const { code, message } = await refusalOf(deviceCode({ ...options, tenantId, show })());
  assert.equal(code, 'AADSTS50194');
  assert.match(message, /name that tenant/);
});

test('when nobody comes the wait ends, and so does the place where the answer was expected', async () => {
  let back = '';
  const { tokens } = signInBy(
    async (url) => {
      back = new URL(url).searchParams.get('redirect_uri') ?? '';
    },
    { deadlineSeconds: 0.2 },
  );
  assert.equal((await refusalOf(tokens())).code, 'timed_out');
  await assert.rejects(postTo(back, { code: 'late' }), { code: 'ECONNREFUSED' });
});

test('a program may end the wait', async () => {
  const stop = new AbortController();
  const { tokens } = signInBy(async () => stop.abort(), { signal: stop.signal });
  assert.equal((await refusalOf(tokens())).code, 'aborted');
});

test('a sign-in that was kept needs no browser in the next program; without the cache it does', async () => {
  let kept: string | undefined;
  const save = (text: string): void => {
    kept = text;
  };
  const cache = { load: () => kept, save };
  const person = openPerson(world);
  await signInBy((url) => person.walkBack(url), { cache }).tokens();
  const second = signInBy(() => Promise.reject(new Error('asked again')), { cache });
  assert.equal(await countJobs(second.tokens), 0);
  const other = { ...cache, load: () => undefined };
  const third = signInBy(() => Promise.reject(new Error('asked again')), { cache: other });
  await assert.rejects(async () => third.tokens(), /asked again/);
});

test('a person whose sign-ins were revoked is asked again', async () => {
  const person = openPerson(world);
  const { tokens, seen } = signInBy((url) => person.walkBack(url));
  const first = await tokens();
  const { oid } = decodeJwt(first);
  await world.graph.call('POST', `/v1.0/users/${oid}/revokeSignInSessions`);
  const second = await tokens(first);
  assert.notEqual(second, first);
  assert.equal(seen.opened, 2);
});

// Each waits five seconds before it asks a second time, so all wait at once.
test('device codes', { concurrency: true }, async (t) => {
  const signIn = (act: (userCode: string) => Promise<unknown>) => {
    const prompts: string[] = [];
    const acts: Promise<unknown>[] = [];
    const tokens = deviceCode({
      ...options,
      show: ({ message, userCode, verificationUri }) => {
        prompts.push(message);
        assert.ok(message.includes(userCode) && message.includes(verificationUri));
        acts.push(act(userCode));
      },
    });
    return { tokens, prompts, acts };
  };
  await Promise.all([
    t.test('a person who types the code is signed in, for all who wait', async () => {
      const { tokens, prompts, acts } = signIn((userCode) => openPerson(world).typeCode(userCode));
      const given = await Promise.all([tokens(), tokens()]);
      await Promise.all(acts);
      assert.equal(new Set(given).size, 1);
      assert.equal(await countJobs(tokens), 0);
      assert.equal(prompts.length, 1);
    }),
    t.test('a person who declines gives no token', async () => {
      const declines = { declines: true };
      const { tokens } = signIn((userCode) => openPerson(world).typeCode(userCode, declines));
      const { code, message } = await refusalOf(tokens());
      assert.equal(code, 'AADSTS90120');
      assert.match(message, /The person declined on the page/);
    }),
  ]);
});

test('a device code that nobody typed in time is told as too old', async (t) => {
  t.after(() => askServer(dataFolder, 'clock', { move: 'reset' }));
  const shown: Promise<unknown>[] = [];
  const tokens = deviceCode({
    ...options,
    show: () => {
      shown.push(askServer(dataFolder, 'clock', { move: 'advance', value: '16m' }));
    },
  });
  const { message } = await refusalOf(tokens());
  await Promise.all(shown);
  assert.match(message, /ask for a new one/);
});

test('an application that is no public client is refused, and told what to change', async () => {
  const { appId: clientId } = await registerApplication(world.graph, 'confidential');
  const { code, message } = await refusalOf(deviceCode({ ...options, clientId, show: () => {} })());
  assert.equal(code, 'AADSTS7000218');
  assert.match(message, /allow public client flows/);
});

test('a device of a tenant that is not there is shown no code', async () => {
  const tenantId = 'nobody.example';
  const show = () => assert.fail('a prompt was shown');
  const { code, message } = await refusalOf(deviceCode({ ...options, tenantId, show })());
  assert.equal(code, 'AADSTS90002');
  assert.match(message, /Check the tenant/);
});
