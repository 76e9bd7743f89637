import type { Seal } from '#kernel/seal.ts';
import { type ReadTransaction, statement, type WriteTransaction } from '#store/store.ts';

/** The identity that `up` makes ready: what a person needs to call Batten without setting anything up. */
export interface ReadyIdentity {
  readonly tenantId: string;
  /** Default domain of the tenant. */
  readonly domain: string;
  readonly applicationName: string;
  readonly clientId: string;
  readonly clientSecret: string;
  readonly userPrincipalName?: string;
  readonly password?: string;
  readonly subscriptionId: string;
  readonly resourceGroup: string;
  readonly location: string;
  readonly batchAccount: string;
}

const sealContext = 'ready-identity';

/** Stores the ready identity, sealed as a whole. */
export async function keepReadyIdentity(
  tx: WriteTransaction,
  seal: Seal,
  identity: ReadyIdentity,
): Promise<void> {
  await tx.run(insert, seal.close(JSON.stringify(identity), sealContext));
}

/** The ready identity; undefined when the folder has none. */
export async function findReadyIdentity(
  tx: ReadTransaction,
  seal: Seal,
): Promise<ReadyIdentity | undefined> {
  const row = await tx.one(select);
  if (row === undefined) return undefined;
  return JSON.parse(seal.open(row.sealed, sealContext)) as ReadyIdentity;
}

const insert = statement(
  'readyIdentity.insert',
  'INSERT INTO ready_identity (only_one, sealed) VALUES (1, ?)',
);

const select = statement<{ sealed: string }>(
  'readyIdentity.select',
  'SELECT sealed FROM ready_identity',
);
