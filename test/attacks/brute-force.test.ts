import assert from 'node:assert/strict';
import { join } from 'node:path';
import { after } from 'node:test';
import { openIdentityEndpoint } from '#app/identity-endpoint.ts';
import { formOf } from '#authority/browser.test.ts';
import { passwordRule, refusalRule } from '#authority/limits.ts';
import { silentLog } from '#kernel/log.ts';
import type { Answer } from '../lock/ask.ts';
import { attack } from './attack.ts';
import { codeShown, fetchPage, openPerson } from './person.ts';
import { leastWork } from './work.ts';
import { type AttackedWorld, openAttackedWorld } from './world.ts';

/*
 * Guessing: passwords of one person and of many, names that may or may not exist, client secrets,
 * and the header of a managed identity.
 */

const seedPath = join(import.meta.dirname, 'people.yaml');
const world = await openAttackedWorld({ seedPath });

type Guessed = Pick<AttackedWorld, 'env' | 'token'>;

function guess(username: string, password: string, where: Guessed = world) {
  return where.token(guessForm(username, password, where));
}

function guessForm(username: string, password: string, { env }: Pick<Guessed, 'env'>) {
  return {
    grant_type: 'password',
    client_id: env['AZURE_CLIENT_ID'] ?? '',
    client_secret: env['AZURE_CLIENT_SECRET'] ?? '',
    username,
    password,
    scope: 'https://batch.core.windows.net//.default',
  };
}

const right = (name: string) => `${name}-of-contoso-1`;
const at = (name: string) => `${name}@contoso.example`;
const wait = (seconds: number) =>
  world.moveClock({ kind: 'advance', microseconds: seconds * 1_000_000 });

attack('BRU-01', async () => {
  for (let index = 0; index < 10; index += 1) {
    const attempt = () => guess(at('locked'), `wrong ${index}`);
    const answer = await world.unchanged(attempt, 'sign_in_failure');
    assert.deepEqual([answer.status, answer.code], [400, 'AADSTS50126'], `${index}`);
  }
  const eleventh = await world.unchanged(() => guess(at('locked'), right('locked')));
  assert.deepEqual([eleventh.status, eleventh.code], [400, 'AADSTS50053']);
  await wait(61);
  assert.equal((await guess(at('locked'), 'wrong once more')).code, 'AADSTS50126');
  await wait(61);
  const longer = await world.unchanged(() => guess(at('locked'), right('locked')));
  assert.equal(longer.code, 'AADSTS50053', 'the second lock is longer');
  await wait(61);
  assert.equal((await guess(at('locked'), right('locked'))).status, 200);
});

attack('BRU-02', async () => {
  const guesses = (count: number) =>
    Promise.all(Array.from({ length: count }, () => guess(at('repeated'), 'the same wrong one')));
  const first = await guesses(1);
  // Only the first is counted: the rest leave not even the count another one.
  const rest = await world.unchanged(() => guesses(49));
  const answers = [...first, ...rest].map(({ status, code }) => `${status} ${code}`);
  assert.deepEqual([...new Set(answers)], ['400 AADSTS50126']);
  assert.equal((await guess(at('repeated'), right('repeated'))).status, 200);
});

attack('BRU-03', async () => {
  for (let index = 0; index < 10; index += 1) await guess(at('right'), `wrong ${index}`);
  const answer = await world.unchanged(() => guess(at('right'), right('right')));
  assert.equal(answer.code, 'AADSTS50053');
  const person = openPerson(world);
  await person.authorize({
    client_id: '04b07795-8ddb-461a-bbee-02f9e1bf7b46',
    redirect_uri: 'http://localhost',
    response_type: 'code',
    scope: 'openid',
  });
  const shown = await person.signIn(at('right'), right('right'));
  assert.match(shown.text, /passwordError/);
  assert.equal(codeShown(shown).replace('AADSTS50053', ''), '');
  assert.equal(shown.headers['location'], undefined);
});

/** A sign-in as Graph lists it. */
interface SignInListed {
  readonly status: { readonly errorCode: number };
}

/** One guess over a connection that is kept, so that a thousand cost few handshakes. */
async function sprayOne(where: AttackedWorld, name: string, password: string): Promise<string> {
  const form = new URLSearchParams(guessForm(at(name), password, where)).toString();
  const target = `/${where.tenantId}/oauth2/v2.0/token`;
  const { status, text } = await fetchPage(where, target, form, {});
  return `${status} ${/AADSTS\d+/.exec(text)?.[0]}`;
}

/** Unknown names, then the address is blocked, and at last the client that does not listen. */
const sprayAnswers = ['400 AADSTS50034', '400 AADSTS50053', '429 AADSTS90055'];

attack('BRU-05', async () => {
  const sprayed = await openAttackedWorld({ seedPath });
  // Longer than any password, so that the hundreds of attempts cost the test no hashes.
  const password = 'p'.repeat(300);
  const names = Array.from({ length: 1000 }, (_, index) => `user${index}`);
  const codes: string[] = [];
  await sprayed.unchanged(async () => {
    for (let sent = 0; sent < names.length; sent += 50) {
      const batch = names.slice(sent, sent + 50).map((name) => sprayOne(sprayed, name, password));
      codes.push(...(await Promise.all(batch)));
    }
  });
  assert.deepEqual([...new Set(codes)].sort(), sprayAnswers);
  assert.ok(codes.filter((one) => one === '400 AADSTS50034').length < passwordRule.burst + 50);
  // One guess a second comes back, and the spray that goes on takes it.
  const goesOn = names
    .slice(0, 50)
    .flatMap((name, index) => [
      sprayOne(sprayed, name, password),
      ...(index % 5 === 4 ? [sprayOne(sprayed, 'right', right('right'))] : []),
    ]);
  const rights = (await Promise.all(goesOn)).filter((_, index) => index % 6 === 5);
  assert.ok(
    rights.some((one) => /AADSTS(50053|90055)/.test(one)),
    'the address is blocked also for the right password',
  );
  const log = await sprayed.graph.call('GET', '/v1.0/auditLogs/signIns?$top=999');
  const { value } = log.json as { readonly value: readonly SignInListed[] };
  const failures = new Set(value.map(({ status }) => status.errorCode));
  for (const code of [50034, 50053]) assert.ok(failures.has(code), `the log tells of ${code}`);
});

attack('BRU-06', async () => {
  const unknown = await world.unchanged(() => guess(at('nobody'), 'guessed'));
  assert.equal(unknown.code, 'AADSTS50034');
  const hardened = await openAttackedWorld({ seedPath, compat: 'hardened' });
  const texts: string[] = [];
  const works: number[] = [];
  for (const name of ['nobody', 'right']) {
    const person = openPerson(hardened);
    await person.authorize({
      client_id: '04b07795-8ddb-461a-bbee-02f9e1bf7b46',
      redirect_uri: 'http://localhost',
      response_type: 'code',
      scope: 'openid',
      code_challenge: 'E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM',
      code_challenge_method: 'S256',
    });
    await person.submit({ loginfmt: at(name) });
    const { hidden, action } = formOf(person.shown.text);
    const guessed = new URLSearchParams({ ...hidden, passwd: 'guessed wrong' }).toString();
    // The work of a check is the same for both: a name that does not exist costs its hash as well.
    const shown = await person.post(action, guessed);
    works.push(await leastWork(() => person.post(action, guessed)));
    assert.equal(shown.status, 200);
    texts.push(/id="passwordError">([^<]*)</.exec(shown.text)?.[1] ?? shown.text);
  }
  assert.equal(texts[0], texts[1], 'a name that exists looks like one that does not');
  const [unknownWork = 0, knownWork = 0] = works;
  const ratio = unknownWork / knownWork;
  assert.ok(ratio > 0.5 && ratio < 2, `${unknownWork} ms and ${knownWork} ms`);
});

attack('BRU-07', async () => {
  const { appId } = await world.register('guessed');
  const form = (client_secret: string) => ({
    grant_type: 'client_credentials',
    client_id: appId,
    client_secret,
    scope: 'https://management.azure.com/.default',
  });
  const wrong = Array.from({ length: refusalRule.burst }, (_, index) => `wrong-${index}`);
  const answers = await Promise.all(wrong.map((secret) => world.token(form(secret))));
  assert.ok(answers.every(({ code }) => code === 'AADSTS7000215'));
  // One guess a second comes back meanwhile, so on a slow machine some more are answered first.
  const more: Answer[] = [];
  while (more.at(-1)?.status !== 429 && more.length < refusalRule.burst) {
    more.push(await world.token(form('wrong')));
  }
  assert.equal(more.at(-1)?.status, 429);
  assert.ok(more.slice(0, -1).every(({ code }) => code === 'AADSTS7000215'));
  const good = await world.tokenFor('https://management.azure.com/');
  assert.ok(good, 'another application from the same address gets its token');
});

attack('BRU-10', async () => {
  const long = await world.unchanged(() => guess(at('repeated'), 'p'.repeat(1_000_000)));
  assert.equal(long.status, 413);
  const short = await world.unchanged(() => guess(at('repeated'), 'p'.repeat(50_000)));
  assert.deepEqual([short.status, short.code], [400, 'AADSTS50126']);
});

attack('BRU-12', async () => {
  const group = `/subscriptions/${world.env['AZURE_SUBSCRIPTION_ID']}/resourceGroups/batch-rg`;
  const id = `${group}/providers/Microsoft.ManagedIdentity/userAssignedIdentities/runner`;
  await world.arm.call('PUT', `${id}?api-version=2023-01-31`, { location: 'westeurope' });
  const endpoint = await openIdentityEndpoint({
    dataFolder: world.dataFolder,
    identity: id,
    form: 'any',
    subscriptionId: undefined,
    cloud: 'public',
    log: silentLog,
  });
  after(() => endpoint[Symbol.asyncDispose]());
  const header = endpoint.variables['IDENTITY_HEADER'] ?? '';
  const url = `${endpoint.variables['IDENTITY_ENDPOINT']}?api-version=2019-08-01&resource=https://management.azure.com/`;
  const guesses = ['', 'guess', header.slice(0, -1), `${header}x`, header.toUpperCase()];
  for (const guessed of guesses) {
    const reply = await fetch(url, { headers: { 'X-IDENTITY-HEADER': guessed } });
    assert.equal(reply.status, 401);
    assert.ok(!(await reply.text()).includes('access_token'));
  }
  assert.equal((await fetch(url, { headers: { 'X-IDENTITY-HEADER': header } })).status, 200);
});
