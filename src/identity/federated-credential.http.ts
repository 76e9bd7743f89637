import { type Method, needs } from '#http/operation.ts';
import { identityAction, identityOperation, identityPath } from './resource-room.ts';

/** Operation id, method, path below the list, action. */
type Absent = readonly [id: string, method: Method, tail: string, action: string];

const absent: readonly Absent[] = [
  ['FederatedIdentityCredentials_List', 'GET', '', 'read'],
  ['FederatedIdentityCredentials_Get', 'GET', '/{credentialName}', 'read'],
  ['FederatedIdentityCredentials_CreateOrUpdate', 'PUT', '/{credentialName}', 'write'],
  ['FederatedIdentityCredentials_Delete', 'DELETE', '/{credentialName}', 'delete'],
];

/** Federated credentials of an identity, which Batten lacks: 501 after authorization. */
export const federatedCredentialOperations = absent.map(([id, method, tail, action]) =>
  identityOperation({
    id,
    method,
    path: `${identityPath}/federatedIdentityCredentials${tail}`,
    from: '2022-01-31-preview',
    permission: needs(identityAction(`federatedIdentityCredentials/${action}`)),
    ...(method === 'PUT' ? { bodyKind: 'json' as const } : {}),
    reply: { 200: 'json' },
    source: 'https://learn.microsoft.com/rest/api/managedidentity/federated-identity-credentials',
  }),
);
