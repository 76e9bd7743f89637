import type { Fault } from '#kernel/fault.ts';
import { refusal, shown } from './faults.ts';

/** 700016: no such client in the tenant. */
export function unknownClient(clientId: string, tenantName: string): Fault {
  return refusal(
    400,
    700016,
    'unauthorized_client',
    `Application with identifier '${shown(clientId)}' was not found in the directory ` +
      `'${tenantName}'. This can happen if the application has not been installed by the ` +
      'administrator of the tenant or consented to by any user in the tenant. You may have sent ' +
      'your authentication request to the wrong tenant.',
    'documented',
  );
}

/**
 * 7000229: the application is registered and has no service principal.
 * Source: https://github.com/Azure/azure-sdk-for-net/issues/46762
 */
export function missingServicePrincipal(appId: string, tenantId: string): Fault {
  return refusal(
    401,
    7000229,
    'invalid_client',
    `The client application ${appId} is missing service principal in the tenant ${tenantId}. ` +
      'See instructions here: https://go.microsoft.com/fwlink/?linkid=2225119',
    'documented',
  );
}

/**
 * 7000112, seen in public issues as unauthorized_client: the service principal of the client is
 * disabled.
 * Source: https://github.com/Worklytics/psoxy/pull/74
 */
export function disabledClient(appId: string, displayName: string): Fault {
  return refusal(
    400,
    7000112,
    'unauthorized_client',
    `Application '${appId}'(${displayName}) is disabled.`,
    'documented',
  );
}

/** 7000216: client credentials without a secret and without an assertion. */
export function missingClientCredential(grantType: string): Fault {
  return refusal(
    401,
    7000216,
    'invalid_client',
    `'client_assertion', 'client_secret' or 'request' is required for the '${grantType}' grant ` +
      'type.',
    'documented',
  );
}

/**
 * 70002: two different clients in one request. UNVERIFIED: code and text; one request with both would
 * settle them.
 */
export function twoClients(): Fault {
  return refusal(
    401,
    70002,
    'invalid_client',
    "The client in the 'Authorization' header is not the one in the parameter 'client_id'.",
    'unverified',
  );
}

/**
 * 7000215, recorded: the secret is not one of the application's. A removed secret is simply wrong.
 */
export function wrongSecret(appId: string): Fault {
  return refusal(
    401,
    7000215,
    'invalid_client',
    'Invalid client secret provided. Ensure the secret being sent in the request is the client ' +
      `secret value, not the client secret ID, for a secret added to app '${appId}'.`,
    'recorded',
  );
}

/** 7000222: the secret is right and its time is over. */
export function expiredSecret(appId: string): Fault {
  return refusal(
    401,
    7000222,
    'invalid_client',
    `The provided client secret keys for app '${appId}' are expired. Visit the Azure portal to ` +
      'create new keys for your app: https://aka.ms/NewClientSecret, or consider using certificate ' +
      'credentials for added security: https://aka.ms/certCreds.',
    'documented',
  );
}

/** 700025: a public client showed a credential. */
export function publicClient(): Fault {
  return refusal(
    401,
    700025,
    'invalid_client',
    "Client is public so neither 'client_assertion' nor 'client_secret' should be presented.",
    'documented',
  );
}
