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
  { numbers: [50014], why: 'There are no guests: a user belongs to one tenant.' },
  { numbers: [500021], why: 'There are no tenant restrictions.' },
  {
    numbers: [70021],
    why: 'Entra said so of every federated mismatch until 2022, and is more precise now.',
  },
  {
    numbers: [50001, 65005, 70001],
    why: 'Older and less exact: Batten says 500011 or 500014, 650057, and 700016 or 7000112.',
  },
  {
    numbers: [700022],
    why: 'Until 2019: 28000 says so to users, and 70011 to applications alone.',
  },
  {
    numbers: [50132, 50133],
    why: 'Sessions that were revoked and passwords that were changed are both told as 50173.',
  },
  {
    numbers: [650052],
    why: 'Nobody subscribes to services: a resource that the tenant does not have is 500011.',
  },
  {
    numbers: [90100],
    why: 'What is wrong with a request is named: 90014, 90023, 900144, 9002313.',
  },
  {
    numbers: [90095],
    why: 'Nobody can ask an administrator for consent from the page: it ends with 90094.',
  },
  {
    numbers: [7002137],
    why: "It is about subjects of Entra's own form (/eid1/...), which Batten does not issue.",
  },
];
