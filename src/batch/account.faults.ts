import { type Fault, fault } from '#kernel/fault.ts';

const target = 'BatchAccount';
const recorded = { target, evidence: 'recorded' } as const;
const unverified = { target, evidence: 'unverified' } as const;

/**
 * The refusals of the Batch resource provider about accounts. The dialect of ARM adds request id
 * and time to their texts.
 */
export const accountFaults = {
  notFound: (): Fault =>
    fault(404, 'AccountNotFound', 'The specified account does not exist.', recorded),

  quotaReached: (): Fault =>
    fault(
      409,
      'SubscriptionQuotaExceeded',
      'The regional Batch account quota for the specified subscription has been reached.',
      recorded,
    ),

  invalidBody: (reason: string): Fault =>
    fault(400, 'InvalidRequestBody', 'The specified Request Body is not syntactically valid.', {
      ...recorded,
      values: [{ key: 'Reason', value: reason }],
    }),

  // UNVERIFIED: the code; the text is that of checkNameAvailability.
  invalidName: (reason: string): Fault => fault(400, 'InvalidAccountName', reason, unverified),

  // UNVERIFIED: the code; the text is that of checkNameAvailability.
  nameTaken: (name: string): Fault =>
    fault(409, 'AccountAlreadyExists', nameTakenText(name), unverified),

  locationFixed: (name: string, group: string, is: string, asked: string): Fault =>
    fault(
      409,
      'InvalidResourceLocation',
      `The resource '${name}' already exists in location '${is}' in resource group '${group}'. A resource with the same name cannot be created in location '${asked}'. Please select a new resource name.`,
      { evidence: 'documented', headers: { 'x-ms-failure-cause': 'gateway' } },
    ),

  // UNVERIFIED: what Azure answers for the keys of an account that does not accept them.
  sharedKeyDisabled: (): Fault =>
    fault(
      409,
      'OperationInvalidForCurrentState',
      'The specified operation is not valid for the current state of the resource.',
      {
        ...unverified,
        values: [
          {
            key: 'Reason',
            value: 'SharedKey is not an allowed authentication mode of the account',
          },
        ],
      },
    ),

  notImplemented: (property: string): Fault =>
    fault(501, 'NotImplemented', `Batten does not have this yet: ${property}.`, {
      target: property,
    }),
};

/** What is said of a name that some account has already. */
export function nameTakenText(name: string): string {
  return `An account named '${name}' is already in use.`;
}

/** What is said of names that no account can have. The second text is UNVERIFIED. */
export const nameTexts = {
  length: 'Account name must be at least 3 characters and at most 24 characters.',
  characters: 'Account name can only contain lowercase letters and numbers.',
};
