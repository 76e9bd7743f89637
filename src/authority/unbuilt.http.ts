import { operationsOf } from '#http/operation.ts';
import type { Anyone } from './dialect.ts';
import type { AuthorityRoom } from './room.ts';

const operation = operationsOf<Anyone, AuthorityRoom>();

/**
 * What Entra's metadata names and Batten does not have yet: it answers 501 and stands in the parity
 * table.
 */
export const unbuiltOperations = [
  operation({
    id: 'Authority_GetKerberosTicket',
    method: 'GET',
    path: '/{tenant}/kerberos',
    permission: 'anonymous',
    reply: { 200: 'json' },
    source: 'https://learn.microsoft.com/entra/identity-platform/v2-protocols',
  }),
];
