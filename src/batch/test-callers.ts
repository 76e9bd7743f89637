import type { BearerProblem } from '#guard/bearer.ts';
import { instant } from '#kernel/instant.ts';

const token = { kind: 'bearerProblem', claims: {} } as const;
const at = instant(1_700_000_000_000_000);

/** Tokens that the guard refuses, by the name of their bearer. */
export const bearerProblemFixtures: readonly (readonly [name: string, BearerProblem])[] = [
  ['malformed', { ...token, problem: 'malformed' }],
  ['forged', { ...token, problem: 'badSignature' }],
  ['foreign', { ...token, problem: 'unknownIssuer' }],
  ['other-cloud', { ...token, problem: 'wrongCloud' }],
  ['no-slash', { ...token, problem: 'wrongAudience', audience: 'https://batch.core.windows.net' }],
  ['expired', { ...token, problem: 'expired', expiresAt: at, now: instant(at + 1) }],
  ['early', { ...token, problem: 'notYetValid', notBefore: at, now: instant(at - 1) }],
  ['no-keys', { ...token, problem: 'issuerUnreachable', reason: 'ECONNREFUSED' }],
  ['unknown-principal', { ...token, problem: 'unknownPrincipal' }],
  ['disabled', { ...token, problem: 'disabled' }],
];
