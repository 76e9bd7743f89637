import { createHash } from 'node:crypto';

/**
 * `sub`: 43 characters that name a user to one application and to no other.
 * Source: https://openid.net/specs/openid-connect-core-1_0.html#PairwiseAlg
 */
export function pairwiseSubject(userId: string, appId: string): string {
  return createHash('sha256').update(`subject ${userId} ${appId}`).digest('base64url');
}
