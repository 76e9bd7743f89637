import { isDeepStrictEqual } from 'node:util';
import type { Instant } from '#kernel/instant.ts';
import { guidOfText, type Random } from '#kernel/random.ts';
import type { WriteTransaction } from '#store/store.ts';
import {
  addApplication,
  findApplicationByAppId,
  isNameConflict,
  updateApplication,
} from './application.store.ts';
import { type Application, applicationOf, type DelegatedPermission } from './application.ts';
import { directoryGraphPermissions } from './directory-graph.ts';
import { otherGraphAppRoles, otherGraphDelegatedPermissions } from './graph-other-permissions.ts';
import { graphAppRoles, graphDelegatedPermissions } from './graph-permissions.ts';
import {
  addServicePrincipal,
  findServicePrincipalByAppId,
  servicePrincipalOf,
} from './service-principal.store.ts';
import { listTenants } from './tenant.store.ts';

/** The tenant in which Microsoft registers its own applications. It never signs anybody in here. */
export const microsoftTenantId = 'f8cdef31-a31e-4b4a-93e4-5f571e91255a';

/**
 * Application ids of the Microsoft applications that every tenant knows from the start.
 * Source: https://learn.microsoft.com/troubleshoot/entra/entra-id/governance/verify-first-party-apps-sign-in
 */
export const firstPartyAppIds = {
  graph: '00000003-0000-0000-c000-000000000000',
  arm: '797f4846-ba00-4fd7-ba43-dac1f8f63013',
  batch: 'ddbf3205-c6bd-46ae-8127-60eb93363864',
  azureCli: '04b07795-8ddb-461a-bbee-02f9e1bf7b46',
  azurePowerShell: '1950a258-227b-4e31-a9cf-717495945fc2',
  tokenExchange: 'fb60f99c-7a34-4190-8149-302f77469936',
  /** Azure AD Graph. */
  directoryGraph: '00000002-0000-0000-c000-000000000000',
  /** The service behind the portal's pages of registered applications. */
  registrations: '74658136-14ec-4630-ad9b-26e160ff0fc6',
} as const;

/**
 * The audiences of tokens that are shown as a credential, of every cloud.
 * Source: https://learn.microsoft.com/entra/workload-id/workload-identity-federation-config-app-trust-managed-identity
 */
export const tokenExchangeAudiences: readonly string[] = [
  'api://AzureADTokenExchange',
  'api://AzureADTokenExchangeChina',
  'api://AzureADTokenExchangeUSGov',
];

/** The resource identifiers of each resource in every enabled cloud, as written, with and without a slash where both hold. */
export interface FirstPartyNames {
  readonly graph: readonly string[];
  readonly arm: readonly string[];
  readonly batch: readonly string[];
  readonly directoryGraph: readonly string[];
}

/**
 * Gives a tenant the service principals of Microsoft's own applications, and registers those applications when they are
 * not yet. What is there already stays as it is.
 */
export async function addFirstPartyPrincipals(
  tx: WriteTransaction,
  tenantId: string,
  names: FirstPartyNames,
  random: Random,
  at: Instant,
): Promise<void> {
  for (const declared of firstPartyApplications(names, at)) {
    const application = await registered(tx, declared);
    await addPrincipalOf(tx, tenantId, application, random, at);
  }
}

async function addPrincipalOf(
  tx: WriteTransaction,
  tenantId: string,
  application: Application,
  random: Random,
  createdAt: Instant,
): Promise<void> {
  if ((await findServicePrincipalByAppId(tx, tenantId, application.appId)) !== undefined) return;
  const place = { tenantId, objectId: random.guid(), createdAt };
  await addServicePrincipal(tx, servicePrincipalOf(application, place));
}

/**
 * Brings what an older Batten stored of Microsoft's own applications up to date, in every tenant: a
 * permission that came since then can be asked for, and an application that came is there. A service
 * principal that somebody deleted stays deleted.
 */
export async function renewFirstPartyApplications(
  tx: WriteTransaction,
  names: FirstPartyNames,
  random: Random,
  at: Instant,
): Promise<void> {
  for (const declared of firstPartyApplications(names, at)) {
    const known = await findApplicationByAppId(tx, declared.appId);
    if (known === undefined) {
      const added = await registered(tx, declared);
      for (const { tenantId } of await listTenants(tx)) {
        await addPrincipalOf(tx, tenantId, added, random, at);
      }
      continue;
    }
    const renewed = { ...declared, createdAt: known.createdAt };
    if (isDeepStrictEqual(plain(known), plain(renewed))) continue;
    const updated = await updateApplication(tx, renewed);
    if (isNameConflict(updated)) throw new Error(`${updated.value} is another application's`);
  }
}

/** As it is stored, where what is undefined is absent. */
function plain(application: Application): unknown {
  return JSON.parse(JSON.stringify(application));
}

async function registered(tx: WriteTransaction, declared: Application): Promise<Application> {
  const known = await findApplicationByAppId(tx, declared.appId);
  if (known !== undefined) return known;
  const added = await addApplication(tx, declared);
  if (isNameConflict(added)) throw new Error(`two first-party applications share ${added.value}`);
  return added;
}

function firstPartyApplications(names: FirstPartyNames, at: Instant): readonly Application[] {
  const declare = (appId: string, displayName: string, more: Partial<Application>): Application =>
    applicationOf({
      tenantId: microsoftTenantId,
      objectId: guidOfText(microsoftTenantId, appId),
      appId,
      displayName,
      createdAt: at,
      signInAudience: 'AzureADMultipleOrgs',
      ...more,
    });
  return [
    declare(firstPartyAppIds.graph, 'Microsoft Graph', {
      identifierUris: names.graph,
      appRoles: [...graphAppRoles, ...otherGraphAppRoles],
      oauth2PermissionScopes: [...graphDelegatedPermissions, ...otherGraphDelegatedPermissions],
    }),
    declare(firstPartyAppIds.arm, 'Windows Azure Service Management API', {
      identifierUris: names.arm,
      oauth2PermissionScopes: [
        impersonation('41094075-9dad-400e-a0bd-54e686782033', 'Azure Service Management'),
      ],
    }),
    declare(firstPartyAppIds.batch, 'Microsoft Azure Batch', {
      identifierUris: names.batch,
      // UNVERIFIED: the id of Azure Batch's user_impersonation; its service principal in a real tenant would settle it.
      oauth2PermissionScopes: [
        impersonation(guidOfText(firstPartyAppIds.batch, 'user_impersonation'), 'Azure Batch'),
      ],
    }),
    declare(firstPartyAppIds.directoryGraph, 'Windows Azure Active Directory', {
      identifierUris: names.directoryGraph,
      ...directoryGraphPermissions,
    }),
    declare(firstPartyAppIds.tokenExchange, 'AAD Token Exchange Endpoint', {
      identifierUris: tokenExchangeAudiences,
      requestedAccessTokenVersion: 2,
    }),
    declare(firstPartyAppIds.registrations, 'ADIbizaUX', {
      // UNVERIFIED: the id of this user_impersonation; the service principal in a real tenant would settle it.
      oauth2PermissionScopes: [
        impersonation(
          guidOfText(firstPartyAppIds.registrations, 'user_impersonation'),
          'ADIbizaUX',
        ),
      ],
    }),
    declare(firstPartyAppIds.azureCli, 'Microsoft Azure CLI', publicClient),
    declare(firstPartyAppIds.azurePowerShell, 'Microsoft Azure PowerShell', publicClient),
  ];
}

/** How the two command-line tools are registered: without a secret, with loopback redirect addresses. */
const publicClient: Partial<Application> = {
  isFallbackPublicClient: true,
  publicClientRedirectUris: [
    'http://localhost',
    'https://login.microsoftonline.com/common/oauth2/nativeclient',
  ],
};

function impersonation(id: string, service: string): DelegatedPermission {
  return {
    id,
    value: 'user_impersonation',
    type: 'User',
    isEnabled: true,
    adminConsentDisplayName: `Access ${service} as organization users`,
    adminConsentDescription: `Allows the application to access ${service} acting as users in the organization.`,
    userConsentDisplayName: `Access ${service} as you`,
    userConsentDescription: `Allows the application to access ${service} on your behalf.`,
  };
}
