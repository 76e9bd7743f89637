import {
  type AuthenticationResult,
  type DeviceCodeRequest,
  PublicClientApplication,
} from '@azure/msal-node';
import type { TokenProvider } from './credentials.ts';
import { withoutToken } from './sign-in.faults.ts';
import { msalConfiguration } from './sign-in.ts';
import { scopeOf } from './token-credential.ts';
import {
  cacheConfiguration,
  knownAccount,
  type UserSignInOptions,
  userTokens,
} from './user-tokens.ts';

/** What the person must be told. */
export interface DeviceCodePrompt {
  /** The whole of it in one English sentence. */
  readonly message: string;
  /** The page on which she types the code, in any browser. */
  readonly verificationUri: string;
  readonly userCode: string;
  /** How long the code is good, in seconds. */
  readonly lifetimeSeconds: number;
}

export interface DeviceCodeOptions extends UserSignInOptions {
  /** Shows the person where to go: `({ message }) => console.log(message)`. */
  readonly show: (prompt: DeviceCodePrompt) => void;
  /** Ends the wait for the person, at the next time that her answer is asked for. */
  readonly signal?: AbortSignal;
}

/**
 * A token provider that signs a user in on another device: it shows a code, and waits until the person has typed it. The
 * application must allow public client flows. The first token waits for the person; later ones are renewed silently until only
 * she can help. The provider throws `SignInError`.
 * Source: https://learn.microsoft.com/entra/identity-platform/v2-oauth2-device-code
 */
export function deviceCode(options: DeviceCodeOptions): TokenProvider {
  const configuration = { ...msalConfiguration(options), ...cacheConfiguration(options.cache) };
  const application = new PublicClientApplication(configuration);
  return userTokens(application, {
    scopes: [scopeOf(options)],
    known: () => knownAccount(application, options),
    ask: () => askOnDevice(application, options),
  });
}

async function askOnDevice(
  application: PublicClientApplication,
  { show, signal, ...options }: DeviceCodeOptions,
): Promise<AuthenticationResult | null> {
  const request: DeviceCodeRequest = {
    scopes: [scopeOf(options)],
    // MSAL calls back even when the endpoint refused to give a code.
    deviceCodeCallback: ({ message, verificationUri, userCode, expiresIn }) => {
      if (!userCode) throw withoutToken();
      show({ message, verificationUri, userCode, lifetimeSeconds: expiresIn });
    },
  };
  const cancel = (): void => {
    request.cancel = true;
  };
  if (signal?.aborted) cancel();
  signal?.addEventListener('abort', cancel, { once: true });
  try {
    return await application.acquireTokenByDeviceCode(request);
  } finally {
    signal?.removeEventListener('abort', cancel);
  }
}
