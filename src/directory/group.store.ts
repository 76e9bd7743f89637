import { fold } from '#kernel/ids.ts';
import type { Instant } from '#kernel/instant.ts';
import type { JsonObject } from '#kernel/json.ts';
import { type ReadTransaction, statement, type WriteTransaction } from '#store/store.ts';
import { indexNames } from './object-name.store.ts';
import { removePrincipal } from './principal-removal.store.ts';

/**
 * A security group. Members are users, service principals and groups.
 * Source: https://learn.microsoft.com/graph/api/resources/group
 */
export interface Group {
  readonly tenantId: string;
  readonly objectId: string;
  readonly displayName: string;
  readonly description?: string;
  readonly mailNickname: string;
  readonly createdAt: Instant;
  /** Graph properties that are kept and read back and decide nothing, by their wire names. */
  readonly profile?: JsonObject;
}

/** Stores a group. Two groups of a tenant may have the same name, as in Entra. */
export async function addGroup(tx: WriteTransaction, basis: Group): Promise<Group> {
  const group = { ...basis, tenantId: fold(basis.tenantId), objectId: fold(basis.objectId) };
  await tx.run(insertGroup, group.tenantId, group.objectId, JSON.stringify(group));
  await indexNames(tx, 'group', group);
  return group;
}

/** Stores a changed group under its object id. */
export async function updateGroup(tx: WriteTransaction, group: Group): Promise<void> {
  await tx.run(updateDocument, JSON.stringify(group), group.tenantId, group.objectId);
  await indexNames(tx, 'group', group);
}

/** Removes a group with everything that names it in the directory. False when there is none. */
export async function deleteGroup(
  tx: WriteTransaction,
  tenantId: string,
  objectId: string,
): Promise<boolean> {
  const keys = [fold(tenantId), fold(objectId)] as const;
  if ((await tx.run(deleteOne, ...keys)) === 0) return false;
  await removePrincipal(tx, ...keys);
  return true;
}

/** The group of a tenant with this object id. */
export async function findGroup(
  tx: ReadTransaction,
  tenantId: string,
  objectId: string,
): Promise<Group | undefined> {
  const row = await tx.one(selectGroup, fold(tenantId), fold(objectId));
  return row === undefined ? undefined : (JSON.parse(row.document) as Group);
}

/** The groups of a tenant in the order of their object ids. */
export async function listGroups(tx: ReadTransaction, tenantId: string): Promise<readonly Group[]> {
  const rows = await tx.all(selectGroups, fold(tenantId));
  return rows.map((row) => JSON.parse(row.document) as Group);
}

/** Makes a principal a direct member. False when it already was. */
export async function addMember(
  tx: WriteTransaction,
  tenantId: string,
  groupId: string,
  memberId: string,
): Promise<boolean> {
  return (await tx.run(insertMember, fold(tenantId), fold(groupId), fold(memberId))) > 0;
}

/** Ends a direct membership. False when there was none. */
export async function removeMember(
  tx: WriteTransaction,
  tenantId: string,
  groupId: string,
  memberId: string,
): Promise<boolean> {
  return (await tx.run(deleteMember, fold(tenantId), fold(groupId), fold(memberId))) > 0;
}

/** Object ids of the direct members. */
export async function memberIdsOf(
  tx: ReadTransaction,
  tenantId: string,
  groupId: string,
): Promise<readonly string[]> {
  const rows = await tx.all(selectMembers, fold(tenantId), fold(groupId));
  return rows.map((row) => row.id);
}

/** Object ids of all members, through groups of groups; a group that contains itself ends the walk there. */
export async function transitiveMemberIdsOf(
  tx: ReadTransaction,
  tenantId: string,
  groupId: string,
): Promise<readonly string[]> {
  const rows = await tx.all(selectDown, fold(groupId), fold(tenantId));
  return rows.map((row) => row.id);
}

/** Object ids of the groups that a principal is a direct member of. */
export async function groupIdsOf(
  tx: ReadTransaction,
  tenantId: string,
  memberId: string,
): Promise<readonly string[]> {
  const rows = await tx.all(selectGroupsOf, fold(tenantId), fold(memberId));
  return rows.map((row) => row.id);
}

/** Object ids of all groups that a principal is in, directly or through groups. */
export async function transitiveGroupIdsOf(
  tx: ReadTransaction,
  tenantId: string,
  memberId: string,
): Promise<readonly string[]> {
  const rows = await tx.all(selectUp, fold(memberId), fold(tenantId));
  return rows.map((row) => row.id).filter((id) => id !== fold(memberId));
}

const insertGroup = statement(
  'group.insert',
  'INSERT INTO directory_group (tenant_id, object_id, document) VALUES (?, ?, ?)',
);

const updateDocument = statement(
  'group.update',
  'UPDATE directory_group SET document = ? WHERE tenant_id = ? AND object_id = ?',
);

const deleteOne = statement(
  'group.delete',
  'DELETE FROM directory_group WHERE tenant_id = ? AND object_id = ?',
);

const selectGroup = statement<{ document: string }>(
  'group.select',
  'SELECT document FROM directory_group WHERE tenant_id = ? AND object_id = ?',
);

const selectGroups = statement<{ document: string }>(
  'group.selectAll',
  'SELECT document FROM directory_group WHERE tenant_id = ? ORDER BY object_id',
);

const insertMember = statement(
  'group.insertMember',
  `INSERT INTO group_member (tenant_id, group_id, member_id) VALUES (?, ?, ?)
   ON CONFLICT DO NOTHING`,
);

const deleteMember = statement(
  'group.deleteMember',
  'DELETE FROM group_member WHERE tenant_id = ? AND group_id = ? AND member_id = ?',
);

const selectMembers = statement<{ id: string }>(
  'group.selectMembers',
  `SELECT member_id AS id FROM group_member WHERE tenant_id = ? AND group_id = ?
   ORDER BY member_id`,
);

const selectGroupsOf = statement<{ id: string }>(
  'group.selectGroupsOf',
  `SELECT group_id AS id FROM group_member WHERE tenant_id = ? AND member_id = ?
   ORDER BY group_id`,
);

/** UNION drops what was seen before, so a cycle of groups ends. */
const selectDown = statement<{ id: string }>(
  'group.selectDown',
  `WITH RECURSIVE walk (id) AS (
     SELECT ? UNION
     SELECT member_id FROM group_member JOIN walk ON group_id = walk.id WHERE tenant_id = ?)
   SELECT id FROM walk`,
);

const selectUp = statement<{ id: string }>(
  'group.selectUp',
  `WITH RECURSIVE walk (id) AS (
     SELECT ? UNION
     SELECT group_id FROM group_member JOIN walk ON member_id = walk.id WHERE tenant_id = ?)
   SELECT id FROM walk`,
);
