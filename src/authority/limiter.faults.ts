import type { Fault } from '#kernel/fault.ts';
import { refusal } from './faults.ts';

/**
 * 90055: the same application was refused too often from the same address, or asked too often.
 * Status and `Retry-After` are seen in public issues; there Entra sends no JSON, which clients need.
 * Source: https://github.com/AzureAD/microsoft-authentication-library-for-dotnet/issues/2855
 * UNVERIFIED: number and OAuth error; Entra's own limits are not published.
 */
export function tooManyRequests(retryAfterSeconds: number): Fault {
  const refused = refusal(
    429,
    90055,
    'temporarily_unavailable',
    'There are too many incoming requests.',
    'unverified',
  );
  return { ...refused, headers: { 'Retry-After': String(retryAfterSeconds) } };
}

/**
 * 50053 in its second meaning: too many wrong passwords came from the address, whoever they were for.
 */
export function addressBlocked(): Fault {
  return refusal(
    400,
    50053,
    'invalid_grant',
    'Sign-in was blocked because it came from an IP address with malicious activity.',
    'documented',
  );
}
