import type { Instant } from '#kernel/instant.ts';

/**
 * How a redirect address was registered, which decides how codes and refresh tokens that went
 * there are redeemed: with the client's credential, without one, or from a page of another origin.
 */
export type RedirectKind = 'web' | 'publicClient' | 'spa';

/**
 * What one sign-in of a user lets one client have tokens for; the code and every refresh token that
 * follows from it carry it on.
 */
export interface UserGrant {
  /** Names the sign-in: all that came from it is revoked together. */
  readonly grantId: string;
  /** The cloud whose authority she signed in to; no other knows of it. */
  readonly cloud: string;
  readonly tenantId: string;
  readonly userId: string;
  /** The client's appId, folded. */
  readonly clientId: string;
  readonly redirectKind: RedirectKind;
  /** `scope` as it was asked for at the beginning; on v1 the sign-in scopes. */
  readonly scope: string;
  /** `resource` of the v1 endpoints. */
  readonly resource?: string;
  readonly authenticatedAt: Instant;
  /** Changes with the password, and when sign-ins are taken back: what was granted before is refused. */
  readonly passwordMark: string;
  readonly sessionId: string;
  /** She chose to stay signed in. */
  readonly staysSignedIn?: boolean;
  /** How many applications asked on her behalf, one after the other; absent when none did. */
  readonly onBehalfOfDepth?: number;
}
