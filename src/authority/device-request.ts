import type { Cloud } from '#cloud/cloud.ts';
import type { HttpRequest, Reach } from '#http/request.ts';
import type { AdminConsentRequest } from './admin-consent-request.ts';
import type { AuthorizeRequest } from './authorize-request.ts';
import type { StoredDeviceCode } from './device-code.store.ts';
import type { TokenEndpoint } from './grant.ts';
import { cloudOf } from './room.ts';

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
  /** How the device reached Batten. */
  readonly reach: Reach;
  /** A person always says which account it is for: somebody else may have sent her the code. */
  readonly prompt: 'select_account';
  readonly maxAgeSeconds?: undefined;
  readonly loginHint?: string;
}

/** The sign-in that a device code waits for. */
export function deviceRequestOf({ codeHash, facts }: StoredDeviceCode): DeviceRequest {
  const { endpoint, tenantName, clientId, scope, resource, reach } = facts;
  const place = { endpoint, tenantName, reach };
  const asked = { ...place, clientId, scope, prompt: 'select_account' } as const;
  return { deviceCodeHash: codeHash, ...asked, ...(resource === undefined ? {} : { resource }) };
}

/**
 * Where a sign-in is judged: where its pages are, but for a device where the device is, since its
 * person may come by another name, which means another cloud.
 */
export function placeOfSignIn(
  request: SignInRequest,
  http: HttpRequest,
  clouds: readonly Cloud[],
): { readonly cloud: Cloud; readonly reach: Reach } {
  const reach = isDeviceRequest(request) ? request.reach : http.reach;
  return { cloud: cloudOf(clouds, reach), reach };
}

/** True when a device waits for the sign-in. */
export function isDeviceRequest(request: SignInRequest): request is DeviceRequest {
  return 'deviceCodeHash' in request;
}
