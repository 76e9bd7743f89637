import { accountResourceOperations } from './account.http.ts';
import { absentAccountOperations } from './account-absent.http.ts';
import { accountKeyOperations } from './account-keys.http.ts';
import { accountLocationOperations } from './account-location.http.ts';
import { accountProviderOperations } from './account-provider.http.ts';

/** Every ARM operation of the Batch resource provider, in the order of its reference. */
export const accountOperations = [
  ...accountResourceOperations,
  ...accountKeyOperations,
  ...accountLocationOperations,
  ...accountProviderOperations,
  ...absentAccountOperations,
];
