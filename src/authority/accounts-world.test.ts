import assert from 'node:assert/strict';
import type { TestContext } from 'node:test';
import type { Compat } from '#cloud/compat.ts';
import { addUser, passwordHashOfUser, type User } from '#directory/user.store.ts';
import { guidOfText } from '#kernel/random.ts';
import { answerOf } from './browser.test.ts';
import { openPagesWorld, type PagesWorld } from './pages-world.test.ts';
import { contoso, fabrikam } from './world.test.ts';

/*
 * The pages world with one browser in which several accounts are signed in: alice and carol of
 * contoso, and bob of fabrikam. This file holds no test of its own.
 */

/** Who is signed in, by the first names of their account names. */
export type Person = 'alice' | 'carol' | 'bob';

export const userNames: Readonly<Record<Person, string>> = {
  alice: 'Alice@contoso.example',
  carol: 'carol@contoso.example',
  bob: 'bob@fabrikam.example',
};

export interface AccountsWorld extends PagesWorld {
  readonly carol: User;
  /** `session_state` of each one's last sign-in. */
  readonly sessionIds: Readonly<Record<Person, string>>;
  /** Signs someone in with her password, beside whoever is signed in. */
  signIn(person: Person, stay?: Readonly<Record<string, string>>): Promise<void>;
  /** What the last page or redirect is: whose code, which refusal, or which page. */
  outcome(): string;
  /** What a silent sign-in gives. */
  silent(hints?: Readonly<Record<string, string>>, tenant?: string): Promise<string>;
}

/** The world with these people signed in, in this order. */
export async function openAccountsWorld(
  t: TestContext,
  people: readonly Person[] = ['alice', 'carol', 'bob'],
  compat?: Compat,
): Promise<AccountsWorld> {
  const audience = { signInAudience: 'AzureADMultipleOrgs' } as const;
  const opened = await openPagesWorld(t, audience, compat);
  const { browser, store, alice } = opened;
  await opened.grant(opened.graphPrincipal, 'openid');
  const userPrincipalName = userNames.carol;
  const carol = { ...alice, objectId: guidOfText('carol'), userPrincipalName };
  await store.write(async (tx) =>
    addUser(tx, carol, await passwordHashOfUser(tx, alice.tenantId, alice.objectId)),
  );
  const sessionIds: Record<Person, string> = { alice: '', carol: '', bob: '' };
  const world: AccountsWorld = {
    ...opened,
    carol,
    sessionIds,
    authorize: (change = {}, tenant = contoso.tenantId) =>
      opened.authorize({ scope: 'openid', ...proof, ...change }, tenant),
    async signIn(person, stay = { stay: '0' }) {
      const tenant = person === 'bob' ? fabrikam.tenantId : contoso.tenantId;
      await world.authorize({ prompt: 'login' }, tenant);
      await world.prove(userNames[person]);
      if (browser.shown.text.includes('name="consent"'))
        await browser.submit({ consent: 'accept' });
      if (browser.shown.status === 200) await browser.submit(stay);
      sessionIds[person] = answerOf(browser.shown).get('session_state') ?? '';
      assert.equal(world.outcome(), person);
    },
    outcome: () => outcomeOf(world),
    async silent(hints = {}, tenant = contoso.tenantId) {
      await world.authorize({ ...hints, prompt: 'none' }, tenant);
      return world.outcome();
    },
  };
  for (const person of people) await world.signIn(person);
  return world;
}

/** What the hardened side wants of every request. */
const proof = { code_challenge: 'x'.repeat(43), code_challenge_method: 'S256' };

const pages = [
  ['loginHeader', 'picker'],
  ['i0118', 'password'],
  ['i0116', 'user name'],
] as const;

function outcomeOf({ browser: { shown }, sessionIds }: AccountsWorld): string {
  if (shown.status !== 302) {
    const page = pages.find(([id]) => shown.text.includes(`id="${id}"`));
    const named = [...shown.text.matchAll(/data-test-id="([^"@]*)@/g)].map(([, name]) => name);
    return [page?.[1] ?? /AADSTS\d+/.exec(shown.text)?.[0] ?? shown.text, ...named].join(' ');
  }
  const answer = answerOf(shown);
  const sessionId = answer.get('session_state');
  const found = Object.entries(sessionIds).find(([, id]) => id !== '' && id === sessionId);
  return found?.[0] ?? `${answer.get('error')} ${answer.get('error_description')?.split(':')[0]}`;
}
