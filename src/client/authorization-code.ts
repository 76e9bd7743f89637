import type { AccountInfo, AuthenticationResult } from '@azure/msal-node';
import type { ClientProof } from './client-proof.ts';
import {
  beginCodeSignIn,
  type CodeQuestion,
  finishCodeSignIn,
  type PendingSignIn,
} from './code-sign-in.ts';
import type { TokenProvider } from './credentials.ts';
import { confidentialClient } from './service-principal.ts';
import { withoutToken } from './sign-in.faults.ts';
import { type SignInOptions, signedIn } from './sign-in.ts';
import { scopeOf } from './token-credential.ts';
import { type SignInCache, type UserApplication, userTokens } from './user-tokens.ts';

export type AuthorizationCodeOptions = SignInOptions &
  ClientProof & {
    /** Where the browser comes back to: a redirect URI of type web, to the letter. */
    readonly redirectUri: string;
    readonly cache?: SignInCache;
  };

/** A user of a web application. */
export interface SignedInUser {
  /** Names the sign-in to `resume` and `forget`; no secret. */
  readonly accountId: string;
  readonly userPrincipalName: string;
  /** Her tokens, renewed silently; throws `SignInError` once she must sign in again. */
  readonly tokens: TokenProvider;
}

/** Sign-in of users by a web application. Every method throws `SignInError`. */
export interface WebSignIn {
  /** The address to send the browser to, and what to keep for it in its session until it is back. */
  begin(person?: {
    readonly loginHint?: string;
  }): Promise<{ readonly url: string; readonly pending: PendingSignIn }>;
  /** Redeems the query that the browser came back with; each answer counts once. */
  complete(pending: PendingSignIn, answer: URLSearchParams): Promise<SignedInUser>;
  /** A user who signed in before; undefined when her sign-in is neither in memory nor in the cache. */
  resume(accountId: string): Promise<SignedInUser | undefined>;
  /** Drops the tokens of a user here; it does not sign her out of Entra. */
  forget(accountId: string): Promise<void>;
}

/**
 * Signs users of a web application in by authorization code, with PKCE beside the application's own proof.
 * Source: https://learn.microsoft.com/entra/identity-platform/v2-oauth2-auth-code-flow
 */
export function authorizationCode(options: AuthorizationCodeOptions): WebSignIn {
  const scopes = [scopeOf(options)];
  const question: CodeQuestion = {
    scopes,
    redirectUri: options.redirectUri,
    responseMode: 'query',
  };
  let opening: Promise<UserApplication> | undefined;
  const open = async (): Promise<UserApplication> => {
    opening ??= confidentialClient(options);
    try {
      return await opening;
    } catch (error) {
      opening = undefined;
      throw error;
    }
  };
  const find = async (accountId: string): Promise<AccountInfo | undefined> =>
    (await (await open()).getTokenCache().getAccountByHomeId(accountId)) ?? undefined;
  const userOf = async (account: AccountInfo): Promise<SignedInUser> => {
    const { homeAccountId: accountId, username: userPrincipalName } = account;
    const tokens = userTokens(await open(), { scopes, known: () => find(accountId) });
    return { accountId, userPrincipalName, tokens };
  };
  return {
    begin: (person = {}) =>
      signedIn(async () => beginCodeSignIn(await open(), { ...question, ...person })),
    complete: (pending, answer) =>
      signedIn(async () => {
        const result = await finishCodeSignIn(await open(), question, pending, answer);
        return userOf(accountOf(result));
      }),
    async resume(accountId) {
      const account = await find(accountId);
      return account && userOf(account);
    },
    async forget(accountId) {
      const account = await find(accountId);
      if (account !== undefined) await (await open()).getTokenCache().removeAccount(account);
    },
  };
}

function accountOf({ account }: AuthenticationResult): AccountInfo {
  if (account === null) throw withoutToken();
  return account;
}
