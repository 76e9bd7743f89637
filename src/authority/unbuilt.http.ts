import { operationsOf } from '#http/operation.ts';
import type { Anyone } from './dialect.ts';
import type { AuthorityRoom } from './room.ts';

const operation = operationsOf<Anyone, AuthorityRoom>();

const unbuilt = { method: 'GET', permission: 'anonymous' } as const;

/**
 * What Entra's metadata names and Batten does not have yet: it answers 501 and stands in the parity
 * table.
 */
export const unbuiltOperations = [
  operation({
    ...unbuilt,
    id: 'Authority_GetKerberosTicket',
    path: '/{tenant}/kerberos',
    reply: { 200: 'json' },
    source: 'https://learn.microsoft.com/entra/identity-platform/v2-protocols',
  }),
  operation({
    ...unbuilt,
    id: 'Authority_CheckSession',
    path: '/{tenant}/oauth2/checksession',
    reply: { 200: 'stream' },
    source: 'https://openid.net/specs/openid-connect-session-1_0.html#OPiframe',
  }),
];
