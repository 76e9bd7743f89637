import { cloudOf } from '#arm/dialect.ts';
import type { Reply } from '#http/operation.ts';
import { type HttpRequest, linkBase } from '#http/request.ts';
import { resourceIdentityJson } from '#identity/resource-identity-wire.ts';
import { etagOf, httpDateOf } from '#kernel/instant.ts';
import type { JsonObject } from '#kernel/json.ts';
import type { ReadTransaction } from '#store/store.ts';
import type { BatchAccount } from './account.ts';

/** An account with its identities as ARM shows them. */
export interface ShownAccount {
  readonly account: BatchAccount;
  readonly identity: JsonObject;
}

/** Reads what an account's answer shows beside the account itself. */
export async function shownAccount(
  transaction: ReadTransaction,
  account: BatchAccount,
): Promise<ShownAccount> {
  return { account, identity: await resourceIdentityJson(transaction, account.resourceId) };
}

/**
 * Property order as recorded with 2024-02-01. What nothing stands behind (nodeManagementEndpoint)
 * is absent.
 */
export function accountJson({ account, identity }: ShownAccount, request: HttpRequest): object {
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
    identity,
    ...(Object.keys(account.tags).length === 0 ? {} : { tags: account.tags }),
  };
}

/** The account with its version: ARM quotes the ETag that Batch does not. */
export function accountReply(shown: ShownAccount, request: HttpRequest): Reply {
  const { account } = shown;
  return {
    status: 200,
    headers: {
      ETag: `"${etagOf(account.lastModifiedAt)}"`,
      'Last-Modified': httpDateOf(account.lastModifiedAt),
    },
    json: accountJson(shown, request),
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
