/** Codes of Entra ID that Batten never answers with, by the reason. */
export interface AbsentCodes {
  readonly numbers: readonly number[];
  readonly why: string;
}

/**
 * What Entra's clients know and Batten has no cause for.
 * Source: https://learn.microsoft.com/entra/identity-platform/reference-error-codes
 */
export const absentCodes: readonly AbsentCodes[] = [
  {
    numbers: [50072, 50074, 50076, 50078, 50079, 50158],
    why: 'There is no second factor: nobody is asked for one.',
  },
  {
    numbers: [50097, 50129, 53000, 53001, 53003, 53009, 530034, 530035],
    why: 'There is no Conditional Access and there are no devices.',
  },
  { numbers: [50014, 16000], why: 'There are no guests: a user belongs to one tenant.' },
  { numbers: [500021], why: 'There are no tenant restrictions.' },
  {
    numbers: [70021],
    why: 'Entra said so of every federated mismatch until 2022, and is more precise now.',
  },
  {
    numbers: [7002137],
    why: "It is about subjects of Entra's own form (/eid1/...), which Batten does not issue.",
  },
];
