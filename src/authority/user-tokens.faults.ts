import type { Fault } from '#kernel/fault.ts';
import { type NamedApplication, refusal, shown } from './faults.ts';

/** 50034: the user is not there, or no more. */
export function unknownUser(name: string, tenantName: string): Fault {
  return refusal(
    400,
    50034,
    'invalid_grant',
    `The user account ${shown(name)} does not exist in the ${tenantName} directory. To sign ` +
      'into this application, the account must be added to the directory.',
    'recorded',
  );
}

/** 50057: the user is disabled. */
export function disabledUser(): Fault {
  return refusal(400, 50057, 'invalid_grant', 'The user account is disabled.', 'documented');
}

/** 50105: the application wants its users assigned, and this one is not. */
export function userNotAssigned(userName: string, appId: string, appName: string): Fault {
  return refusal(
    400,
    50105,
    'invalid_grant',
    `Your administrator has configured the application ${shown(appName)} ('${appId}') to block ` +
      "users unless they are specifically granted ('assigned') access to the application. The " +
      `signed in user '${shown(userName)}' is blocked because they are not a direct member of a ` +
      'group with access, nor had access directly assigned by an administrator. Please contact ' +
      'your administrator to assign access to this application.',
    'documented',
  );
}

/** 65001, seen in public issues: nobody consented to what the client asks for. */
export function consentRequired(appId: string, appName: string): Fault {
  return refusal(
    400,
    65001,
    'invalid_grant',
    'The user or administrator has not consented to use the application with ID ' +
      `'${appId}' named '${shown(appName)}'. Send an interactive authorization request for this ` +
      'user and resource.',
    'documented',
    'consent_required',
  );
}

/**
 * 65002, seen in public issues: one of Microsoft's own clients wants what Microsoft did not give it
 * beforehand, and nobody else can.
 * Source: https://github.com/Azure/azure-cli/issues/33742, of 2026
 * UNVERIFIED: that the token endpoint calls it invalid_request, as the address of the client is told.
 */
export function notPreauthorized(clientAppId: string, resourceAppId: string): Fault {
  return refusal(
    400,
    65002,
    'invalid_request',
    `Consent between first party application '${clientAppId}' and first party resource ` +
      `'${resourceAppId}' must be configured via preauthorization - applications owned and ` +
      'operated by Microsoft must get approval from the API owner before requesting tokens for ' +
      'that API.',
    'documented',
  );
}

/** 650053: the resource has no such delegated permission. */
export function unknownPermission(
  appName: string,
  oauthScope: string,
  resourceName: string,
): Fault {
  return refusal(
    400,
    650053,
    'invalid_client',
    `The application '${shown(appName)}' asked for scope '${shown(oauthScope)}' that doesn't ` +
      `exist on the resource '${shown(resourceName)}'. Contact the app vendor.`,
    'documented',
  );
}

/**
 * 650057, seen in public issues as invalid_client: the client's registration asks for no permission
 * of this resource.
 * Sources: https://github.com/Azure/azure-cli/issues/33887, of 2026, and
 * https://github.com/MicrosoftDocs/azure-docs/issues/30816 for a list of two
 */
export function resourceNotListed(
  client: NamedApplication,
  resource: string,
  resourceAppId: string,
  listedAppIds: readonly string[],
): Fault {
  return refusal(
    400,
    650057,
    'invalid_client',
    'Invalid resource. The client has requested access to a resource which is not listed in the ' +
      `requested permissions in the client's application registration. Client app ID: ` +
      `${client.appId}(${shown(client.displayName)}). Resource value from request: ` +
      `${shown(resource)}. Resource app ID: ${resourceAppId}. List of valid resources from app ` +
      `registration: ${listedAppIds.join(', ')}.`,
    'documented',
  );
}

/**
 * 50194, seen in public issues: an application of one tenant is used where no tenant is named.
 * Source: https://github.com/alexandrtovmach/react-microsoft-login/issues/73
 */
export function singleTenantApplication(appId: string, appName: string): Fault {
  return refusal(
    400,
    50194,
    'invalid_request',
    `Application '${appId}'(${shown(appName)}) is not configured as a multi-tenant application. ` +
      "Usage of the /common endpoint is not supported for such applications created after '10/15/2018'. " +
      'Use a tenant-specific endpoint or configure the application to be multi-tenant.',
    'documented',
  );
}
