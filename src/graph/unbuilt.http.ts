import type { Caller } from '#directory/caller.ts';
import type { Method, Operation } from '#http/operation.ts';
import { may } from './permission.ts';
import { type GraphRoom, operation } from './room.ts';

const federated = 'federatedIdentityCredentials';
const deleted = 'directory/deletedItems';

/** What az and Terraform call and Batten does not do yet: id, method, path below the version, action, page. */
const rows: readonly (readonly [string, Method, string, string, string])[] = [
  [
    `applications_List_${federated}`,
    'GET',
    `applications/{applicationKey}/${federated}`,
    'applications/credentials/read',
    'application-list-federatedidentitycredentials',
  ],
  [
    `applications_Create_${federated}`,
    'POST',
    `applications/{applicationKey}/${federated}`,
    'applications/credentials/update',
    'application-post-federatedidentitycredentials',
  ],
  [
    `applications_Get_${federated}`,
    'GET',
    `applications/{applicationKey}/${federated}/{credentialKey}`,
    'applications/credentials/read',
    'federatedidentitycredential-get',
  ],
  [
    `applications_Update_${federated}`,
    'PATCH',
    `applications/{applicationKey}/${federated}/{credentialKey}`,
    'applications/credentials/update',
    'federatedidentitycredential-update',
  ],
  [
    `applications_Delete_${federated}`,
    'DELETE',
    `applications/{applicationKey}/${federated}/{credentialKey}`,
    'applications/credentials/update',
    'federatedidentitycredential-delete',
  ],
  [
    'applications_addKey',
    'POST',
    'applications/{applicationKey}/addKey',
    'applications/credentials/update',
    'application-addkey',
  ],
  [
    'applications_removeKey',
    'POST',
    'applications/{applicationKey}/removeKey',
    'applications/credentials/update',
    'application-removekey',
  ],
  [
    'deletedItems_List',
    'GET',
    `${deleted}/{deletedKey}`,
    'deletedItems.applications/standard/read',
    'directory-deleteditems-list',
  ],
  [
    'deletedItems_Delete',
    'DELETE',
    `${deleted}/{deletedKey}`,
    'deletedItems.applications/delete',
    'directory-deleteditems-delete',
  ],
  [
    'deletedItems_Restore',
    'POST',
    `${deleted}/{deletedKey}/restore`,
    'deletedItems.applications/restore',
    'directory-deleteditems-restore',
  ],
  ['domains_List', 'GET', 'domains', 'domains/standard/read', 'domain-list'],
  [
    'directoryRoles_List',
    'GET',
    'directoryRoles',
    'directoryRoles/standard/read',
    'directoryrole-list',
  ],
  [
    'directoryRoles_ListMembers',
    'GET',
    'directoryRoles/{roleKey}/members',
    'directoryRoles/members/read',
    'directoryrole-list-members',
  ],
  [
    'groups_owners_CreateRef',
    'POST',
    'groups/{groupKey}/owners/$ref',
    'groups/owners/update',
    'group-post-owners',
  ],
  [
    'groups_owners_DeleteRef',
    'DELETE',
    'groups/{groupKey}/owners/{ownerKey}/$ref',
    'groups/owners/update',
    'group-delete-owners',
  ],
  [
    'me_revokeSignInSessions',
    'POST',
    'me/revokeSignInSessions',
    'users/invalidateAllRefreshTokens',
    'user-revokesigninsessions',
  ],
];

/** They answer 501 to whom they would be allowed, and stand in the parity table. */
export const unbuiltOperations: readonly Operation<Caller, GraphRoom>[] = rows.map(
  ([id, method, path, action, page]) =>
    operation({
      id,
      method,
      path: `/{graphVersion}/${path}`,
      permission: may(`microsoft.directory/${action}`),
      bodyKind: method === 'GET' || method === 'DELETE' ? 'none' : 'json',
      reply: { 501: 'json' },
      source: `https://learn.microsoft.com/graph/api/${page}`,
    }),
);
