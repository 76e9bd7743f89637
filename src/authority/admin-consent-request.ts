import type { SignInRequest } from './device-request.ts';

/** An administrator is asked to consent for everybody. It ends without a code. */
export interface AdminConsentRequest {
  readonly isAdminConsent: true;
  /** The older form, v1, always asks for all that the registration lists. */
  readonly endpoint: 'v1' | 'v2';
  /** The tenant as the path named it. */
  readonly tenantName: string;
  /** Folded. */
  readonly clientId: string;
  readonly redirectUri: string;
  readonly responseMode: 'query';
  /** As it was asked for; empty in the older form. */
  readonly scope: string;
  /** Goes back byte for byte. */
  readonly state?: string;
  readonly resource?: undefined;
  readonly prompt?: undefined;
  readonly maxAgeSeconds?: undefined;
  readonly sessionId?: undefined;
  readonly domainHint?: undefined;
  /** The account name that was typed, to be shown again. */
  readonly loginHint?: string;
}

/** True when an administrator is asked to consent. */
export function isAdminConsentRequest(request: SignInRequest): request is AdminConsentRequest {
  return 'isAdminConsent' in request;
}
