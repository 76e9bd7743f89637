import { guidOfText } from '#kernel/random.ts';

/**
 * Template ids of the Entra directory roles that Batten knows; they are the same in every tenant. Each of them decides something.
 * Source: https://learn.microsoft.com/entra/identity/role-based-access-control/permissions-reference
 */
export const directoryRoleTemplates = {
  globalAdministrator: '62e90394-69f5-4237-9190-012177145e10',
  applicationAdministrator: '9b895d92-2cd3-44c7-9d02-a6ac2d5ea5c3',
  cloudApplicationAdministrator: '158c047a-c907-4556-b7ef-446551a6b5f7',
  directoryReaders: '88d8e3e3-8f55-4a1e-953a-9b9898b8876b',
  directoryWriters: '9360feb5-f418-4baa-8175-e2a00bac4301',
  globalReader: 'f2ef992c-3afb-46b9-b7cf-a126ee74c451',
  groupsAdministrator: 'fdd7a751-b60b-444a-984c-02652fe8fa1c',
  helpdeskAdministrator: '729827e3-9c14-49f7-bb1b-9608f156bbb8',
  passwordAdministrator: '966707d0-3269-4727-9be2-8c3a10f19b9d',
  privilegedAuthenticationAdministrator: '7be44c8a-adaf-4e2a-84d6-ab2649e08a13',
  privilegedRoleAdministrator: 'e8611ab8-c189-46e8-94e1-60213ab1f814',
  reportsReader: '4a5d8f65-41da-4de4-8968-e035b65339cf',
  securityReader: '5d6b6bb7-de71-4623-b4af-96380a352509',
  userAdministrator: 'fe930be7-5e62-47db-91af-98c3a49a38b1',
} as const;

/** A directory role as every tenant could have it. */
export interface DirectoryRoleTemplate {
  readonly templateId: string;
  readonly displayName: string;
  readonly description: string;
}

/** The object id of a directory role in a tenant: always the same one. */
export function directoryRoleObjectId(tenantId: string, templateId: string): string {
  return guidOfText('directoryRole', tenantId, templateId);
}

/** The template of this id. */
export function directoryRoleTemplate(templateId: string): DirectoryRoleTemplate | undefined {
  return allDirectoryRoles.find((one) => one.templateId === templateId);
}

/** Every directory role that Batten knows, with Microsoft's names and texts. */
export const allDirectoryRoles: readonly DirectoryRoleTemplate[] = [
  template(
    'globalAdministrator',
    'Global Administrator',
    'Can manage all aspects of Microsoft Entra ID and Microsoft services that use Microsoft Entra identities.',
  ),
  template(
    'applicationAdministrator',
    'Application Administrator',
    'Can create and manage all aspects of app registrations and enterprise apps.',
  ),
  template(
    'cloudApplicationAdministrator',
    'Cloud Application Administrator',
    'Can create and manage all aspects of app registrations and enterprise apps except App Proxy.',
  ),
  template(
    'directoryReaders',
    'Directory Readers',
    'Can read basic directory information. Commonly used to grant directory read access to applications and guests.',
  ),
  template(
    'directoryWriters',
    'Directory Writers',
    'Can read and write basic directory information. For granting access to applications, not intended for users.',
  ),
  template(
    'globalReader',
    'Global Reader',
    'Can read everything that a Global Administrator can, but not update anything.',
  ),
  template(
    'groupsAdministrator',
    'Groups Administrator',
    'Members of this role can create/manage groups, create/manage groups settings like naming and expiration policies, and view groups activity and audit reports.',
  ),
  template(
    'helpdeskAdministrator',
    'Helpdesk Administrator',
    'Can reset passwords for non-administrators and Helpdesk Administrators.',
  ),
  template(
    'passwordAdministrator',
    'Password Administrator',
    'Can reset passwords for non-administrators and Password Administrators.',
  ),
  template(
    'privilegedAuthenticationAdministrator',
    'Privileged Authentication Administrator',
    'Can access to view, set and reset authentication method information for any user (admin or non-admin).',
  ),
  template(
    'privilegedRoleAdministrator',
    'Privileged Role Administrator',
    'Can manage role assignments in Microsoft Entra ID, and all aspects of Privileged Identity Management.',
  ),
  template('reportsReader', 'Reports Reader', 'Can read sign-in and audit reports.'),
  template(
    'securityReader',
    'Security Reader',
    'Can read security information and reports in Microsoft Entra ID and Office 365.',
  ),
  template(
    'userAdministrator',
    'User Administrator',
    'Can manage all aspects of users and groups, including resetting passwords for limited admins.',
  ),
];

function template(
  name: keyof typeof directoryRoleTemplates,
  displayName: string,
  description: string,
): DirectoryRoleTemplate {
  return { templateId: directoryRoleTemplates[name], displayName, description };
}
