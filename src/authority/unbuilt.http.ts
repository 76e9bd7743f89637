import { operationsOf } from '#http/operation.ts';
import type { Anyone } from './dialect.ts';
import type { AuthorityRoom } from './room.ts';

const operation = operationsOf<Anyone, AuthorityRoom>();

const unbuilt = { permission: 'anonymous', reply: { 200: 'json' } } as const;
const flows = 'https://learn.microsoft.com/entra/identity-platform/v2-protocols';

/** What Entra's metadata names and Batten does not have yet: each answers 501 and stands in the parity table. */
export const unbuiltOperations = [
  ...(['GET', 'POST'] as const).flatMap((method) => [
    operation({
      ...unbuilt,
      id: `Authority_AuthorizeV2_${method}`,
      method,
      path: '/{tenant}/oauth2/v2.0/authorize',
      source: flows,
    }),
    operation({
      ...unbuilt,
      id: `Authority_AuthorizeV1_${method}`,
      method,
      path: '/{tenant}/oauth2/authorize',
      source: flows,
    }),
  ]),
  operation({
    ...unbuilt,
    id: 'Authority_StartDeviceCodeV2',
    method: 'POST',
    path: '/{tenant}/oauth2/v2.0/devicecode',
    source: flows,
  }),
  operation({
    ...unbuilt,
    id: 'Authority_StartDeviceCodeV1',
    method: 'POST',
    path: '/{tenant}/oauth2/devicecode',
    source: flows,
  }),
  operation({
    ...unbuilt,
    id: 'Authority_LogoutV2',
    method: 'GET',
    path: '/{tenant}/oauth2/v2.0/logout',
    source: flows,
  }),
  operation({
    ...unbuilt,
    id: 'Authority_LogoutV1',
    method: 'GET',
    path: '/{tenant}/oauth2/logout',
    source: flows,
  }),
  operation({
    ...unbuilt,
    id: 'Authority_GetUserRealm',
    method: 'GET',
    path: '/common/userrealm/{userPrincipalName}',
    source: flows,
  }),
  operation({
    ...unbuilt,
    id: 'Authority_GetUserInfo',
    method: 'GET',
    path: '/{tenant}/openid/userinfo',
    source: flows,
  }),
];
