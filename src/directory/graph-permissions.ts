import type { AppRole, DelegatedPermission } from './application.ts';

/**
 * The application permissions of Microsoft Graph that mean something here, with Microsoft's own ids.
 * Source: https://learn.microsoft.com/graph/permissions-reference
 */
export const graphAppRoles: readonly AppRole[] = [
  appRole(
    '1bfefb4e-e0b5-418b-a88f-73c46d2cc8e9',
    'Application.ReadWrite.All',
    'Read and write all applications',
  ),
  appRole(
    '18a4783c-866b-4cc7-a460-3d5e5662c884',
    'Application.ReadWrite.OwnedBy',
    'Manage apps that this app creates or owns',
  ),
  appRole('9a5d68dd-52b0-4cc2-bd40-abcf44ac3a30', 'Application.Read.All', 'Read all applications'),
  appRole('7ab1d382-f21e-4acd-a863-ba3e13f7da61', 'Directory.Read.All', 'Read directory data'),
  appRole(
    '19dbc75e-c2e2-444c-a770-ec69d8559fc7',
    'Directory.ReadWrite.All',
    'Read and write directory data',
  ),
  appRole('df021288-bdef-4463-88db-98f22de89214', 'User.Read.All', "Read all users' full profiles"),
  appRole(
    '97235f07-e226-4f63-ace3-39588e11d3a1',
    'User.ReadBasic.All',
    "Read all users' basic profiles",
  ),
  appRole(
    '741f803b-c850-494e-b5df-cde7c675a1ca',
    'User.ReadWrite.All',
    "Read and write all users' full profiles",
  ),
  appRole('b0afded3-3588-46d8-8b3d-9842eff778da', 'AuditLog.Read.All', 'Read all audit log data'),
  appRole('5b567255-7703-4780-807c-7be8301ae99b', 'Group.Read.All', 'Read all groups'),
  appRole(
    '62a82d76-70ea-41e2-9197-370581804d09',
    'Group.ReadWrite.All',
    'Read and write all groups',
  ),
  appRole(
    '98830695-27a2-44f7-8c18-0c3ebc9698f6',
    'GroupMember.Read.All',
    'Read all group memberships',
  ),
  appRole(
    '498476ce-e0fe-48b0-b801-37ba7e2685c6',
    'Organization.Read.All',
    'Read organization information',
  ),
  appRole(
    '06b708a9-e830-4db3-a914-8e69da51d44f',
    'AppRoleAssignment.ReadWrite.All',
    'Manage app permission grants and app role assignments',
  ),
  appRole(
    '246dd0d5-5bd0-4def-940b-0421030a5b68',
    'Policy.Read.All',
    "Read your organization's policies",
  ),
  appRole(
    'be74164b-cff1-491c-8741-e671cb536e13',
    'Policy.ReadWrite.ApplicationConfiguration',
    "Read and write your organization's application configuration policies",
  ),
  appRole(
    'dbaae8cf-10b5-4b86-a4a1-f871c94c6695',
    'GroupMember.ReadWrite.All',
    'Read and write all group memberships',
  ),
  appRole('bf7b1a76-6e77-406b-b258-bf5c7720e98f', 'Group.Create', 'Create groups'),
  appRole(
    '3011c876-62b7-4ada-afa2-506cbbecc68c',
    'User.EnableDisableAccount.All',
    'Enable and disable user accounts',
  ),
  appRole(
    'cc117bb9-00cf-4eb8-b580-ea2a878fe8f7',
    'User-PasswordProfile.ReadWrite.All',
    'Read and write all password profiles and reset user passwords',
  ),
  appRole(
    '483bed4a-2ad3-4361-a73b-c83ccdbdc53c',
    'RoleManagement.Read.Directory',
    'Read all directory RBAC settings',
  ),
  appRole(
    '9e3f62cf-ca93-4989-b6ce-bf83c28f9fe8',
    'RoleManagement.ReadWrite.Directory',
    'Read and write all directory RBAC settings',
  ),
  appRole('dbb9058a-0e50-45d7-ae91-66909b5d4664', 'Domain.Read.All', 'Read domains'),
  appRole(
    '8e8e4742-1d95-4f68-9d56-6ee75648c72a',
    'DelegatedPermissionGrant.ReadWrite.All',
    'Manage all delegated permission grants',
  ),
  appRole(
    '77f3a031-c388-4f99-b373-dc68676a979e',
    'User.RevokeSessions.All',
    'Revoke all sign in sessions for a user',
  ),
  appRole(
    'eccc023d-eccf-4e7b-9683-8813ab36cecc',
    'User.DeleteRestore.All',
    'Delete and restore all users',
  ),
];

/** The delegated permissions of Microsoft Graph that mean something here, with Microsoft's own ids. */
export const graphDelegatedPermissions: readonly DelegatedPermission[] = [
  delegated(
    'e1fe6dd8-ba31-4d61-89e7-88639da4683d',
    'User.Read',
    'User',
    'Sign in and read user profile',
  ),
  delegated(
    'b340eb25-3456-403f-be2f-af7a0d370277',
    'User.ReadBasic.All',
    'User',
    "Read all users' basic profiles",
  ),
  delegated(
    'a154be20-db9c-4678-8ab7-66f6cc099a59',
    'User.Read.All',
    'Admin',
    "Read all users' full profiles",
  ),
  delegated(
    '204e0828-b5ca-4ad8-b9f3-f32a958e7cc4',
    'User.ReadWrite.All',
    'Admin',
    "Read and write all users' full profiles",
  ),
  delegated(
    'e4c9e354-4dc5-45b8-9e7c-e1393b0b1a20',
    'AuditLog.Read.All',
    'Admin',
    'Read audit log data',
  ),
  delegated('5f8c59db-677d-491f-a6b8-5f174b11ec1d', 'Group.Read.All', 'Admin', 'Read all groups'),
  delegated(
    '4e46008b-f24c-477d-8fff-7bb4ec7aafe0',
    'Group.ReadWrite.All',
    'Admin',
    'Read and write all groups',
  ),
  delegated(
    'c79f8feb-a9db-4090-85f9-90d820caa0eb',
    'Application.Read.All',
    'Admin',
    'Read applications',
  ),
  delegated(
    'bdfbf15f-ee85-4955-8675-146e8e5296b5',
    'Application.ReadWrite.All',
    'Admin',
    'Read and write all applications',
  ),
  delegated(
    '06da0dbc-49e2-44d2-8312-53f166ab848a',
    'Directory.Read.All',
    'Admin',
    'Read directory data',
  ),
  delegated(
    'c5366453-9fb0-48a5-a156-24f0c49a4b84',
    'Directory.ReadWrite.All',
    'Admin',
    'Read and write directory data',
  ),
  delegated(
    '0e263e50-5827-48a4-b97c-d940288653c7',
    'Directory.AccessAsUser.All',
    'Admin',
    'Access directory as the signed in user',
  ),
  delegated(
    '572fea84-0151-49b2-9301-11cb16974376',
    'Policy.Read.All',
    'Admin',
    "Read your organization's policies",
  ),
  delegated(
    'b27add92-efb2-4f16-84f5-8108ba77985c',
    'Policy.ReadWrite.ApplicationConfiguration',
    'Admin',
    "Read and write your organization's application configuration policies",
  ),
  delegated(
    '4908d5b9-3fb2-4b1e-9336-1888b7937185',
    'Organization.Read.All',
    'Admin',
    'Read organization information',
  ),
  delegated(
    'b4e74841-8e56-480b-be8b-910348b18b4c',
    'User.ReadWrite',
    'User',
    'Read and write access to user profile',
  ),
  delegated(
    'bc024368-1153-4739-b217-4326f2e966d0',
    'GroupMember.Read.All',
    'Admin',
    'Read group memberships',
  ),
  delegated(
    'f81125ac-d3b7-4573-a3b2-7099cc39df9e',
    'GroupMember.ReadWrite.All',
    'Admin',
    'Read and write group memberships',
  ),
  delegated(
    '741c54c3-0c1e-44a1-818b-3f97ab4e8c83',
    'RoleManagement.Read.Directory',
    'Admin',
    'Read directory RBAC settings',
  ),
  delegated(
    'd01b97e9-cbc0-49fe-810a-750afd5527a3',
    'RoleManagement.ReadWrite.Directory',
    'Admin',
    'Read and write directory RBAC settings',
  ),
  delegated('2f9ee017-59c1-4f1d-9472-bd5529a7b311', 'Domain.Read.All', 'Admin', 'Read domains'),
  delegated(
    '84bccea3-f856-4a8a-967b-dbe0a3d53a64',
    'AppRoleAssignment.ReadWrite.All',
    'Admin',
    'Manage app permission grants and app role assignments',
  ),
  delegated(
    '41ce6ca6-6826-4807-84f1-1c82854f7ee5',
    'DelegatedPermissionGrant.ReadWrite.All',
    'Admin',
    'Manage all delegated permission grants',
  ),
  delegated('37f7f235-527c-4136-accd-4a02d197296e', 'openid', 'User', 'Sign users in'),
  delegated('14dad69e-099b-42c9-810b-d002981feec1', 'profile', 'User', "View users' basic profile"),
  delegated('64a6cdd6-aab1-4aaf-94b8-3cc8405e90d0', 'email', 'User', "View users' email address"),
  delegated(
    '7427e0e9-2fba-42fe-b0c0-848c9e6a8182',
    'offline_access',
    'User',
    'Maintain access to data you have given it access to',
  ),
];

/** A permission for applications that act alone. */
export function appRole(id: string, value: string, displayName: string): AppRole {
  return {
    id,
    value,
    displayName,
    description: displayName,
    allowedMemberTypes: ['Application'],
    isEnabled: true,
  };
}

/** A permission for applications that act for a user; `Admin` ones only an administrator can consent to. */
export function delegated(
  id: string,
  value: string,
  type: 'User' | 'Admin',
  displayName: string,
  userDisplayName = displayName,
): DelegatedPermission {
  return {
    id,
    value,
    type,
    isEnabled: true,
    adminConsentDisplayName: displayName,
    adminConsentDescription: displayName,
    userConsentDisplayName: userDisplayName,
    userConsentDescription: userDisplayName,
  };
}
