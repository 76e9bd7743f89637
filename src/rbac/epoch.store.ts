import { type ReadTransaction, statement, type WriteTransaction } from '#store/store.ts';

const selectEpoch = statement<{ readonly epoch: number }>(
  'rbacEpoch.select',
  'SELECT epoch FROM rbac_epoch WHERE tenant_id = ?',
);

const advance = statement(
  'rbacEpoch.advance',
  `INSERT INTO rbac_epoch (tenant_id, epoch) VALUES (?, 1)
   ON CONFLICT (tenant_id) DO UPDATE SET epoch = rbac_epoch.epoch + 1`,
);

/** The number of the tenant's present policy; zero before its first change. */
export async function policyEpoch(transaction: ReadTransaction, tenantId: string): Promise<number> {
  return (await transaction.one(selectEpoch, tenantId))?.epoch ?? 0;
}

/**
 * Tells every reader that the tenant's policy is another one, in the transaction that changes it.
 */
export async function advancePolicyEpoch(
  transaction: WriteTransaction,
  tenantId: string,
): Promise<void> {
  await transaction.run(advance, tenantId);
}
