import { fold } from '#kernel/ids.ts';
import { type ReadTransaction, statement, type WriteTransaction } from '#store/store.ts';
import { readLifetimeDefinition, type TokenLifetimePolicy } from './token-lifetime-policy.ts';

/** Stores a policy. False when the tenant already has another default and this one would be one. */
export async function addTokenLifetimePolicy(
  tx: WriteTransaction,
  policy: TokenLifetimePolicy,
): Promise<boolean> {
  if (await hasOtherDefault(tx, policy)) return false;
  const { tenantId, policyId } = policy;
  await tx.run(insertOne, fold(tenantId), fold(policyId), ...columnsOf(policy));
  return true;
}

/** Stores a changed policy. False when it would be a second default. */
export async function updateTokenLifetimePolicy(
  tx: WriteTransaction,
  policy: TokenLifetimePolicy,
): Promise<boolean> {
  if (await hasOtherDefault(tx, policy)) return false;
  const { tenantId, policyId } = policy;
  await tx.run(updateOne, ...columnsOf(policy), fold(tenantId), fold(policyId));
  return true;
}

/** Removes a policy and its assignments. False when there is none. */
export async function removeTokenLifetimePolicy(
  tx: WriteTransaction,
  tenantId: string,
  policyId: string,
): Promise<boolean> {
  const keys = [fold(tenantId), fold(policyId)] as const;
  await tx.run(deleteAssignments, ...keys);
  return (await tx.run(deleteOne, ...keys)) > 0;
}

/** The policy of a tenant with this id. */
export async function findTokenLifetimePolicy(
  tx: ReadTransaction,
  tenantId: string,
  policyId: string,
): Promise<TokenLifetimePolicy | undefined> {
  const row = await tx.one(selectOne, fold(tenantId), fold(policyId));
  return row === undefined ? undefined : policyOf(row);
}

/** The policies of a tenant in the order of their ids. */
export async function listTokenLifetimePolicies(
  tx: ReadTransaction,
  tenantId: string,
): Promise<readonly TokenLifetimePolicy[]> {
  return (await tx.all(selectAll, fold(tenantId))).map(policyOf);
}

/**
 * Assigns a policy to an application or a service principal. False when the object has one: Entra
 * allows one of a kind.
 */
export async function assignTokenLifetimePolicy(
  tx: WriteTransaction,
  tenantId: string,
  objectId: string,
  policyId: string,
): Promise<boolean> {
  const keys = [tenantId, objectId, policyId].map(fold);
  return (await tx.run(insertAssignment, ...keys)) > 0;
}

/** Takes a policy from an object. False when the object does not have it. */
export async function unassignTokenLifetimePolicy(
  tx: WriteTransaction,
  tenantId: string,
  objectId: string,
  policyId: string,
): Promise<boolean> {
  const keys = [tenantId, objectId, policyId].map(fold);
  return (await tx.run(deleteAssignment, ...keys)) > 0;
}

/** The policy that is assigned to an application or a service principal. */
export async function policyAssignedTo(
  tx: ReadTransaction,
  tenantId: string,
  objectId: string,
): Promise<TokenLifetimePolicy | undefined> {
  const row = await tx.one(selectAssigned, fold(tenantId), fold(objectId));
  return row === undefined ? undefined : policyOf(row);
}

/** Object ids of the applications and service principals that have a policy. */
export async function objectIdsWithPolicy(
  tx: ReadTransaction,
  tenantId: string,
  policyId: string,
): Promise<readonly string[]> {
  const rows = await tx.all(selectHolders, fold(tenantId), fold(policyId));
  return rows.map((row) => row.object_id);
}

/**
 * How long tokens for an application live in a tenant, in seconds: as its service principal's policy
 * says, else the tenant's default, else the application's own in its home tenant. Undefined when
 * nobody has said.
 * Source: https://learn.microsoft.com/entra/identity-platform/configurable-token-lifetimes#policy-evaluation-and-prioritization,
 * whose editions before 2023 also name the service principal.
 */
export async function policyLifetimeOf(
  tx: ReadTransaction,
  principal: { readonly tenantId: string; readonly objectId: string },
  application: { readonly tenantId: string; readonly objectId: string } | undefined,
): Promise<number | undefined> {
  const { tenantId, objectId } = principal;
  const home = application ?? principal;
  const rows = await tx.all(
    selectLifetimes,
    ...[tenantId, objectId, tenantId, home.tenantId, home.objectId],
  );
  return rows[0]?.lifetime_seconds;
}

async function hasOtherDefault(tx: ReadTransaction, policy: TokenLifetimePolicy): Promise<boolean> {
  if (!policy.isOrganizationDefault) return false;
  const holder = await tx.one(selectDefault, fold(policy.tenantId));
  return holder !== undefined && holder.policy_id !== fold(policy.policyId);
}

type PolicyRow = {
  tenant_id: string;
  policy_id: string;
  is_default: number;
  document: string;
};

function policyOf(row: PolicyRow): TokenLifetimePolicy {
  const { displayName, definition } = JSON.parse(row.document) as TokenLifetimePolicy;
  return {
    tenantId: row.tenant_id,
    policyId: row.policy_id,
    displayName,
    definition,
    isOrganizationDefault: row.is_default === 1,
  };
}

/** Default, lifetime, document. */
function columnsOf(policy: TokenLifetimePolicy) {
  const { displayName, definition, isOrganizationDefault } = policy;
  const lifetime = readLifetimeDefinition(definition)?.accessTokenSeconds ?? null;
  return [
    isOrganizationDefault ? 1 : 0,
    lifetime,
    JSON.stringify({ displayName, definition }),
  ] as const;
}

const insertOne = statement(
  'tokenLifetimePolicy.insert',
  `INSERT INTO token_lifetime_policy
     (tenant_id, policy_id, is_default, lifetime_seconds, document) VALUES (?, ?, ?, ?, ?)`,
);

const updateOne = statement(
  'tokenLifetimePolicy.update',
  `UPDATE token_lifetime_policy SET is_default = ?, lifetime_seconds = ?, document = ?
   WHERE tenant_id = ? AND policy_id = ?`,
);

const deleteOne = statement(
  'tokenLifetimePolicy.delete',
  'DELETE FROM token_lifetime_policy WHERE tenant_id = ? AND policy_id = ?',
);

const selectOne = statement<PolicyRow>(
  'tokenLifetimePolicy.select',
  `SELECT tenant_id, policy_id, is_default, document FROM token_lifetime_policy
   WHERE tenant_id = ? AND policy_id = ?`,
);

const selectAll = statement<PolicyRow>(
  'tokenLifetimePolicy.selectAll',
  `SELECT tenant_id, policy_id, is_default, document FROM token_lifetime_policy
   WHERE tenant_id = ? ORDER BY policy_id`,
);

const selectDefault = statement<{ policy_id: string }>(
  'tokenLifetimePolicy.selectDefault',
  'SELECT policy_id FROM token_lifetime_policy WHERE tenant_id = ? AND is_default = 1',
);

const insertAssignment = statement(
  'tokenLifetimePolicy.assign',
  `INSERT INTO token_lifetime_policy_assignment (tenant_id, object_id, policy_id)
   VALUES (?, ?, ?) ON CONFLICT DO NOTHING`,
);

const deleteAssignment = statement(
  'tokenLifetimePolicy.unassign',
  `DELETE FROM token_lifetime_policy_assignment
   WHERE tenant_id = ? AND object_id = ? AND policy_id = ?`,
);

const deleteAssignments = statement(
  'tokenLifetimePolicy.unassignAll',
  'DELETE FROM token_lifetime_policy_assignment WHERE tenant_id = ? AND policy_id = ?',
);

const selectAssigned = statement<PolicyRow>(
  'tokenLifetimePolicy.selectAssigned',
  `SELECT policy.tenant_id, policy.policy_id, is_default, document
   FROM token_lifetime_policy_assignment AS assigned
   JOIN token_lifetime_policy AS policy
     ON policy.tenant_id = assigned.tenant_id AND policy.policy_id = assigned.policy_id
   WHERE assigned.tenant_id = ? AND assigned.object_id = ?`,
);

const selectHolders = statement<{ object_id: string }>(
  'tokenLifetimePolicy.selectHolders',
  `SELECT object_id FROM token_lifetime_policy_assignment
   WHERE tenant_id = ? AND policy_id = ? ORDER BY object_id`,
);

const assignedLifetime = `SELECT lifetime_seconds FROM token_lifetime_policy_assignment AS assigned
   JOIN token_lifetime_policy AS policy
     ON policy.tenant_id = assigned.tenant_id AND policy.policy_id = assigned.policy_id
   WHERE assigned.tenant_id = ? AND object_id = ? AND lifetime_seconds IS NOT NULL`;

const selectLifetimes = statement<{ lifetime_seconds: number }>(
  'tokenLifetimePolicy.selectLifetimes',
  `SELECT lifetime_seconds FROM (
     SELECT 1 AS place, lifetime_seconds FROM (${assignedLifetime}) AS ofPrincipal
     UNION ALL
     SELECT 2, lifetime_seconds FROM token_lifetime_policy
       WHERE tenant_id = ? AND is_default = 1 AND lifetime_seconds IS NOT NULL
     UNION ALL
     SELECT 3, lifetime_seconds FROM (${assignedLifetime}) AS ofApplication
   ) AS candidate ORDER BY place`,
);
