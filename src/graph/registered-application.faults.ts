import { type Fault, fault } from '#kernel/fault.ts';

/** 403: who consents for everybody is no administrator who may. Source: https://github.com/Azure/azure-cli/issues/16422 */
export function administratorsOnly(reason: string): Fault {
  const message =
    "This operation can only be performed by an administrator. Sign out and sign in as an administrator or contact one of your organization's administrators.";
  return fault(403, 'Authorization_RequestDenied', message, { evidence: 'documented', reason });
}

/** 400: an application asks for consent for its tenant, which only users give. Source: https://github.com/Azure/azure-cli/issues/11159 */
export function nobodyToConsent(): Fault {
  const message = 'AADSTS50058: A silent sign-in request was sent but no user is signed in.';
  return fault(400, 'AADSTS50058', message, { evidence: 'documented' });
}

/** 501: a user who consents for herself does so on the page of the sign-in. */
export function consentForOneLacking(): Fault {
  const message =
    'Batten does not implement consent without onBehalfOfAll=true here; nothing was granted.';
  return fault(501, 'NotImplemented', message);
}
