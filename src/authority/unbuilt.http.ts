import { operationsOf } from '#http/operation.ts';
import type { Anyone } from './dialect.ts';
import type { AuthorityRoom } from './room.ts';

const operation = operationsOf<Anyone, AuthorityRoom>();

/**
 * What Entra's metadata names and Batten does not have yet: each answers 501 and stands in the
 * parity table.
 */
export const unbuiltOperations = [
  lacking('Authority_GetUserInfo', 'GET', '/{tenant}/openid/userinfo'),
  lacking('Authority_GetKerberosTicket', 'GET', '/{tenant}/kerberos'),
];

function lacking(id: string, method: 'GET' | 'POST', path: string) {
  return operation({
    id,
    method,
    path,
    permission: 'anonymous',
    reply: { 200: 'json' },
    source: 'https://learn.microsoft.com/entra/identity-platform/v2-protocols',
  });
}
