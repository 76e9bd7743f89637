import type { AdminConsentRequest } from './admin-consent-request.ts';
import type { AuthorizeRequest } from './authorize-request.ts';
import type { StoredDeviceCode } from './device-code.store.ts';
import type { TokenEndpoint } from './grant.ts';

/** What a sign-in in the pages is for: an application at a redirect address, consent, or a device. */
export type SignInRequest = AuthorizeRequest | AdminConsentRequest | DeviceRequest;

/** A sign-in whose end is that a device code is approved or declined. */
export interface DeviceRequest {
  readonly deviceCodeHash: string;
  readonly endpoint: TokenEndpoint;
  readonly tenantName: string;
  readonly clientId: string;
  readonly scope: string;
  readonly resource?: string;
  /** A person always says which account it is for: somebody else may have sent her the code. */
  readonly prompt: 'select_account';
  readonly loginHint?: string;
}

/** The sign-in that a device code waits for. */
export function deviceRequestOf({ codeHash, facts }: StoredDeviceCode): DeviceRequest {
  const { endpoint, tenantName, clientId, scope, resource } = facts;
  const asked = { endpoint, tenantName, clientId, scope, prompt: 'select_account' } as const;
  return { deviceCodeHash: codeHash, ...asked, ...(resource === undefined ? {} : { resource }) };
}

/** True when a device waits for the sign-in. */
export function isDeviceRequest(request: SignInRequest): request is DeviceRequest {
  return 'deviceCodeHash' in request;
}
