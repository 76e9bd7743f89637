import type { Fault } from '#kernel/fault.ts';
import { type NamedApplication, refusal, shown } from './faults.ts';

/** 50058: `prompt=none`, and nobody is signed in. */
export function nobodySignedIn(): Fault {
  return refusal(
    400,
    50058,
    'login_required',
    'A silent sign-in request was sent but no user is signed in.',
    'documented',
  );
}

/**
 * 50058, seen in public issues: `prompt=none`, and none of those who are signed in is the one who is
 * hinted at.
 * Source: https://github.com/SharePoint/sp-dev-docs/issues/3147
 */
export function nobodyHinted(): Fault {
  return refusal(
    400,
    50058,
    'login_required',
    'A silent sign-in request was sent but none of the currently signed in user(s) match the ' +
      'requested login hint.',
    'documented',
  );
}

/**
 * 16000: `prompt=none`, and several of those who are signed in may be meant.
 * Source: https://learn.microsoft.com/entra/identity-platform/msal-js-sso#without-user-hint
 */
export function severalSignedIn(): Fault {
  return refusal(
    400,
    16000,
    'interaction_required',
    'Either multiple user identities are available for the current request or selected account ' +
      'is not supported for the scenario.',
    'documented',
  );
}

/**
 * 50020, seen in public repositories: a user of one tenant signs in at another, where she is no
 * guest.
 */
export function userOfOtherTenant(
  userName: string,
  homeTenantId: string,
  tenantName: string,
  client: NamedApplication,
): Fault {
  return refusal(
    400,
    50020,
    'invalid_grant',
    `User account '${shown(userName)}' from identity provider ` +
      `'https://sts.windows.net/${homeTenantId}/' does not exist in tenant '${tenantName}' and ` +
      `cannot access the application '${client.appId}'(${shown(client.displayName)}) in that ` +
      'tenant. The account needs to be added as an external user in the tenant first. Sign out ' +
      'and sign in again with a different Azure Active Directory user account.',
    'documented',
  );
}

/** 50089: the form is of another browser, was sent before, or came too late. */
export function attemptOver(): Fault {
  return refusal(
    400,
    50089,
    'invalid_request',
    'Authentication failed due to flow token expired: the sign-in has ended, was begun in another ' +
      'browser, or took too long. Go back to the application and sign in again.',
    'documented',
  );
}

/**
 * Refusals that the person or her administrator can do something about: they are shown to her and
 * not sent on. UNVERIFIED: the list.
 */
export const shownCodes: ReadonlySet<string> = new Set([
  ...[
    'AADSTS50020',
    'AADSTS50034',
    'AADSTS50057',
    'AADSTS50089',
    'AADSTS50105',
    'AADSTS50173',
    'AADSTS90094',
  ],
  ...['AADSTS650051', 'AADSTS700016', 'AADSTS7000112', 'AADSTS7000229', 'NotImplemented'],
]);
