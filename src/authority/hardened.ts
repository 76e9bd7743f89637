import type { Compat } from '#cloud/compat.ts';
import type { Fault } from '#kernel/fault.ts';
import {
  idTokenNotEnabled,
  insecureReplyAddress,
  tokenNotEnabled,
  unknownReplyAddress,
} from './authorize.faults.ts';
import {
  type AskedSignIn,
  type AuthorizeCheck,
  pageChecks,
  redirectChecks,
} from './authorize-request.ts';
import { unsupportedGrant } from './faults.ts';
import { everyChallengeRequired } from './hardened.faults.ts';
import { isSecureRedirectUri, isWildcardRedirect } from './redirect-uri.ts';
import { readResponseTypes } from './response-type.ts';

/*
 * What the authority does otherwise under `--compat hardened`: the rows of docs/reference/compat.md
 * that are about signing in.
 */

/** The checks whose failure is a page. */
export function pageChecksOf(compat: Compat): readonly AuthorizeCheck[] {
  return compat === 'hardened' ? [...pageChecks, ...hardenedPageChecks] : pageChecks;
}

/** The checks whose failure the client is told at its redirect address. */
export function redirectChecksOf(compat: Compat): readonly AuthorizeCheck[] {
  return compat === 'hardened' ? [...redirectChecks, ...hardenedRedirectChecks] : redirectChecks;
}

const hardenedPageChecks: readonly AuthorizeCheck[] = [
  { name: 'codes travel over https, or stay on this machine', judge: judgeInsecureAddress },
  { name: 'the redirect address is registered by itself', judge: judgeWildcard },
];

const hardenedRedirectChecks: readonly AuthorizeCheck[] = [
  { name: 'no token is handed out by a redirect', judge: judgeImplicit },
  { name: 'the code is bound by a hashed challenge', judge: judgeBoundCode },
];

/** A tenant with the redirect addresses of 2020 is no exception. */
function judgeInsecureAddress({ parameters }: AskedSignIn): Fault | undefined {
  const isSecure = isSecureRedirectUri(parameters.get('redirect_uri') ?? '');
  return isSecure ? undefined : insecureReplyAddress();
}

/** Whoever takes over one name of a domain would get the codes of the others. */
function judgeWildcard({ parameters, application }: AskedSignIn): Fault | undefined {
  const asked = parameters.get('redirect_uri') ?? '';
  return isWildcardRedirect(application, asked)
    ? unknownReplyAddress(asked, application.appId)
    : undefined;
}

function judgeImplicit({ parameters }: AskedSignIn): Fault | undefined {
  const types = readResponseTypes(parameters.get('response_type') ?? '') ?? [];
  if (types.includes('token')) return tokenNotEnabled();
  return types.includes('id_token') ? idTokenNotEnabled() : undefined;
}

function judgeBoundCode({ parameters }: AskedSignIn): Fault | undefined {
  const isHashed = parameters.get('code_challenge_method') === 'S256';
  const hasChallenge = (parameters.get('code_challenge') ?? '') !== '';
  return isHashed && hasChallenge ? undefined : everyChallengeRequired();
}

/** Refuses grants in which a client sees a user's password. */
export function judgeGrant(compat: Compat, grantType: string): Fault | undefined {
  const isRefused = compat === 'hardened' && grantType === 'password';
  return isRefused ? unsupportedGrant(grantType) : undefined;
}
