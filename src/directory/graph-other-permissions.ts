import type { AppRole, DelegatedPermission } from './application.ts';
import { appRole, delegated } from './graph-permissions.ts';

/*
 * Permissions of Microsoft Graph over what Batten does not have: mail, calendars, files, devices, and parts of the directory. Registrations
 * ask for them all the same, so they can be consented to and stand in tokens; they open nothing here.
 * Source: permissions/permissions-descriptions.json of https://github.com/microsoftgraph/microsoft-graph-devx-content, from which the
 * portal's own documents take ids and names
 */

/** Ids, values, and names as an administrator reads them; last as a user does, where that is otherwise. */
type Row = readonly [id: string, value: string, displayName: string, userDisplayName?: string];

const forApplications: readonly Row[] = [
  ['810c84a8-4a9e-49e6-bf7d-12d183f40d01', 'Mail.Read', 'Read mail in all mailboxes'],
  ['6be147d2-ea4f-4b5a-a3fa-3eab6f3c140a', 'Mail.ReadBasic', 'Read basic mail in all mailboxes'],
  [
    '693c5e45-0940-467d-9b8a-1022fb9d42ef',
    'Mail.ReadBasic.All',
    'Read basic mail in all mailboxes',
  ],
  [
    'e2a3a72e-5f79-4c64-b1b1-878b674786c9',
    'Mail.ReadWrite',
    'Read and write mail in all mailboxes',
  ],
  ['b633e1c5-b582-4048-a93e-9f11b44c7e96', 'Mail.Send', 'Send mail as any user'],
  [
    '40f97065-369a-49f4-947c-6a255697ae91',
    'MailboxSettings.Read',
    'Read all user mailbox settings',
  ],
  [
    '6931bccd-447a-43d1-b442-00a195474933',
    'MailboxSettings.ReadWrite',
    'Read and write all user mailbox settings',
  ],
  ['798ee544-9d2d-430c-a058-570e29e34338', 'Calendars.Read', 'Read calendars in all mailboxes'],
  [
    'ef54d2bf-783f-4e0f-bca1-3210c0444d99',
    'Calendars.ReadWrite',
    'Read and write calendars in all mailboxes',
  ],
  ['089fe4d0-434a-44c5-8827-41ba8a0b17f5', 'Contacts.Read', 'Read contacts in all mailboxes'],
  [
    '6918b873-d17a-4dc1-b314-35f528134491',
    'Contacts.ReadWrite',
    'Read and write contacts in all mailboxes',
  ],
  ['01d4889c-1287-42c6-ac1f-5d1e02578ef6', 'Files.Read.All', 'Read files in all site collections'],
  [
    '75359482-378d-4052-8f01-80520e7db3cd',
    'Files.ReadWrite.All',
    'Read and write files in all site collections',
  ],
  ['332a536c-c7ef-4017-ab91-336970924f0d', 'Sites.Read.All', 'Read items in all site collections'],
  [
    '9492366f-7969-46a4-8d15-ed1a20078fff',
    'Sites.ReadWrite.All',
    'Read and write items in all site collections',
  ],
  [
    '0c0bf378-bf22-4481-8f81-9e89a9b4960a',
    'Sites.Manage.All',
    'Create, edit, and delete items and lists in all site collections',
  ],
  [
    'a82116e5-55eb-4c41-a434-62fe8a61c773',
    'Sites.FullControl.All',
    'Have full control of all site collections',
  ],
  ['883ea226-0bf2-4a8f-9f9d-92c9162a727d', 'Sites.Selected', 'Access selected site collections'],
  [
    'b528084d-ad10-4598-8b93-929746b4d7d6',
    'People.Read.All',
    "Read all users' relevant people lists",
  ],
  ['230c1aed-a721-4c5d-9cb4-a90514e508ef', 'Reports.Read.All', 'Read all usage reports'],
  ['7438b122-aefc-4978-80ed-43db9fcc7715', 'Device.Read.All', 'Read all devices'],
  ['1138cb37-bd11-4084-a2b7-9f71582aeddb', 'Device.ReadWrite.All', 'Read and write devices'],
  [
    '2f51be20-0bb4-4fed-bf7b-db946066c75e',
    'DeviceManagementManagedDevices.Read.All',
    'Read Microsoft Intune devices',
  ],
  [
    '134fd756-38ce-4afd-ba33-e9623dbe66c2',
    'AdministrativeUnit.Read.All',
    'Read all administrative units',
  ],
  [
    '5eb59dd3-1da2-4329-8733-9dabdc435916',
    'AdministrativeUnit.ReadWrite.All',
    'Read and write all administrative units',
  ],
  ['7e05723c-0bb0-42da-be95-ae9f08a6e53c', 'Domain.ReadWrite.All', 'Read and write domains'],
  [
    '292d869f-3427-49a8-9dab-8c70152b74e9',
    'Organization.ReadWrite.All',
    'Read and write organization information',
  ],
  [
    '09850681-111b-4a89-9bed-3f2cae46d706',
    'User.Invite.All',
    'Invite guest users to the organization',
  ],
  [
    'c529cfca-c91b-489c-af2b-d92990b66ce6',
    'User.ManageIdentities.All',
    "Manage all users' identities",
  ],
  [
    '38d9df27-64da-44fd-b7c5-a6fbac20248f',
    'UserAuthenticationMethod.Read.All',
    "Read all users' authentication methods",
  ],
  [
    '50483e42-d915-4231-9639-7fdb7fd190e5',
    'UserAuthenticationMethod.ReadWrite.All',
    "Read and write all users' authentication methods",
  ],
  ['658aa5d8-239f-45c4-aa12-864f4fc7e490', 'Member.Read.Hidden', 'Read all hidden memberships'],
  [
    'c7fbd983-d9aa-4fa7-84b8-17382c103bc4',
    'RoleManagement.Read.All',
    'Read role management data for all RBAC providers',
  ],
  [
    '37730810-e9ba-4e46-b07e-8ca78d182097',
    'Policy.Read.ConditionalAccess',
    "Read your organization's conditional access policies",
  ],
  [
    '01c0a623-fc9b-48e9-b794-0756f8e8f067',
    'Policy.ReadWrite.ConditionalAccess',
    "Read and write your organization's conditional access policies",
  ],
  [
    '9e640839-a198-48fb-8b9a-013fd6f6cbcd',
    'Policy.Read.PermissionGrant',
    'Read consent and permission grant policies',
  ],
  [
    'a402ca1c-2696-4531-972d-6e5ee4aa11ea',
    'Policy.ReadWrite.PermissionGrant',
    'Manage consent and permission grant policies',
  ],
  [
    'fb221be6-99f2-473f-bd32-01c6a0e9ca3b',
    'Policy.ReadWrite.Authorization',
    "Read and write your organization's authorization policy",
  ],
  [
    '29c18626-4985-4dcd-85c0-193eef327366',
    'Policy.ReadWrite.AuthenticationMethod',
    'Read and write all authentication method policies',
  ],
  [
    'dc5007c0-2d7d-4c42-879c-2dab87571379',
    'IdentityRiskyUser.Read.All',
    'Read all identity risky user information',
  ],
  [
    'bf394140-e372-4bf9-a898-299cfc7564e5',
    'SecurityEvents.Read.All',
    "Read your organization's security events",
  ],
  ['2280dda6-0bfd-44ee-a2f4-cb867cfc4c1e', 'Team.ReadBasic.All', 'Get a list of all teams'],
  ['6b7d71aa-70aa-4810-a8d9-5d9fb2830017', 'Chat.Read.All', 'Read all chat messages'],
  ['7b2449af-6ccd-4f4d-9f78-e550c193f0d1', 'ChannelMessage.Read.All', 'Read all channel messages'],
];

/** What users may consent to. */
const forUsers: readonly Row[] = [
  ['570282fd-fa5c-430d-a7fd-fc8dc98a9dca', 'Mail.Read', 'Read user mail', 'Read your mail'],
  [
    '7b9103a5-4610-446b-9670-80643382c1fa',
    'Mail.Read.Shared',
    'Read user and shared mail',
    'Read mail you can access',
  ],
  [
    '024d486e-b451-40bb-833d-3e66d98c5c73',
    'Mail.ReadWrite',
    'Read and write access to user mail',
    'Read and write access to your mail',
  ],
  [
    '5df07973-7d5d-46ed-9847-1271055cbd51',
    'Mail.ReadWrite.Shared',
    'Read and write user and shared mail',
    'Read and write mail you can access',
  ],
  ['e383f46e-2787-4529-855e-0e479a3ffac0', 'Mail.Send', 'Send mail as a user', 'Send mail as you'],
  [
    'a367ab51-6b49-43bf-a716-a1fb06d2a174',
    'Mail.Send.Shared',
    'Send mail on behalf of others',
    'Send mail on behalf of others or yourself',
  ],
  [
    '87f447af-9fa4-4c32-9dfa-4a57a73d18ce',
    'MailboxSettings.Read',
    'Read user mailbox settings',
    'Read your mailbox settings',
  ],
  [
    '818c620a-27a9-40bd-a6a5-d96f7d610b4b',
    'MailboxSettings.ReadWrite',
    'Read and write user mailbox settings',
    'Read and write to your mailbox settings',
  ],
  [
    '465a38f9-76ea-45b9-9f34-9e8b0d4b0b42',
    'Calendars.Read',
    'Read user calendars',
    'Read your calendars',
  ],
  [
    '2b9c4092-424d-4249-948d-b43879977640',
    'Calendars.Read.Shared',
    'Read user and shared calendars',
    'Read calendars you can access',
  ],
  [
    '1ec239c2-d7c9-4623-a91a-a9775856bb36',
    'Calendars.ReadWrite',
    'Have full access to user calendars',
    'Have full access to your calendars',
  ],
  [
    '12466101-c9b8-439a-8589-dd09ee67e8e9',
    'Calendars.ReadWrite.Shared',
    'Read and write user and shared calendars',
    'Read and write to your and shared calendars',
  ],
  [
    'ff74d97f-43af-4b68-9f2a-b77ee6968c5d',
    'Contacts.Read',
    'Read user contacts',
    'Read your contacts',
  ],
  [
    'd56682ec-c09e-4743-aaf4-1a3aac4caa21',
    'Contacts.ReadWrite',
    'Have full access to user contacts',
    'Have full access of your contacts',
  ],
  ['10465720-29dd-4523-a11a-6a75c743c9d9', 'Files.Read', 'Read user files', 'Read your files'],
  [
    'df85f4d6-205c-4ac5-a5ea-6bf408dba283',
    'Files.Read.All',
    'Read all files that user can access',
    'Read all files that you have access to',
  ],
  [
    '5c28f0bf-8a70-41f1-8ab2-9032436ddb65',
    'Files.ReadWrite',
    'Have full access to user files',
    'Have full access to your files',
  ],
  [
    '863451e7-0667-486c-a5d6-d135439485f0',
    'Files.ReadWrite.All',
    'Have full access to all files user can access',
    'Have full access to all files you have access to',
  ],
  [
    '8019c312-3263-48e6-825e-2b833497195b',
    'Files.ReadWrite.AppFolder',
    "Have full access to the application's folder (preview)",
    "Have full access to the application's folder",
  ],
  ['205e70e5-aba6-4c52-a976-6d2d46c48043', 'Sites.Read.All', 'Read items in all site collections'],
  [
    '89fe6a52-be36-487e-b7d8-d061c450a026',
    'Sites.ReadWrite.All',
    'Edit or delete items in all site collections',
  ],
  [
    '65e50fdc-43b7-4915-933e-e8138f11f40a',
    'Sites.Manage.All',
    'Create, edit, and delete items and lists in all site collections',
    'Create, edit, and delete items and lists in all your site collections',
  ],
  [
    'ba47897c-39ec-4d83-8086-ee8256fa737d',
    'People.Read',
    "Read users' relevant people lists",
    'Read your relevant people list',
  ],
  [
    '11d4cd79-5ba5-460f-803f-e22c8ab85ccd',
    'Device.Read',
    'Read user devices',
    'View your list of devices',
  ],
  [
    '76bc735e-aecd-4a1d-8b4c-2b915deabb79',
    'Presence.Read',
    "Read user's presence information",
    'Read your presence information',
  ],
  [
    'f501c180-9344-439a-bca0-6cbf209fd270',
    'Chat.Read',
    'Read user chat messages',
    'Read your chat messages',
  ],
  [
    '485be79e-c497-4b35-9400-0e3fa7f2a5d4',
    'Team.ReadBasic.All',
    'Read the names and descriptions of teams',
  ],
];

/** What only an administrator may consent to. */
const forAdministrators: readonly Row[] = [
  [
    '5a54b8b3-347c-476d-8f8e-42d5c7424d29',
    'Sites.FullControl.All',
    'Have full control of all site collections',
    'Have full control of all your site collections',
  ],
  [
    'b89f9189-71a5-4e70-b041-9887f0bc7e4a',
    'People.Read.All',
    "Read all users' relevant people lists",
  ],
  ['02e97553-ed7b-43d0-ab3c-f8bace0d040c', 'Reports.Read.All', 'Read all usage reports'],
  ['951183d1-1a61-466f-a6d1-1fde911bfd95', 'Device.Read.All', 'Read all devices'],
  [
    '314874da-47d6-4978-88dc-cf0d37f0bb82',
    'DeviceManagementManagedDevices.Read.All',
    'Read Microsoft Intune devices',
    'Read devices Microsoft Intune devices',
  ],
  [
    '3361d15d-be43-4de6-b441-3c746d05163d',
    'AdministrativeUnit.Read.All',
    'Read administrative units',
  ],
  [
    '7b8a2d34-6b3f-4542-a343-54651608ad81',
    'AdministrativeUnit.ReadWrite.All',
    'Read and write administrative units',
  ],
  ['0b5d694c-a244-4bde-86e6-eb5cd07730fe', 'Domain.ReadWrite.All', 'Read and write domains'],
  [
    '63dd7cd9-b489-4adf-a28c-ac38b9a0f962',
    'User.Invite.All',
    'Invite guest users to the organization',
  ],
  ['637d7bec-b31e-4deb-acc9-24275642a2c9', 'User.ManageIdentities.All', 'Manage user identities'],
  [
    'aec28ec7-4d02-4e8c-b864-50163aea77eb',
    'UserAuthenticationMethod.Read.All',
    "Read all users' authentication methods",
  ],
  [
    'b7887744-6746-4312-813d-72daeaee7e2d',
    'UserAuthenticationMethod.ReadWrite.All',
    "Read and write all users' authentication methods",
  ],
  [
    'f6a3db3e-f7e8-4ed2-a414-557c8c9830be',
    'Member.Read.Hidden',
    'Read hidden memberships',
    'Read your hidden memberships',
  ],
  [
    '48fec646-b2ba-4019-8681-8eb31435aded',
    'RoleManagement.Read.All',
    'Read role management data for all RBAC providers',
  ],
  [
    'ad902697-1014-4ef5-81ef-2b4301988e8c',
    'Policy.ReadWrite.ConditionalAccess',
    "Read and write your organization's conditional access policies",
  ],
  [
    '414de6ea-2d92-462f-b120-6e2a809a6d01',
    'Policy.Read.PermissionGrant',
    'Read consent and permission grant policies',
  ],
  [
    '2672f8bb-fd5e-42e0-85e1-ec764dd2614e',
    'Policy.ReadWrite.PermissionGrant',
    'Manage consent and permission grant policies',
  ],
  [
    'edd3c878-b384-41fd-95ad-e7407dd775be',
    'Policy.ReadWrite.Authorization',
    "Read and write your organization's authorization policy",
  ],
  [
    '7e823077-d88e-468f-a337-e18f1f0e6c7c',
    'Policy.ReadWrite.AuthenticationMethod',
    'Read and write authentication method policies',
    'Read and write your authentication method policies',
  ],
  [
    'd04bb851-cb7c-4146-97c7-ca3e71baf56c',
    'IdentityRiskyUser.Read.All',
    'Read identity risky user information',
  ],
  [
    '64733abd-851e-478a-bffb-e47a14b18235',
    'SecurityEvents.Read.All',
    "Read your organization's security events",
  ],
  [
    '767156cb-16ae-4d10-8f8b-41b657c8c8c8',
    'ChannelMessage.Read.All',
    'Read user channel messages',
    'Read your channel messages',
  ],
];

/** For applications that act alone. */
export const otherGraphAppRoles: readonly AppRole[] = forApplications.map(
  ([id, value, displayName]) => appRole(id, value, displayName),
);

/** For applications that act for a user. */
export const otherGraphDelegatedPermissions: readonly DelegatedPermission[] = [
  ...forUsers.map(([id, value, ...names]) => delegated(id, value, 'User', ...names)),
  ...forAdministrators.map(([id, value, ...names]) => delegated(id, value, 'Admin', ...names)),
];
