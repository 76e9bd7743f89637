import type { Instant } from '#kernel/instant.ts';

/** How a Batch account lets callers authenticate. */
export type AuthenticationMode = 'SharedKey' | 'AAD' | 'TaskAuthenticationToken';

/** A Batch account: an ARM resource, and the owner of everything on the Batch surface. */
export interface BatchAccount {
  /** Name as written; unique in its folded form over the whole Batten, since it is a host name. */
  readonly name: string;
  readonly tenantId: string;
  readonly subscriptionId: string;
  readonly resourceGroup: string;
  readonly location: string;
  /** The ARM id, which is the resource scope of every Batch request. */
  readonly resourceId: string;
  readonly provisioningState: 'Creating' | 'Succeeded' | 'Deleting' | 'Failed';
  readonly allowedAuthenticationModes: readonly AuthenticationMode[];
  readonly poolAllocationMode: 'BatchService' | 'UserSubscription';
  readonly dedicatedCoreQuota: number;
  readonly lowPriorityCoreQuota: number;
  readonly poolQuota: number;
  readonly activeJobAndJobScheduleQuota: number;
  readonly tags: Readonly<Record<string, string>>;
  readonly createdAt: Instant;
  readonly lastModifiedAt: Instant;
}
