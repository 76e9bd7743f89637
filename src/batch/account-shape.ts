import { cloudOf } from '#arm/dialect.ts';
import type { Reply } from '#http/operation.ts';
import { type HttpRequest, linkBase } from '#http/request.ts';
import { etagOf, httpDateOf } from '#kernel/instant.ts';
import type { BatchAccount } from './account.ts';

/**
 * Property order as recorded with 2024-02-01. What nothing stands behind (nodeManagementEndpoint)
 * is absent.
 */
export function accountJson(account: BatchAccount, request: HttpRequest): object {
  return {
    id: account.resourceId,
    name: account.name,
    type: 'Microsoft.Batch/batchAccounts',
    location: account.location,
    properties: {
      accountEndpoint: accountEndpoint(account, request),
      provisioningState: account.provisioningState,
      dedicatedCoreQuota: account.dedicatedCoreQuota,
      dedicatedCoreQuotaPerVMFamily: [],
      dedicatedCoreQuotaPerVMFamilyEnforced: false,
      lowPriorityCoreQuota: account.lowPriorityCoreQuota,
      poolQuota: account.poolQuota,
      activeJobAndJobScheduleQuota: account.activeJobAndJobScheduleQuota,
      poolAllocationMode: account.poolAllocationMode,
      publicNetworkAccess: 'Enabled',
      privateEndpointConnections: [],
      encryption: { keySource: 'Microsoft.Batch' },
      allowedAuthenticationModes: account.allowedAuthenticationModes,
    },
    identity: { type: 'None' },
    ...(Object.keys(account.tags).length === 0 ? {} : { tags: account.tags }),
  };
}

/** The account with its version: ARM quotes the ETag that Batch does not. */
export function accountReply(account: BatchAccount, request: HttpRequest): Reply {
  return {
    status: 200,
    headers: {
      ETag: `"${etagOf(account.lastModifiedAt)}"`,
      'Last-Modified': httpDateOf(account.lastModifiedAt),
    },
    json: accountJson(account, request),
  };
}

/**
 * Where the Batch service of an account answers, without a scheme: a host of Azure's, or a path of
 * this server.
 */
export function accountEndpoint(account: BatchAccount, request: HttpRequest): string {
  if (!request.reach.explicit) {
    return `${account.name}.${account.location}${cloudOf(request).batchSuffix}`;
  }
  const place = linkBase(request.reach).replace(/^https?:\/\//, '');
  return `${place}/batch/${account.name}`;
}
