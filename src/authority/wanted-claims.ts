import { appRoleAssignmentsTo } from '#directory/app-role-assignment.store.ts';
import type { Application, OptionalClaim, OptionalClaims } from '#directory/application.ts';
import { directoryRoleIdsOf } from '#directory/directory-role.store.ts';
import { firstPartyAppIds, microsoftTenantId } from '#directory/first-party.ts';
import { findGroup, transitiveGroupIdsOf } from '#directory/group.store.ts';
import type { ServicePrincipal } from '#directory/service-principal.store.ts';
import type { ReadTransaction } from '#store/store.ts';

/**
 * What a token says beside the usual claims, because the application that it is for asks for it in
 * its registration: the resource for access tokens, the client for id tokens.
 */
export interface WantedClaims {
  readonly optional: readonly OptionalClaim[];
  /** The groups of a user, by object id or name; absent when the application wants none. */
  readonly groups?: readonly string[];
  /** `wids`; absent when the application does not want it. */
  readonly directoryRoleIds?: readonly string[];
}

/** Who a token is about, as far as groups and roles go. */
export interface TokenHolder {
  readonly tenantId: string;
  readonly objectId: string;
  readonly isUser: boolean;
}

/** The part of a registration that decides it. */
export type ClaimSettings = Pick<Application, 'optionalClaims' | 'groupMembershipClaims'>;

/** Stands in `wids` of every member. Seen in tokens of users that people pasted in public. */
const memberRoleId = 'b79fbf4d-3ef9-4689-8143-76b194e85509';
/** Stands in `wids` of every application. Seen in app-only tokens of Microsoft Graph. */
const applicationRoleId = '0997a1d0-0d1d-4acb-b408-d5ca73121e90';

/**
 * Reads what an application wants in tokens of a kind, and what of it its tenant knows about the
 * holder. `principal` stands for the application in the tenant.
 * Source: https://learn.microsoft.com/entra/identity-platform/optional-claims
 */
export async function readWantedClaims(
  tx: ReadTransaction,
  principal: ServicePrincipal,
  application: ClaimSettings | undefined,
  kind: 'accessToken' | 'idToken',
  holder: TokenHolder,
): Promise<WantedClaims> {
  const settings = isMicrosofts(principal) ? microsoftsSettings(principal) : (application ?? {});
  const optional = settings.optionalClaims?.[kind] ?? [];
  const kinds = (settings.groupMembershipClaims ?? '').split(',').map((one) => one.trim());
  const wants = (...names: readonly string[]) => names.some((name) => kinds.includes(name));
  const { tenantId, objectId, isUser } = holder;
  const wantsGroups = isUser && wants('All', 'SecurityGroup', 'ApplicationGroup');
  const wantsRoles = wants('All', 'DirectoryRole') && (isUser || !isResourceManager(principal));
  if (!wantsGroups && !wantsRoles) return { optional };
  const groupIds = await transitiveGroupIdsOf(tx, tenantId, objectId);
  const groups = wants('ApplicationGroup')
    ? await assignedGroups(tx, principal, groupIds, optional)
    : groupIds;
  const held = wantsRoles ? await directoryRoleIdsOf(tx, tenantId, [objectId, ...groupIds]) : [];
  const directoryRoleIds = [...held, isUser ? memberRoleId : applicationRoleId];
  return {
    optional,
    ...(wantsGroups ? { groups } : {}),
    ...(wantsRoles ? { directoryRoleIds } : {}),
  };
}

/** The recorded app-only token of Resource Manager has no `wids`. */
function isResourceManager({ appId }: ServicePrincipal): boolean {
  return appId === firstPartyAppIds.arm;
}

/** True for an application that Microsoft registered. */
export function isMicrosofts({ appOwnerTenantId }: ServicePrincipal): boolean {
  return appOwnerTenantId === microsoftTenantId;
}

const idtyp: OptionalClaim = {
  name: 'idtyp',
  essential: false,
  additionalProperties: ['include_user_token'],
};
const capabilities: OptionalClaim = { name: 'xms_cc', essential: false, additionalProperties: [] };
const tenantAge: OptionalClaim = {
  name: 'xms_tcdt',
  essential: false,
  additionalProperties: [],
};

/** What tokens for Microsoft's own resources always say: recorded for Resource Manager. */
const microsoftsOptional: OptionalClaims = {
  accessToken: [idtyp, capabilities, tenantAge],
  idToken: [],
  saml2Token: [],
};

/** UNVERIFIED: those of Azure Batch, of whose tokens none is public. */
const microsoftsGroups: ReadonlyMap<string, string> = new Map([
  [firstPartyAppIds.arm, 'SecurityGroup, DirectoryRole'],
  [firstPartyAppIds.graph, 'DirectoryRole'],
]);

function microsoftsSettings({ appId }: ServicePrincipal): ClaimSettings {
  const groupMembershipClaims = microsoftsGroups.get(appId);
  return {
    optionalClaims: microsoftsOptional,
    ...(groupMembershipClaims === undefined ? {} : { groupMembershipClaims }),
  };
}

/**
 * Those of the groups that are assigned to the application: by id, or by name when it asks for
 * `cloud_displayname`.
 */
async function assignedGroups(
  tx: ReadTransaction,
  { tenantId, objectId }: ServicePrincipal,
  groupIds: readonly string[],
  optional: readonly OptionalClaim[],
): Promise<readonly string[]> {
  const assignments = await appRoleAssignmentsTo(tx, tenantId, objectId);
  const assigned = new Set(assignments.map(({ principalId }) => principalId));
  const ids = groupIds.filter((id) => assigned.has(id));
  const variant = optional.find(({ name }) => name === 'groups')?.additionalProperties ?? [];
  if (!variant.includes('cloud_displayname')) return ids;
  const groups = await Promise.all(ids.map((id) => findGroup(tx, tenantId, id)));
  return groups.flatMap((group) => (group === undefined ? [] : [group.displayName]));
}
