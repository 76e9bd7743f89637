import { parsedObject, SignInError } from './faults.ts';
import { adviceFor } from './sign-in-advice.ts';
import type { OAuthRefusal } from './sign-in-network.ts';

/** Every refusal of a sign-in that this package tells, and every text of its own about signing in. */

/** Entra, or MSAL in its place, refused. MSAL puts words of its own before the text of Entra, which are left out. */
export function refusedSignIn(refusal: OAuthRefusal, cause: unknown): SignInError {
  const { error, error_description: description = '', correlation_id: correlationId } = refusal;
  const [text, code] = /(AADSTS\d+).*/s.exec(description) ?? [];
  const known = code ?? error;
  const told = text ?? (description === '' ? error : description);
  return new SignInError({
    ...{ code: known, text: told, correlationId, cause },
    advice: adviceFor(known) ?? adviceFor(error),
  });
}

/** No answer came; the reason is Node's, or one of the refusals below. */
export function unreachedSignIn(failure: unknown): SignInError {
  if (failure instanceof SignInError) return failure;
  const { code, message } = failure as { readonly code?: string; readonly message?: string };
  const text = `the sign-in service was not reached: ${message || code || 'no answer'}`;
  return new SignInError({ code: code ?? 'unreachable', text, cause: failure });
}

/** Something else than Entra listens there: a proxy, a web server. */
export function unreadableSignIn(origin: string, status: number): SignInError {
  const text = `${origin} answered ${status} without JSON, so it is no sign-in service`;
  return new SignInError({ code: 'unreadable_answer', text });
}

/** A secret or a token would travel in clear. */
export function cleartextSignIn(url: string): SignInError {
  const { origin } = new URL(url);
  return new SignInError({
    code: 'insecure_address',
    text: `sign-in is only possible over https and not at ${origin}`,
  });
}

/** A success without a token or without its end is none. */
export function withoutToken(): SignInError {
  return new SignInError({ code: 'no_token', text: 'the sign-in gave no access token' });
}

/** @azure/identity answers null when it has nothing to say. */
export function noTokenGiven(scope: string): SignInError {
  return new SignInError({
    code: 'no_token',
    text: `the credential has no token for ${scope}`,
  });
}

/** The file's name is told, and never what stands in it. */
export function unreadableFile(path: string, cause: unknown): SignInError {
  const { code = 'EIO' } = cause as { readonly code?: string };
  return new SignInError({ code, text: `the file ${path} cannot be read: ${code}` });
}

/** Nothing of the text is shown: it may be a key. */
export function unreadableCertificate(part: 'certificate' | 'private key'): SignInError {
  return new SignInError({
    code: 'invalid_certificate',
    text: `no ${part} can be read from the PEM text`,
    advice:
      part === 'certificate'
        ? 'The text holds the certificate and its private key, each between its BEGIN and END lines.'
        : 'Put the private key beside the certificate; a key under a password needs certificatePassword.',
  });
}

/** The assertion could not be signed as Entra reads it. */
export function unsuitableKey(): SignInError {
  return new SignInError({
    code: 'invalid_certificate',
    text: 'the private key is not an RSA key, the only kind that Entra takes',
  });
}

/** Entra would refuse the signature, and not say why. */
export function foreignPrivateKey(): SignInError {
  return new SignInError({
    code: 'invalid_certificate',
    text: 'the private key is not that of the certificate',
  });
}

/** Whoever came back is not the one who was sent. */
export function wrongState(): SignInError {
  return new SignInError({
    code: 'wrong_state',
    text: 'the answer belongs to another sign-in: its state is not the one that was sent',
    advice: 'Begin the sign-in again, in the same browser, and keep what begin() returned for it.',
  });
}

/** The redirect URI was opened by somebody who did not come from a sign-in. */
export function noCode(): SignInError {
  return new SignInError({
    code: 'no_code',
    text: 'the answer carries neither a code nor an error',
  });
}

/** The cache no longer has the user, and nobody can be asked. */
export function nobodySignedIn(): SignInError {
  return new SignInError({
    code: 'no_tokens_found',
    text: 'the sign-in of this user is not there any more',
    advice: adviceFor('no_tokens_found'),
  });
}

/** The person closed the page, or never saw it. */
export function signInTimedOut(seconds: number): SignInError {
  return new SignInError({
    code: 'timed_out',
    text: `nobody finished the sign-in in the browser within ${seconds} s`,
    advice: 'Where no browser can open, sign in by deviceCode.',
  });
}

/** Waiting would be in vain. */
export function noBrowser(command: string): SignInError {
  return new SignInError({
    code: 'no_browser',
    text: `no browser opened: ${command} is not there or knows none`,
    advice: 'Pass openBrowser, or sign in by deviceCode.',
  });
}

/** The signal of the caller; its reason is the cause. */
export function signInAborted(cause: unknown): SignInError {
  return new SignInError({ code: 'aborted', text: 'the program ended the sign-in', cause });
}

/** Nobody answers where managed identities get their tokens. */
export function noManagedIdentity(
  origin: string,
  isInstanceMetadata: boolean,
  cause: Error,
): SignInError {
  const advice = isInstanceMetadata
    ? 'The program runs neither on Azure with a managed identity nor under batten run --identity.'
    : undefined;
  const text = `no managed identity endpoint answers at ${origin}: ${cause.message}`;
  return new SignInError({ code: 'no_managed_identity', text, advice, cause });
}

/** The endpoint's own words: OAuth errors, one in an object in Cloud Shell, and others on App Service. */
export function refusedIdentity(status: number, body: string): SignInError {
  const { error, error_description: description, message } = parsedObject(body) ?? {};
  if (typeof error === 'string') {
    const told = typeof description === 'string' ? { error_description: description } : {};
    return refusedSignIn({ error, ...told }, undefined);
  }
  if (typeof error === 'object' && error !== null && 'code' in error && 'message' in error) {
    const told = { error: String(error.code), error_description: String(error.message) };
    return refusedSignIn(told, undefined);
  }
  if (typeof message === 'string') {
    return refusedSignIn({ error: `Http${status}`, error_description: message }, undefined);
  }
  const text = `the managed identity endpoint answered ${status} without a readable error`;
  return new SignInError({ code: `Http${status}`, text });
}

/** What the places need beyond a header, a thumbprint or a file, this package does not have. */
export function unsupportedIdentityPlace(place: string): SignInError {
  return new SignInError({
    code: 'unsupported_place',
    text: `managed identities of ${place} are not supported`,
    advice: 'Pass a ManagedIdentityCredential of @azure/identity instead.',
  });
}

/** What the variable holds is not shown: in Cloud Shell's form it may be a credential. */
export function httpOnlyIdentity(): SignInError {
  return new SignInError({
    code: 'invalid_endpoint',
    text: 'the managed identity endpoint in the environment is no http:// address',
  });
}

/** What the browser page says when a stranger's answer arrives; the sign-in goes on waiting. */
export const strangersAnswer = 'This answer belongs to another sign-in.';
