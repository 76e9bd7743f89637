import type { Caller } from '#directory/caller.ts';
import type { Method, Operation } from '#http/operation.ts';
import { may } from './permission.ts';
import { type GraphRoom, operation } from './room.ts';

const deleted = 'directory/deletedItems';

/** What az and Terraform call and Batten does not do yet: id, method, path below the version, action, page. */
const rows: readonly (readonly [string, Method, string, string, string])[] = [
  [
    'applications_addKey',
    'POST',
    'applications/{applicationKey}/addKey',
    'applications/credentials/update',
    'api/application-addkey',
  ],
  [
    'applications_removeKey',
    'POST',
    'applications/{applicationKey}/removeKey',
    'applications/credentials/update',
    'api/application-removekey',
  ],
  [
    'deletedItems_List',
    'GET',
    `${deleted}/{deletedKey}`,
    'deletedItems.applications/standard/read',
    'api/directory-deleteditems-list',
  ],
  [
    'deletedItems_Delete',
    'DELETE',
    `${deleted}/{deletedKey}`,
    'deletedItems.applications/delete',
    'api/directory-deleteditems-delete',
  ],
  [
    'deletedItems_Restore',
    'POST',
    `${deleted}/{deletedKey}/restore`,
    'deletedItems.applications/restore',
    'api/directory-deleteditems-restore',
  ],
  ['batch', 'POST', '$batch', 'directoryObjects/standard/read', 'json-batching'],
  ['domains_List', 'GET', 'domains', 'domains/standard/read', 'api/domain-list'],
  [
    'directoryRoles_List',
    'GET',
    'directoryRoles',
    'directoryRoles/standard/read',
    'api/directoryrole-list',
  ],
  [
    'directoryRoles_ListMembers',
    'GET',
    'directoryRoles/{roleKey}/members',
    'directoryRoles/members/read',
    'api/directoryrole-list-members',
  ],
  [
    'groups_owners_CreateRef',
    'POST',
    'groups/{groupKey}/owners/$ref',
    'groups/owners/update',
    'api/group-post-owners',
  ],
  [
    'groups_owners_DeleteRef',
    'DELETE',
    'groups/{groupKey}/owners/{ownerKey}/$ref',
    'groups/owners/update',
    'api/group-delete-owners',
  ],
  ['me_GetPhotoContent', 'GET', 'me/photo/$value', 'users/standard/read', 'api/profilephoto-get'],
  [
    'me_revokeSignInSessions',
    'POST',
    'me/revokeSignInSessions',
    'users/invalidateAllRefreshTokens',
    'api/user-revokesigninsessions',
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
      source: `https://learn.microsoft.com/graph/${page}`,
    }),
);
