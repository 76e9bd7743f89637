import type { Cloud } from '#cloud/cloud.ts';
import type { HttpRequest } from '#http/request.ts';
import type { Fault } from '#kernel/fault.ts';
import type { JsonObject } from '#kernel/json.ts';
import { clientCredentials } from './client-credentials.ts';
import { authorizationCode } from './code-grant.ts';
import { deviceCodeGrants } from './device-grant.ts';
import { onBehalfOf } from './on-behalf-of.ts';
import { resourceOwnerPassword } from './password-grant.ts';
import { refreshToken } from './refresh-grant.ts';
import type { AuthorityRoom } from './room.ts';
import { samlBearers } from './saml-grant.ts';
import type { Tenancy } from './tenancy.ts';

/**
 * Which of the three token endpoints was asked: they differ in how the resource is named and how
 * numbers are written.
 */
export type TokenEndpoint = 'v1' | 'v2' | 'adfs';

/** A token request, read and not yet judged. */
export interface TokenRequest {
  readonly http: HttpRequest;
  readonly endpoint: TokenEndpoint;
  readonly cloud: Cloud;
  readonly tenancy: Tenancy;
  /** The form, each name once. */
  readonly parameters: ReadonlyMap<string, string>;
}

/** What a grant gives, before the endpoint writes it in its own form. */
export interface GrantedTokens {
  readonly accessToken: string;
  /** The resource as it was asked for. */
  readonly resource: string;
  readonly tenantId: string;
  /** Object id of whoever signed in. */
  readonly principalId: string;
  /** How long the access token lives from now, in seconds. */
  readonly lifetimeSeconds: number;
  /** Seconds since the epoch. */
  readonly expiresOn: number;
  readonly notBefore: number;
  /** What comes beside the access token when it is a user's. */
  readonly user?: GrantedToUser;
  /** What the sign-in log keeps. No secret. */
  readonly facts: JsonObject;
}

/** What a client gets for a user; what is undefined is absent from the answer. */
export interface GrantedToUser {
  /** The delegated permissions of the token, as they were asked for. */
  readonly scope: string;
  readonly refreshToken: string | undefined;
  /** How long a refresh token lives that is not renewed for longer, in seconds. */
  readonly refreshTokenSecondsLeft: number | undefined;
  readonly idToken: string | undefined;
  /** `foci`: the family whose refresh token this is. */
  readonly familyId: string | undefined;
  readonly clientInfo: string | undefined;
}

/** A way to get tokens: its name on the wire, the parameters that it reads, and what it does. */
export interface Grant {
  readonly grantType: string;
  /** Beside those of client authentication. */
  readonly parameters: readonly string[];
  readonly handler: (request: TokenRequest, room: AuthorityRoom) => Promise<GrantedTokens | Fault>;
}

/** Every grant of Entra's token endpoints. */
export const grants: readonly Grant[] = [
  clientCredentials,
  authorizationCode,
  refreshToken,
  resourceOwnerPassword,
  ...deviceCodeGrants,
  onBehalfOf,
  ...samlBearers,
];

/** Parameters of every grant: who the client is, and what it can do. */
export const clientParameters: readonly string[] = [
  'grant_type',
  'client_id',
  'client_secret',
  'client_assertion',
  'client_assertion_type',
  'claims',
];
