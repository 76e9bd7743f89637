import {
  type AccountInfo,
  type AuthenticationResult,
  type ConfidentialClientApplication,
  type ICachePlugin,
  InteractionRequiredAuthError,
  type PublicClientApplication,
} from '@azure/msal-node';
import { sameName } from '#kernel/ids.ts';
import type { TokenProvider } from './credentials.ts';
import { nobodySignedIn } from './sign-in.faults.ts';
import { issuedToken, type SignInOptions, signedIn } from './sign-in.ts';
import type { Heard } from './sign-in-network.ts';
import { keepToken } from './token-keeper.ts';

/**
 * Where sign-ins outlive the program. The text holds refresh tokens, so whoever reads it is signed in: keep it as one keeps a
 * password. Without a cache they are in memory and end with the program.
 */
export interface SignInCache {
  /** What was saved last; undefined when nothing was. */
  load(): string | undefined | Promise<string | undefined>;
  save(text: string): void | Promise<void>;
}

export interface UserSignInOptions extends SignInOptions {
  /** The user name that the page shows filled in, and whose sign-in is taken from the cache. */
  readonly loginHint?: string;
  readonly cache?: SignInCache;
}

/** Any application of MSAL in which users sign in. */
export type UserApplication = PublicClientApplication | ConfidentialClientApplication;

/** Errors of a renewal after which only the person can help. Source: RFC 6749, 5.2; OpenID Connect Core, 3.1.2.6 */
const personNeeded = [
  'invalid_grant',
  'interaction_required',
  'consent_required',
  'login_required',
];

/** Where the tokens of one user come from. */
export interface UserTokenSource {
  readonly scopes: string[];
  /** The user whose sign-in is there; undefined when nobody's is. */
  known(): Promise<AccountInfo | undefined>;
  /** Asks the person; absent where nobody can be asked. */
  ask?(): Promise<AuthenticationResult | null>;
}

/**
 * Tokens of one user: from the sign-in that is there, renewed silently, or by asking the person when there is none or it has
 * ended. The provider throws `SignInError`.
 */
export function userTokens(application: UserApplication, source: UserTokenSource): TokenProvider {
  const { scopes, ask } = source;
  let account: AccountInfo | undefined;
  return keepToken((forceRefresh) =>
    signedIn(async (heard) => {
      account ??= await source.known();
      if (account !== undefined) {
        try {
          const request = { account, scopes, forceRefresh };
          return issuedToken(await application.acquireTokenSilent(request));
        } catch (error) {
          if (ask === undefined || !needsPerson(error, heard)) throw error;
          delete heard.refusal;
        }
      }
      if (ask === undefined) throw nobodySignedIn();
      const result = await ask();
      account = result?.account ?? undefined;
      return issuedToken(result);
    }),
  );
}

/** True when a renewal failed in a way that only the person can cure. */
function needsPerson(error: unknown, { refusal }: Heard): boolean {
  return (
    error instanceof InteractionRequiredAuthError || personNeeded.includes(refusal?.error ?? '')
  );
}

/** The user of a program that has one: the one who is named, else whoever signed in before. */
export async function knownAccount(
  application: UserApplication,
  { loginHint }: UserSignInOptions,
): Promise<AccountInfo | undefined> {
  const accounts = await application.getTokenCache().getAllAccounts();
  return accounts.find(({ username }) => loginHint === undefined || sameName(username, loginHint));
}

/** The cache as MSAL takes it. */
function cachePlugin(cache: SignInCache): ICachePlugin {
  return {
    async beforeCacheAccess(context) {
      const text = await cache.load();
      if (text !== undefined) context.tokenCache.deserialize(text);
    },
    async afterCacheAccess(context) {
      if (context.cacheHasChanged) await cache.save(context.tokenCache.serialize());
    },
  };
}

/** The part of MSAL's configuration that says where sign-ins are kept. */
export function cacheConfiguration(cache: SignInCache | undefined): {
  readonly cache?: { readonly cachePlugin: ICachePlugin };
} {
  return cache === undefined ? {} : { cache: { cachePlugin: cachePlugin(cache) } };
}
