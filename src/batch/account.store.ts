import { fold } from '#kernel/ids.ts';
import { type Instant, instant } from '#kernel/instant.ts';
import type { Random } from '#kernel/random.ts';
import type { Seal } from '#kernel/seal.ts';
import { type ReadTransaction, statement, type WriteTransaction } from '#store/store.ts';
import type { AuthenticationMode, BatchAccount } from './account.ts';

/** The two keys of an account, in base64. Either signs any request. */
export interface AccountKeys {
  readonly primary: string;
  readonly secondary: string;
}

/** Which of the two keys. */
export type AccountKeyName = keyof AccountKeys;

type AccountRow = {
  readonly name: string;
  readonly tenant_id: string;
  readonly subscription_id: string;
  readonly resource_group: string;
  readonly location: string;
  readonly authentication_modes: string;
  readonly dedicated_core_quota: number;
  readonly low_priority_core_quota: number;
  readonly pool_quota: number;
  readonly active_job_quota: number;
  readonly tags: string;
  readonly created_at: number;
  readonly last_modified_at: number;
};

const columns = `name, tenant_id, subscription_id, resource_group, location, authentication_modes,
  dedicated_core_quota, low_priority_core_quota, pool_quota, active_job_quota, tags,
  created_at, last_modified_at`;

const insert = statement(
  'batchAccount.insert',
  `INSERT INTO batch_account
     (name_folded, resource_group_folded, primary_key_sealed, secondary_key_sealed, ${columns})
   VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
);

const update = statement(
  'batchAccount.update',
  `UPDATE batch_account SET authentication_modes = ?, tags = ?, last_modified_at = ?
   WHERE name_folded = ?`,
);

const byName = statement<AccountRow>(
  'batchAccount.byName',
  `SELECT ${columns} FROM batch_account WHERE name_folded = ?`,
);

const ofSubscription = statement<AccountRow>(
  'batchAccount.ofSubscription',
  `SELECT ${columns} FROM batch_account WHERE subscription_id = ?
   ORDER BY resource_group_folded, name_folded`,
);

const ofGroup = statement<AccountRow>(
  'batchAccount.ofGroup',
  `SELECT ${columns} FROM batch_account WHERE subscription_id = ? AND resource_group_folded = ?
   ORDER BY name_folded`,
);

const countInRegion = statement<{ readonly many: number }>(
  'batchAccount.countInRegion',
  'SELECT count(*) AS many FROM batch_account WHERE subscription_id = ? AND location = ?',
);

const remove = statement('batchAccount.delete', 'DELETE FROM batch_account WHERE name_folded = ?');

const keysByName = statement<{
  readonly primary_key_sealed: string;
  readonly secondary_key_sealed: string;
}>(
  'batchAccount.keys',
  'SELECT primary_key_sealed, secondary_key_sealed FROM batch_account WHERE name_folded = ?',
);

const replaceKey = {
  primary: statement(
    'batchAccount.replacePrimary',
    'UPDATE batch_account SET primary_key_sealed = ? WHERE name_folded = ?',
  ),
  secondary: statement(
    'batchAccount.replaceSecondary',
    'UPDATE batch_account SET secondary_key_sealed = ? WHERE name_folded = ?',
  ),
};

/** Adds an account with two new keys. Throws when the name is taken. */
export async function addAccount(
  transaction: WriteTransaction,
  seal: Seal,
  random: Random,
  account: BatchAccount,
): Promise<void> {
  await transaction.run(
    insert,
    fold(account.name),
    fold(account.resourceGroup),
    newSealedKey(seal, random, account.name, 'primary'),
    newSealedKey(seal, random, account.name, 'secondary'),
    account.name,
    account.tenantId,
    account.subscriptionId,
    account.resourceGroup,
    account.location,
    JSON.stringify(account.allowedAuthenticationModes),
    account.dedicatedCoreQuota,
    account.lowPriorityCoreQuota,
    account.poolQuota,
    account.activeJobAndJobScheduleQuota,
    JSON.stringify(account.tags),
    account.createdAt,
    account.lastModifiedAt,
  );
}

/** Stores what a client may change of an account. */
export async function updateAccount(
  transaction: WriteTransaction,
  account: BatchAccount,
): Promise<void> {
  await transaction.run(
    update,
    JSON.stringify(account.allowedAuthenticationModes),
    JSON.stringify(account.tags),
    account.lastModifiedAt,
    fold(account.name),
  );
}

/** The account of a name in any case, in whatever tenant. */
export async function findAccount(
  transaction: ReadTransaction,
  name: string,
): Promise<BatchAccount | undefined> {
  const row = await transaction.one(byName, fold(name));
  return row === undefined ? undefined : accountOf(row);
}

/** The accounts of a subscription, or of one of its resource groups, by name. */
export async function listAccounts(
  transaction: ReadTransaction,
  subscriptionId: string,
  resourceGroup?: string,
): Promise<readonly BatchAccount[]> {
  const rows =
    resourceGroup === undefined
      ? await transaction.all(ofSubscription, fold(subscriptionId))
      : await transaction.all(ofGroup, fold(subscriptionId), fold(resourceGroup));
  return rows.map(accountOf);
}

/** How many accounts a subscription has in a region. */
export async function countAccounts(
  transaction: ReadTransaction,
  subscriptionId: string,
  location: string,
): Promise<number> {
  return (await transaction.one(countInRegion, fold(subscriptionId), location))?.many ?? 0;
}

/** Removes an account and its keys. What is in it is for others to remove. */
export async function deleteAccount(transaction: WriteTransaction, name: string): Promise<void> {
  await transaction.run(remove, fold(name));
}

/** The keys of an account, opened; undefined when there is no account of that name. */
export async function accountKeys(
  transaction: ReadTransaction,
  seal: Seal,
  name: string,
): Promise<AccountKeys | undefined> {
  const row = await transaction.one(keysByName, fold(name));
  if (row === undefined) return undefined;
  return {
    primary: seal.open(row.primary_key_sealed, sealContext(name, 'primary')),
    secondary: seal.open(row.secondary_key_sealed, sealContext(name, 'secondary')),
  };
}

/** Replaces one key; what the old one signs is refused from now on. */
export async function regenerateKey(
  transaction: WriteTransaction,
  seal: Seal,
  random: Random,
  name: string,
  keyName: AccountKeyName,
): Promise<void> {
  const sealed = newSealedKey(seal, random, name, keyName);
  await transaction.run(replaceKey[keyName], sealed, fold(name));
}

/** Length of an account key in bytes. */
const keyBytes = 64;

function newSealedKey(seal: Seal, random: Random, name: string, keyName: AccountKeyName): string {
  return seal.close(random.bytes(keyBytes).toString('base64'), sealContext(name, keyName));
}

function sealContext(name: string, keyName: AccountKeyName): string {
  return `account-key:${fold(name)}:${keyName}`;
}

/** What a new account is made of. */
export interface AccountPlace {
  readonly tenantId: string;
  readonly subscriptionId: string;
  readonly resourceGroup: string;
  readonly name: string;
  readonly location: string;
  readonly tags?: Readonly<Record<string, string>>;
  readonly allowedAuthenticationModes?: readonly AuthenticationMode[];
}

/** Every way to authenticate, in Azure's order. */
export const authenticationModes: readonly AuthenticationMode[] = [
  'SharedKey',
  'AAD',
  'TaskAuthenticationToken',
];

/**
 * An account with Azure's defaults. Quotas:
 * https://learn.microsoft.com/azure/batch/batch-quota-limit and the examples of the service's
 * specification.
 */
export function newAccount(place: AccountPlace, at: Instant): BatchAccount {
  return {
    name: place.name,
    tenantId: fold(place.tenantId),
    subscriptionId: fold(place.subscriptionId),
    resourceGroup: place.resourceGroup,
    location: place.location,
    resourceId: accountResourceId(place),
    provisioningState: 'Succeeded',
    allowedAuthenticationModes: place.allowedAuthenticationModes ?? authenticationModes,
    poolAllocationMode: 'BatchService',
    dedicatedCoreQuota: 20,
    lowPriorityCoreQuota: 20,
    poolQuota: 100,
    activeJobAndJobScheduleQuota: 300,
    tags: place.tags ?? {},
    createdAt: at,
    lastModifiedAt: at,
  };
}

/** The ARM id of an account. */
function accountResourceId(
  place: Pick<AccountPlace, 'subscriptionId' | 'resourceGroup' | 'name'>,
): string {
  const group = `/subscriptions/${fold(place.subscriptionId)}/resourceGroups/${place.resourceGroup}`;
  return `${group}/providers/Microsoft.Batch/batchAccounts/${place.name}`;
}

function accountOf(row: AccountRow): BatchAccount {
  const subscriptionId = row.subscription_id;
  const resourceGroup = row.resource_group;
  return {
    name: row.name,
    tenantId: row.tenant_id,
    subscriptionId,
    resourceGroup,
    location: row.location,
    resourceId: accountResourceId({ subscriptionId, resourceGroup, name: row.name }),
    provisioningState: 'Succeeded',
    allowedAuthenticationModes: JSON.parse(
      row.authentication_modes,
    ) as readonly AuthenticationMode[],
    poolAllocationMode: 'BatchService',
    dedicatedCoreQuota: row.dedicated_core_quota,
    lowPriorityCoreQuota: row.low_priority_core_quota,
    poolQuota: row.pool_quota,
    activeJobAndJobScheduleQuota: row.active_job_quota,
    tags: JSON.parse(row.tags) as Readonly<Record<string, string>>,
    createdAt: instant(row.created_at),
    lastModifiedAt: instant(row.last_modified_at),
  };
}
