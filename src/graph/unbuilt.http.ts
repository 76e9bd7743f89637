import type { Caller } from '#directory/caller.ts';
import type { Method, Operation } from '#http/operation.ts';
import { may } from './permission.ts';
import { type GraphRoom, operation } from './room.ts';

/** What az and Terraform call and Batten does not do yet: id, method, path below the version, action, page. */
const rows: readonly (readonly [string, Method, string, string, string])[] = [
  [
    'servicePrincipals_addTokenSigningCertificate',
    'POST',
    'servicePrincipals/{servicePrincipalKey}/addTokenSigningCertificate',
    'servicePrincipals/credentials/update',
    'api/serviceprincipal-addtokensigningcertificate',
  ],
  [
    'roleManagement_ListRoleAssignments',
    'GET',
    'roleManagement/directory/roleAssignments',
    'directoryRoles/members/read',
    'api/rbacapplication-list-roleassignments',
  ],
  [
    'roleManagement_CreateRoleAssignments',
    'POST',
    'roleManagement/directory/roleAssignments',
    'directoryRoles/members/update',
    'api/rbacapplication-post-roleassignments',
  ],
  [
    'users_UpdateManagerRef',
    'PUT',
    'users/{userKey}/manager/$ref',
    'users/manager/update',
    'api/user-post-manager',
  ],
  [
    'applications_setVerifiedPublisher',
    'POST',
    'applications/{applicationKey}/setVerifiedPublisher',
    'applications/basic/update',
    'api/application-setverifiedpublisher',
  ],
  [
    'applicationTemplates_List',
    'GET',
    'applicationTemplates',
    'applications/standard/read',
    'api/applicationtemplate-list',
  ],
  ['me_GetPhotoContent', 'GET', 'me/photo/$value', 'users/standard/read', 'api/profilephoto-get'],
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
