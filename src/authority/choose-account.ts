import { sameName } from '#kernel/ids.ts';
import type { Instant } from '#kernel/instant.ts';
import type { Prompt } from './authorize-request.ts';
import { isRecent, type SignedInUser } from './sign-in-user.ts';
import type { Tenancy } from './tenancy.ts';

/** What a request says of the account that it wants; what is absent leaves the choice open. */
export interface WantedAccount {
  readonly prompt: Prompt | undefined;
  /** How long ago she may have proved who she is, in seconds. */
  readonly maxAgeSeconds: number | undefined;
  readonly userName: string | undefined;
  /** `sid` of a session of this browser. */
  readonly sessionId: string | undefined;
  readonly domain: Tenancy | undefined;
}

/** How a sign-in begins. */
export type AccountChoice =
  | { readonly kind: 'take'; readonly account: SignedInUser }
  | { readonly kind: 'offer'; readonly accounts: readonly SignedInUser[] }
  /** She proves who she is: by her name, where it is known, and her password. */
  | { readonly kind: 'prove'; readonly userName: string | undefined }
  /** Nothing may be shown: nobody is signed in, nobody of them is meant, or several may be. */
  | { readonly kind: 'nobody' | 'nobodyHinted' | 'several' };

/**
 * Chooses among the accounts that are signed in here: who alone is meant is taken, and nobody is
 * taken unasked where there is a choice.
 * Sources: https://learn.microsoft.com/entra/identity-platform/v2-oauth2-auth-code-flow,
 * https://learn.microsoft.com/entra/identity-platform/msal-js-sso
 */
export function chooseAccount(
  here: readonly SignedInUser[],
  wanted: WantedAccount,
  now: Instant,
): AccountChoice {
  const { prompt, userName } = wanted;
  if (prompt === 'login') return { kind: 'prove', userName };
  if (prompt === 'select_account') {
    return here.length === 0 ? { kind: 'prove', userName } : { kind: 'offer', accounts: here };
  }
  const isSilent = prompt === 'none';
  const fitting = here.filter((one) => isWanted(one, wanted));
  if (fitting.length > 1) {
    return isSilent ? { kind: 'several' } : { kind: 'offer', accounts: fitting };
  }
  const [only] = fitting;
  if (only === undefined) {
    if (isSilent) return { kind: here.length === 0 ? 'nobody' : 'nobodyHinted' };
    return { kind: 'prove', userName };
  }
  if (isRecent(only, wanted.maxAgeSeconds, now)) return { kind: 'take', account: only };
  return isSilent ? { kind: 'nobody' } : { kind: 'prove', userName: only.user.userPrincipalName };
}

function isWanted(
  { session, user }: SignedInUser,
  { userName, sessionId, domain }: WantedAccount,
): boolean {
  if (userName !== undefined && !sameName(userName, user.userPrincipalName)) return false;
  if (sessionId !== undefined && !sameName(sessionId, session.sessionId)) return false;
  if (domain?.kind === 'tenant') return domain.tenant.tenantId === session.tenantId;
  return domain?.alias !== 'consumers';
}
