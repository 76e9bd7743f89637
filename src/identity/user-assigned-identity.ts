import { fold } from '#kernel/ids.ts';
import type { Instant } from '#kernel/instant.ts';

/** The type of the resource. */
export const identityType = 'Microsoft.ManagedIdentity/userAssignedIdentities';

/** A user-assigned managed identity: an ARM resource whose service principal signs in without a secret. */
export interface UserAssignedIdentity {
  /** Folded. */
  readonly tenantId: string;
  /** Folded. */
  readonly subscriptionId: string;
  readonly resourceGroup: string;
  readonly name: string;
  readonly location: string;
  readonly tags: Readonly<Record<string, string>>;
  /** Application id of its service principal. */
  readonly clientId: string;
  /** Object id of its service principal. */
  readonly principalId: string;
  readonly createdAt: Instant;
  readonly changedAt: Instant;
}

/** Where an identity stands: what its ARM id is made of. */
export type IdentityAddress = Pick<
  UserAssignedIdentity,
  'subscriptionId' | 'resourceGroup' | 'name'
>;

/** The ARM id, with `resourcegroups` in lower case as this provider spells it (recorded). */
export function identityResourceId({
  subscriptionId,
  resourceGroup,
  name,
}: IdentityAddress): string {
  return `/subscriptions/${fold(subscriptionId)}/resourcegroups/${resourceGroup}/providers/${identityType}/${name}`;
}

/**
 * True when a text can name an identity.
 * Source: https://learn.microsoft.com/azure/azure-resource-manager/management/resource-name-rules#microsoftmanagedidentity
 */
export function isIdentityName(name: string): boolean {
  return /^[a-z0-9][a-z0-9_-]{2,127}$/i.test(name);
}
