import type { Fault } from '#kernel/fault.ts';
import { refusal } from './faults.ts';

/**
 * 9001014, seen in Microsoft's own troubleshooting pages: the token is for a resource, or is none.
 * UNVERIFIED: status, OAuth error, and what the text says after its first sentence; one request with a
 * token for Graph would settle them.
 */
export function notForUserInfo(): Fault {
  return refusal(
    400,
    9001014,
    'invalid_request',
    'This token was not issued for the UserInfo endpoint.',
    'unverified',
  );
}
