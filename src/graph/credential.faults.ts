import { type Fault, fault } from '#kernel/fault.ts';

/** 400: a secret more than an application of its audience may have. Source: https://github.com/Azure/azure-cli/issues/12946 */
export function tooManySecrets(max: number): Fault {
  const message = `Not allowed to add ${max + 1} passwords. You can only add a maximum of ${max} passwords.`;
  return fault(400, 'TooManyAppPasswords', message, {
    evidence: 'recorded',
    target: 'passwordCredentials',
  });
}

/**
 * 400: a list of secrets has one that was not there: only actions make secrets.
 * Source: https://github.com/MicrosoftDocs/azure-docs/issues/59275
 */
export function newPasswordRefused(): Fault {
  const message = 'New password credentials must be generated using service actions.';
  return fault(400, 'Request_BadRequest', message, { evidence: 'recorded' });
}

/** 400: a list changes a credential that was there. Source: https://github.com/Azure/azure-powershell/issues/6855 */
export function credentialNotUpdatable(keyId: string): Fault {
  const message = `Update to existing credential with KeyId '${keyId}' is not allowed.`;
  return fault(400, 'Request_BadRequest', message, { evidence: 'recorded' });
}

/**
 * 403: an object has more values than it may have in all; the status is that of the directory service before Graph.
 * Source: https://github.com/microsoftgraph/microsoft-graph-docs/issues/21469, https://github.com/openshift/openshift-azure/issues/1932
 */
export function objectTooLarge(): Fault {
  const message =
    'The size of the object has exceeded its limit. Please reduce the number of values and retry your request.';
  return fault(403, 'Directory_ResourceSizeExceeded', message, { evidence: 'recorded' });
}
