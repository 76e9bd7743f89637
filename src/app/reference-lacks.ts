import { unbuiltTokenTypes } from '#authority/on-behalf-of.ts';
import { readAccountBody } from '#batch/account-body.ts';
import { unsupportedApplicationNames } from '#graph/application-body.ts';
import { unsupportedFederatedNames } from '#graph/federated-credential-body.ts';
import { unsupportedGroupNames } from '#graph/group-body.ts';
import { keysAfter } from '#graph/key-credential.ts';
import { unsupportedServicePrincipalNames } from '#graph/service-principal-body.ts';
import { unsupportedUserNames } from '#graph/user-body.ts';
import { isFault } from '#kernel/fault.ts';
import type { JsonObject } from '#kernel/json.ts';
import { machineRandom } from '#kernel/random.ts';
import { readAssignmentBody } from '#rbac/role-assignment-body.ts';
import { judgeBatchProperties } from './reference-batch.ts';

/** What some operations of a surface are asked for and refuse with 501, though they answer otherwise. */
export interface Lack {
  readonly surface: string;
  readonly operationIds: readonly string[];
  /** Property of the body (`startTask`, `resourceFiles[].blobPrefix`), or `property: value`. */
  readonly what: string;
  readonly from?: string;
  readonly until?: string;
}

/** Everything of request bodies that answers 501: asked of the rooms' own readers, or listed by the rooms themselves. */
export function everyLack(): readonly Lack[] {
  return [
    ...tokenLacks(),
    ...graphLacks(),
    ...accountLacks(),
    ...assignmentLacks(),
    ...identityLacks,
    ...batchLacks(),
  ];
}

function tokenLacks(): readonly Lack[] {
  const operationIds = ['Authority_GetTokenV2', 'Authority_GetTokenV1', 'Authority_GetTokenAdfs'];
  return unbuiltTokenTypes.map((type) => ({
    surface: 'authority',
    operationIds,
    what: `requested_token_type: ${type}`,
  }));
}

const applicationWrites = ['applications_CreateApplication', 'applications_UpdateApplication'];
const servicePrincipalWrites = [
  'servicePrincipals_CreateServicePrincipal',
  'servicePrincipals_UpdateServicePrincipal',
];

const federatedWrites = [
  'applications_Create_federatedIdentityCredentials',
  'applications_Update_federatedIdentityCredentials',
];

const userWrites = ['users_CreateUser', 'users_UpdateUser', 'me_UpdateUser'];
const groupWrites = ['groups_CreateGroup', 'groups_UpdateGroup'];

function graphLacks(): readonly Lack[] {
  const writes = [
    [applicationWrites, [...unsupportedApplicationNames, ...keyLacks()]],
    [servicePrincipalWrites, [...unsupportedServicePrincipalNames, ...keyLacks()]],
    [federatedWrites, unsupportedFederatedNames],
    [userWrites, unsupportedUserNames],
    [groupWrites, unsupportedGroupNames],
  ] as const;
  return writes.flatMap(([operationIds, names]) =>
    names.map((what) => ({ surface: 'graph', operationIds, what })),
  );
}

/** Source: https://learn.microsoft.com/graph/api/resources/keycredential */
const keyWishes: Readonly<Record<string, { readonly type: string; readonly usage: string }>> = {
  'keyCredentials[].type: X509CertAndPassword': { type: 'X509CertAndPassword', usage: 'Verify' },
  'keyCredentials[].type: Symmetric': { type: 'Symmetric', usage: 'Verify' },
  'keyCredentials[].usage: Sign': { type: 'AsymmetricX509Cert', usage: 'Sign' },
  'keyCredentials[].usage: Verify': { type: 'AsymmetricX509Cert', usage: 'Verify' },
};

function keyLacks(): readonly string[] {
  const entries = Object.entries(keyWishes);
  const lacking = entries.filter(([, body]) => {
    const outcome = keysAfter([], [body], machineRandom());
    return 'problem' in outcome && outcome.problem === 'notImplemented';
  });
  return lacking.map(([what]) => what);
}

/**
 * What an account may be asked for beside what Azure does anyway, each in a body of its own.
 * Source: https://learn.microsoft.com/rest/api/batchmanagement/batch-account/create
 */
const accountWishes: Readonly<Record<string, JsonObject>> = {
  'properties.allowedAuthenticationModes': { allowedAuthenticationModes: ['AAD'] },
  'properties.autoStorage': { autoStorage: { storageAccountId: 'id' } },
  'properties.encryption': { encryption: { keySource: 'Microsoft.KeyVault' } },
  'properties.keyVaultReference': { keyVaultReference: { id: 'id', url: 'url' } },
  'properties.networkProfile': { networkProfile: { accountAccess: { defaultAction: 'Deny' } } },
  'properties.poolAllocationMode': {
    poolAllocationMode: 'UserSubscription',
    keyVaultReference: { id: 'id', url: 'url' },
  },
  'properties.publicNetworkAccess': { publicNetworkAccess: 'Disabled' },
};

function accountLacks(): readonly Lack[] {
  return Object.entries(accountWishes)
    .filter(([what, properties]) => lacks(readAccountBody({ properties }), what))
    .map(([what]) => ({
      surface: 'arm',
      operationIds: ['BatchAccount_Create', 'BatchAccount_Update'],
      what,
    }));
}

/** Source: https://learn.microsoft.com/rest/api/authorization/role-assignments/create */
const assignmentWishes: Readonly<Record<string, JsonObject>> = {
  'properties.canDelegate': { canDelegate: true },
  'properties.condition': { condition: 'true', conditionVersion: '2.0' },
  'properties.delegatedManagedIdentityResourceId': { delegatedManagedIdentityResourceId: 'id' },
  'properties.description': { description: 'text' },
};

function assignmentLacks(): readonly Lack[] {
  const guid = '00000000-0000-0000-0000-000000000000';
  const roleDefinitionId = `/providers/Microsoft.Authorization/roleDefinitions/${guid}`;
  return Object.entries(assignmentWishes)
    .filter(([what, wish]) => {
      const properties = { roleDefinitionId, principalId: guid, ...wish };
      return lacks(readAssignmentBody(guid, { properties }), what);
    })
    .map(([what]) => ({ surface: 'arm', operationIds: ['RoleAssignments_Create'], what }));
}

/**
 * Managed identities keep a closed list of properties; these are the others that Azure documents.
 * Source: https://learn.microsoft.com/azure/templates/microsoft.managedidentity/userassignedidentities
 */
const identityLacks: readonly Lack[] = [
  {
    surface: 'arm',
    operationIds: ['UserAssignedIdentities_CreateOrUpdate', 'UserAssignedIdentities_Update'],
    what: 'properties.isolationScope',
  },
  {
    surface: 'arm',
    operationIds: ['FederatedIdentityCredentials_CreateOrUpdate'],
    what: 'properties.claimsMatchingExpression',
  },
];

function lacks(outcome: object, what: string): boolean {
  return isFault(outcome) && outcome.status === 501 && outcome.target === what;
}

function batchLacks(): readonly Lack[] {
  return judgeBatchProperties()
    .filter(({ verdict }) => verdict === 'lacking')
    .map(({ path, verdict: _, ...rest }) => ({ surface: 'batch', what: path, ...rest }));
}
