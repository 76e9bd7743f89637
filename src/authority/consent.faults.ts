import type { Fault } from '#kernel/fault.ts';
import { refusal } from './faults.ts';
import { consentRequired } from './user-tokens.faults.ts';

/**
 * 65001 as `interaction_required`, as documented and as seen in a public repository: `prompt=none`, and
 * a page of consent, or of an administrator's approval, would be needed.
 * Source: https://learn.microsoft.com/entra/identity-platform/v2-oauth2-auth-code-flow (`prompt`)
 */
export function consentPageNeeded(appId: string, appName: string): Fault {
  const values = [
    { key: 'error', value: 'interaction_required' },
    { key: 'suberror', value: 'consent_required' },
  ];
  return { ...consentRequired(appId, appName), values };
}

/**
 * 65004: the user said no on the page of consent.
 * Sources: https://github.com/MicrosoftDocs/azure-docs/issues/114009, and with the error
 * `consent_required` https://github.com/PuzzleServer/mainpuzzleserver/issues/571
 */
export function consentDeclined(): Fault {
  return cancelled(declined);
}

/**
 * 65004 without a text: who was told that an administrator must approve goes back to the application.
 * Sources: https://github.com/xorbitsai/xagent/pull/2510, and for the fields
 * https://github.com/AzureAD/azure-activedirectory-library-for-js/issues/804
 */
export function wentBack(): Fault {
  return { ...cancelled(''), reason: 'went back from the page that asks for an administrator' };
}

function cancelled(text: string): Fault {
  const error = 'access_denied';
  const values = [
    { key: 'error', value: error },
    { key: 'error_subcode', value: 'cancel' },
  ];
  return { ...refusal(400, 65004, error, text, 'documented'), values };
}

/**
 * 650051, seen in public questions: the tenant has something else under one of the application's
 * names.
 * Source: https://learn.microsoft.com/answers/questions/2337285
 */
export function namesTaken(appId: string, tenantId: string): Fault {
  return refusal(
    400,
    650051,
    'invalid_client',
    `Consent action for Application '${appId}' failed due to the following error: The '${appId}' ` +
      `service principal name is already present for the tenant '${tenantId}'. paramName: ` +
      `ServicePrincipalName, paramValue: '${appId}', objectType: System.String`,
    'documented',
  );
}

/**
 * 65004: the administrator said no on her page.
 * Source: https://github.com/MicrosoftDocs/azure-docs/issues/114009
 */
export function adminConsentDeclined(): Fault {
  return refusal(400, 65004, 'access_denied', declined, 'documented');
}

const declined = 'User declined to consent to access the app.';

/** The same refusal where its error is `access_denied`, as for administrators who are asked to consent. */
export function deniedAccess(refused: Fault): Fault {
  return { ...refused, values: [{ key: 'error', value: 'access_denied' }] };
}

/**
 * 90094, seen in public issues: only an administrator may consent to this.
 * Source: https://github.com/pnp/cli-microsoft365/issues/534
 */
export function adminConsentRequired(): Fault {
  return refusal(
    400,
    90094,
    'consent_required',
    'The grant requires admin permission.',
    'documented',
  );
}
