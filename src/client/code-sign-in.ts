import { type AuthenticationResult, CryptoProvider } from '@azure/msal-node';
import { noCode, refusedSignIn, wrongState } from './sign-in.faults.ts';
import type { UserApplication } from './user-tokens.ts';

/** What must be kept, for the browser that was sent away, until it comes back: plain data, and not for anybody else's eyes. */
export interface PendingSignIn {
  readonly state: string;
  readonly nonce: string;
  readonly codeVerifier: string;
}

/** A sign-in by authorization code that begins. */
export interface CodeQuestion {
  readonly scopes: string[];
  readonly redirectUri: string;
  readonly loginHint?: string | undefined;
  /** How the answer comes: in the address, or in a form that the browser posts. */
  readonly responseMode: 'query' | 'form_post';
}

const crypto = new CryptoProvider();

/**
 * The address to send the person to, with PKCE (S256), a state and a nonce that nobody can guess.
 * Source: https://learn.microsoft.com/entra/identity-platform/v2-oauth2-auth-code-flow
 */
export async function beginCodeSignIn(
  application: UserApplication,
  { scopes, redirectUri, loginHint, responseMode }: CodeQuestion,
): Promise<{ readonly url: string; readonly pending: PendingSignIn }> {
  const { verifier: codeVerifier, challenge: codeChallenge } = await crypto.generatePkceCodes();
  const pending = { state: crypto.createNewGuid(), nonce: crypto.createNewGuid(), codeVerifier };
  const { state, nonce } = pending;
  const url = await application.getAuthCodeUrl({
    ...{ scopes, redirectUri, responseMode, state, nonce, codeChallenge },
    codeChallengeMethod: 'S256',
    ...(loginHint === undefined ? {} : { loginHint }),
  });
  return { url, pending };
}

/** Redeems what came back. Throws `SignInError` when it is another's answer or a refusal. */
export async function finishCodeSignIn(
  application: UserApplication,
  { scopes, redirectUri }: CodeQuestion,
  { state, nonce, codeVerifier }: PendingSignIn,
  answer: URLSearchParams,
): Promise<AuthenticationResult> {
  if (answer.get('state') !== state) throw wrongState();
  const error = answer.get('error');
  if (error !== null) {
    const error_description = answer.get('error_description') ?? '';
    throw refusedSignIn({ error, error_description }, undefined);
  }
  const code = answer.get('code');
  if (code === null) throw noCode();
  const clientInfo = answer.get('client_info');
  return application.acquireTokenByCode({
    ...{ code, scopes, redirectUri, codeVerifier, nonce },
    ...(clientInfo === null ? {} : { clientInfo }),
  });
}
