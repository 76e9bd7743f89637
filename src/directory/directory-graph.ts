import type { Application } from './application.ts';
import { appRole, delegated } from './graph-permissions.ts';

/**
 * What Azure AD Graph offers, Microsoft Graph's predecessor. Its API is retired and answers nowhere;
 * registrations of its time still ask for its permissions, and tokens for it are still given.
 * Source: https://learn.microsoft.com/entra/identity-platform/reference-app-manifest for the first, and
 * for the others `az ad app permission add` in public scripts.
 */
export const directoryGraphPermissions: Pick<Application, 'appRoles' | 'oauth2PermissionScopes'> = {
  appRoles: [
    appRole('5778995a-e1bf-45b8-affa-663a9f3f4d04', 'Directory.Read.All', 'Read directory data'),
    appRole(
      '78c8a3c8-a07e-4b9e-af1b-b5ccab50a175',
      'Directory.ReadWrite.All',
      'Read and write directory data',
    ),
    appRole(
      '1cda74f2-2616-4834-b122-5cb1b07f8a59',
      'Application.ReadWrite.All',
      'Read and write all applications',
    ),
    appRole(
      '824c81eb-e3f8-4ee6-8f6d-de7f50d565b7',
      'Application.ReadWrite.OwnedBy',
      'Manage apps that this app creates or owns',
    ),
  ],
  oauth2PermissionScopes: [
    delegated(
      '311a71cc-e848-46a1-bdf8-97ff7156d8e6',
      'User.Read',
      'User',
      'Sign in and read user profile',
    ),
    delegated(
      'a42657d6-7f20-40e3-b6f0-cee03008a62a',
      'Directory.AccessAsUser.All',
      'Admin',
      'Access the directory as the signed-in user',
    ),
    delegated(
      '5778995a-e1bf-45b8-affa-663a9f3f4d04',
      'Directory.Read.All',
      'Admin',
      'Read directory data',
    ),
    delegated(
      '78c8a3c8-a07e-4b9e-af1b-b5ccab50a175',
      'Directory.ReadWrite.All',
      'Admin',
      'Read and write directory data',
    ),
  ],
};
