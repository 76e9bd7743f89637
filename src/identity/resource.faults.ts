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
};
