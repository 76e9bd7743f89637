import { type Fault, fault } from '#kernel/fault.ts';

/** The refusals of the Managed Identity resource provider about identities. */
export const identityFaults = {
  // UNVERIFIED: code and text; a PUT of an identity named `-` would settle them.
  invalidName: (name: string): Fault =>
    fault(
      400,
      'InvalidResourceName',
      `The name '${name}' is not valid: it has 3 to 128 letters, digits, hyphens and underscores, and begins with a letter or digit.`,
      { evidence: 'unverified' },
    ),

  locationFixed: (name: string, group: string, is: string, asked: string): Fault =>
    fault(
      409,
      'InvalidResourceLocation',
      `The resource '${name}' already exists in location '${is}' in resource group '${group}'. A resource with the same name cannot be created in location '${asked}'. Please select a new resource name.`,
      { evidence: 'documented', headers: { 'x-ms-failure-cause': 'gateway' } },
    ),

  /** `identity` of a resource says something that no identity is. UNVERIFIED: code and text. */
  invalidIdentity: (text: string): Fault =>
    fault(400, 'InvalidIdentity', `The identity of the resource is not valid: ${text}.`, {
      evidence: 'unverified',
    }),

  /** Source: https://learn.microsoft.com/answers, questions about LinkedInvalidPropertyId. */
  invalidIdentityId: (id: string): Fault =>
    fault(
      400,
      'LinkedInvalidPropertyId',
      `Property id '${id.slice(0, 300)}' at path 'identity.userAssignedIdentities' is invalid. Expect fully qualified resource Id that start with '/subscriptions/{subscriptionId}' or '/providers/{resourceProviderNamespace}/'.`,
      { evidence: 'documented' },
    ),

  /**
   * Source of code and form: https://github.com/Azure/azure-cli/issues/31837. UNVERIFIED: the
   * response within for a user-assigned identity that is not there.
   */
  identityMissing: (id: string): Fault =>
    fault(
      400,
      'FailedIdentityOperation',
      `Identity operation for resource failed with error 'Failed to perform resource identity operation. Status: 'BadRequest'. Response: 'Resource '${id.slice(0, 300)}' was not found.''.`,
      { evidence: 'unverified' },
    ),

  /** UNVERIFIED: code and text. */
  noSystemIdentity: (scope: string): Fault =>
    fault(404, 'ResourceNotFound', `The resource '${scope}' has no system-assigned identity.`, {
      evidence: 'unverified',
    }),
};
