import { type Fault, fault } from '#kernel/fault.ts';

/** 400: a secret more than an application of its audience may have. Source: https://github.com/Azure/azure-cli/issues/12946 */
export function tooManySecrets(max: number): Fault {
  const message = `Not allowed to add ${max + 1} passwords. You can only add a maximum of ${max} passwords.`;
  return fault(400, 'TooManyAppPasswords', message, {
    evidence: 'recorded',
    target: 'passwordCredentials',
  });
}
