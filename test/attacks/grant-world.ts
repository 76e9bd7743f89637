import assert from 'node:assert/strict';
import { join } from 'node:path';
import type { HouseOptions } from '#app/house.ts';
import { answerOf, type Shown } from '#authority/browser.test.ts';
import type { Answer } from '../lock/ask.ts';
import { openPerson, type Person } from './person.ts';
import { type AttackedWorld, openAttackedWorld } from './world.ts';

/** A client of `grants.yaml`: what it sends to say who it is, and where its codes go. */
export interface Client {
  readonly form: Readonly<Record<string, string>>;
  readonly redirectUri: string;
  /** The page that it runs in, when it is a single-page application. */
  readonly origin?: string;
}

const siteAddress = 'https://site.example/signed-in';

/** Two web applications, a native one, a single-page one, and one of every tenant. */
export const clients = {
  site: {
    form: {
      client_id: '51700000-0000-4000-8000-000000000001',
      client_secret: 'site-secret-of-32-characters-long',
    },
    redirectUri: siteAddress,
  },
  otherSite: {
    form: {
      client_id: '07e50000-0000-4000-8000-000000000001',
      client_secret: 'other-secret-of-32-characters-long',
    },
    redirectUri: siteAddress,
  },
  native: {
    form: { client_id: '9a710000-0000-4000-8000-000000000001' },
    redirectUri: 'https://native.example/signed-in',
  },
  page: {
    form: { client_id: '9a6e0000-0000-4000-8000-000000000001' },
    redirectUri: 'https://page.example/signed-in',
    origin: 'https://page.example',
  },
  everybody: {
    form: { client_id: 'e5e70000-0000-4000-8000-000000000001' },
    redirectUri: 'https://everybody.example/signed-in',
  },
} satisfies Readonly<Record<string, Client>>;

const pageObjectId = '9a6e0000-0000-4000-8000-00000000000a';

/** What every sign-in of these tests asks for. */
export const batchScope = 'https://batch.core.windows.net//.default openid profile offline_access';

/** What an attack is told: status, OAuth error and code. */
export type Refusal = readonly [status: number, error: string, code: string];

/** A challenge and what it was made of. Source: RFC 7636, appendix B. */
export const proofKey = {
  verifier: 'dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk',
  challenge: {
    code_challenge: 'E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM',
    code_challenge_method: 'S256',
  },
} as const;

/** A Batten with the people and clients of `grants.yaml`. */
export interface GrantWorld extends AttackedWorld {
  /** Ada's browser, in which she is signed in. */
  readonly ada: Person;
  /** Sends a form of a client to a token endpoint, as that client does. */
  send(client: Client, form: object, target?: string): Promise<Answer>;
  /** A code of whoever is signed in in the browser. */
  code(client: Client, more?: Readonly<Record<string, string>>, person?: Person): Promise<string>;
  redeem(client: Client, code: string, more?: object): Promise<Answer>;
  /** The tokens of a new sign-in. */
  tokens(client: Client, more?: Readonly<Record<string, string>>, person?: Person): Promise<Tokens>;
  renew(client: Client, refreshToken: string, more?: object, target?: string): Promise<Answer>;
  /** Makes an attempt that must be refused like this and change nothing. */
  refuses(refusal: Refusal, attempt: () => Promise<Answer>): Promise<Answer>;
  /** Goes on so many seconds later, and comes back. */
  later<Result>(seconds: number, then: () => Promise<Result>): Promise<Result>;
}

/** What a token endpoint gave for a person. */
export interface Tokens {
  readonly access_token: string;
  readonly refresh_token: string;
  readonly id_token: string;
}

/** The seed of these tests. */
export const grantSeedPath = join(import.meta.dirname, 'grants.yaml');

/** Opens the Batten of one file of attacks, and signs Ada in. */
export async function openGrantWorld(options: HouseOptions = {}): Promise<GrantWorld> {
  const attacked = await openAttackedWorld({ seedPath: grantSeedPath, ...options });
  const spa = { redirectUris: [clients.page.redirectUri] };
  await attacked.graph.call('PATCH', `/v1.0/applications/${pageObjectId}`, { spa });
  const ada = openPerson(attacked);
  await signIn(ada, 'ada');
  const world: GrantWorld = {
    ...attacked,
    ada,
    send: ({ form, origin }, more, target = `/${attacked.tenantId}/oauth2/v2.0/token`) =>
      attacked.ask({
        target,
        form: { ...form, ...more },
        ...(origin === undefined ? {} : { headers: { origin } }),
      }),
    async code({ form, redirectUri }, more = {}, person = ada) {
      const asked = { client_id: form['client_id'] ?? '', redirect_uri: redirectUri };
      const proof = redirectUri === clients.page.redirectUri ? proofKey.challenge : {};
      const rest = { response_type: 'code', scope: batchScope, ...proof, ...more };
      return codeOf(await person.authorize({ ...asked, ...rest }));
    },
    redeem(client, code, more = {}) {
      const proof = client.origin === undefined ? {} : { code_verifier: proofKey.verifier };
      const form = { code, redirect_uri: client.redirectUri, ...proof, ...more };
      return world.send(client, { grant_type: 'authorization_code', ...form });
    },
    async tokens(client, more, person) {
      const answer = await world.redeem(client, await world.code(client, more, person));
      assert.equal(answer.status, 200, answer.body);
      return answer.json as Tokens;
    },
    renew: (client, refresh_token, more, target) =>
      world.send(client, { grant_type: 'refresh_token', refresh_token, ...more }, target),
    async refuses(refusal, attempt) {
      const answer = await world.unchanged(attempt);
      assert.deepEqual(refusalIn(answer), refusal, answer.body);
      assert.doesNotMatch(answer.body, /access_token|refresh_token"/);
      return answer;
    },
    async later(seconds, then) {
      await world.moveClock({ kind: 'advance', microseconds: seconds * 1_000_000 });
      try {
        return await then();
      } finally {
        await world.moveClock({ kind: 'reset' });
      }
    },
  };
  return world;
}

/** Signs a person of Contoso in, so that her browser stays signed in. */
export async function signIn(person: Person, name: string): Promise<void> {
  const { form, redirectUri } = clients.site;
  const asked = { client_id: form.client_id, redirect_uri: redirectUri, response_type: 'code' };
  await person.authorize({ ...asked, scope: batchScope, ...proofKey.challenge });
  await person.signIn(`${name}@contoso.example`, `${name}-of-contoso-1`);
  codeOf(await person.submit({ stay: '1' }));
}

function codeOf(shown: Shown): string {
  const code = answerOf(shown).get('code');
  assert.ok(code, shown.headers['location']);
  return code;
}

/** What an answer of the token endpoint refuses with. */
export function refusalIn({ status, code, json }: Answer): Refusal {
  return [status, (json as { readonly error?: string }).error ?? '', code];
}
