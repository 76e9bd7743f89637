import { type AuthenticationResult, PublicClientApplication } from '@azure/msal-node';
import { beginCodeSignIn, finishCodeSignIn } from './code-sign-in.ts';
import type { TokenProvider } from './credentials.ts';
import { openLoopback } from './loopback.ts';
import { openBrowser } from './open-browser.ts';
import { msalConfiguration } from './sign-in.ts';
import { scopeOf } from './token-credential.ts';
import {
  cacheConfiguration,
  knownAccount,
  type UserSignInOptions,
  userTokens,
} from './user-tokens.ts';

export interface InteractiveBrowserOptions extends UserSignInOptions {
  /** Takes the person to an address; the browser of this machine when absent. */
  readonly openBrowser?: (url: string) => void | Promise<void>;
  /** How long the person has, in seconds; 300 when absent. */
  readonly deadlineSeconds?: number;
  /** Ends the wait for the person. */
  readonly signal?: AbortSignal;
}

/** How long a person has for the pages when nothing is said, in seconds. */
const deadlineSecondsUsual = 300;

/**
 * A token provider that signs a user in through the browser: authorization code with PKCE, answered to `http://localhost` on a free port,
 * which the application must have among the redirect URIs of a public client. The first token opens the browser; later ones are
 * renewed silently until only the person can help. The provider throws `SignInError`.
 * Source: https://learn.microsoft.com/entra/identity-platform/v2-oauth2-auth-code-flow
 */
export function interactiveBrowser(options: InteractiveBrowserOptions): TokenProvider {
  const configuration = { ...msalConfiguration(options), ...cacheConfiguration(options.cache) };
  const application = new PublicClientApplication(configuration);
  return userTokens(application, {
    scopes: [scopeOf(options)],
    known: () => knownAccount(application, options),
    ask: () => askInBrowser(application, options),
  });
}

async function askInBrowser(
  application: PublicClientApplication,
  options: InteractiveBrowserOptions,
): Promise<AuthenticationResult> {
  const { loginHint, signal, deadlineSeconds = deadlineSecondsUsual } = options;
  const loopback = await openLoopback();
  try {
    const { redirectUri } = loopback;
    const scopes = [scopeOf(options)];
    const question = { scopes, redirectUri, loginHint, responseMode: 'form_post' } as const;
    const { url, pending } = await beginCodeSignIn(application, question);
    const answer = loopback.answer(pending.state, { deadlineSeconds, signal });
    const opened = Promise.resolve((options.openBrowser ?? openBrowser)(url));
    // A browser that cannot be opened ends the wait; one that stays open when the answer comes does not hold it up.
    const first = await Promise.race([answer, opened.then(() => answer)]);
    return await finishCodeSignIn(application, question, pending, first);
  } finally {
    loopback.close();
  }
}
