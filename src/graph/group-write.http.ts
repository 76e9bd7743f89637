import type { Caller } from '#directory/caller.ts';
import { deleteObject } from '#directory/deleted-object.store.ts';
import {
  addGroup,
  addMember,
  type Group,
  removeMember,
  updateGroup,
} from '#directory/group.store.ts';
import { addOwner } from '#directory/owner.store.ts';
import type { Operation, Permission } from '#http/operation.ts';
import { type Fault, isFault } from '#kernel/fault.ts';
import { isJsonObject, type Json } from '#kernel/json.ts';
import type { WriteTransaction } from '#store/store.ts';
import { directoryObject, groupJson } from './directory-object-wire.ts';
import { invalidValue, referenceExists, resourceNotFound } from './faults.ts';
import { mailEnabledGroup } from './group.faults.ts';
import { groupAt } from './group.http.ts';
import {
  type GroupChangeBody,
  groupChangeBody,
  groupProfileNames,
  newGroupBody,
} from './group-body.ts';
import { otherId } from './own-id.ts';
import { createsAsOwner, may } from './permission.ts';
import { referenceBody, referencedId } from './reference.ts';
import { createdObject, noContent } from './reply.ts';
import { type GraphRoom, operation } from './room.ts';

const actions = 'microsoft.directory/groups';

const membersBind = 'members@odata.bind';

/** Members that are added with a change need the right to add members; the other properties need theirs. */
const changes: Permission = {
  documented: [
    { action: `${actions}/basic/update`, plane: 'control' },
    { action: `${actions}/members/update`, plane: 'control' },
  ],
  requests: ({ body, scope }) => {
    const names = isJsonObject(body) ? Object.keys(body) : [];
    const binds = names.includes(membersBind);
    const isMore =
      names.length === 0 || names.some((name) => name !== membersBind && name !== 'id');
    return [
      ...(isMore ? [{ action: `${actions}/basic/update`, plane: 'control' as const, scope }] : []),
      ...(binds ? [{ action: `${actions}/members/update`, plane: 'control' as const, scope }] : []),
    ];
  },
};

const create = operation({
  id: 'groups_CreateGroup',
  method: 'POST',
  path: '/{graphVersion}/groups',
  permission: may(`${actions}/create`),
  body: newGroupBody,
  reply: { 201: 'json' },
  source: 'https://learn.microsoft.com/graph/api/group-post-groups',
  handler: async (call, room) => {
    const { caller, body } = call;
    if (!isSecurityGroup(body)) return mailEnabledGroup();
    const { tenantId } = caller;
    const basis: Group = {
      tenantId,
      objectId: room.random.guid(),
      displayName: body.displayName,
      mailNickname: body.mailNickname,
      createdAt: room.clock.civil(),
    };
    const group = changedGroup(basis, body);
    const refused = await room.store.write(async (tx) => {
      await addGroup(tx, group);
      if (createsAsOwner(caller, `${actions}/create`)) {
        await addOwner(tx, tenantId, group.objectId, caller.objectId);
      }
      const unowned = await addEach(body['owners@odata.bind'], 'owners', async (id) => {
        const owner = await directoryObject(tx, tenantId, id);
        if (owner === undefined || owner.kind === 'group') return resourceNotFound(id);
        // The creator may name herself.
        await addOwner(tx, tenantId, group.objectId, id);
        return undefined;
      });
      return unowned ?? addMembers(tx, group, body[membersBind]);
    });
    if (refused !== undefined) return refused;
    return createdObject(call, 'groups', groupJson(group));
  },
});

const update = operation({
  id: 'groups_UpdateGroup',
  method: 'PATCH',
  path: '/{graphVersion}/groups/{groupKey}',
  permission: changes,
  body: groupChangeBody,
  reply: { 204: 'empty' },
  source: 'https://learn.microsoft.com/graph/api/group-update',
  handler: async ({ caller, body, params }, { store }) => {
    if (!isSecurityGroup(body)) return mailEnabledGroup();
    const refused = await store.write(async (tx) => {
      const found = await groupAt(tx, caller.tenantId, params.groupKey);
      if (isFault(found)) return found;
      const refused = otherId(body, found);
      if (refused !== undefined) return refused;
      await updateGroup(tx, changedGroup(found, body));
      return addMembers(tx, found, body[membersBind]);
    });
    return refused ?? noContent;
  },
});

const remove = operation({
  id: 'groups_DeleteGroup',
  method: 'DELETE',
  path: '/{graphVersion}/groups/{groupKey}',
  permission: may(`${actions}/delete`),
  reply: { 204: 'empty' },
  source: 'https://learn.microsoft.com/graph/api/group-delete',
  handler: async ({ caller, params }, { store, clock }) => {
    const at = clock.civil();
    const refused = await store.write(async (tx) => {
      const object = await groupAt(tx, caller.tenantId, params.groupKey);
      if (isFault(object)) return object;
      await deleteObject(tx, { kind: 'group', object }, at);
      return undefined;
    });
    return refused ?? noContent;
  },
});

const addMemberReference = operation({
  id: 'groups_members_CreateRef',
  method: 'POST',
  path: '/{graphVersion}/groups/{groupKey}/members/$ref',
  permission: may(`${actions}/members/update`),
  body: referenceBody,
  reply: { 204: 'empty' },
  source: 'https://learn.microsoft.com/graph/api/group-post-members',
  handler: async ({ caller, body, params }, { store }) => {
    const refused = await store.write(async (tx) => {
      const group = await groupAt(tx, caller.tenantId, params.groupKey);
      return isFault(group) ? group : addMembers(tx, group, [body['@odata.id']]);
    });
    return refused ?? noContent;
  },
});

const removeMemberReference = operation({
  id: 'groups_members_DeleteRef',
  method: 'DELETE',
  path: '/{graphVersion}/groups/{groupKey}/members/{memberKey}/$ref',
  permission: may(`${actions}/members/update`),
  reply: { 204: 'empty' },
  source: 'https://learn.microsoft.com/graph/api/group-delete-members',
  handler: async ({ caller, params }, { store }) => {
    const { tenantId } = caller;
    const refused = await store.write(async (tx) => {
      const group = await groupAt(tx, tenantId, params.groupKey);
      if (isFault(group)) return group;
      const removed = await removeMember(tx, tenantId, group.objectId, params.memberKey);
      return removed ? undefined : resourceNotFound(params.memberKey);
    });
    return refused ?? noContent;
  },
});

/** What changes /groups: making, changing and deleting them, and who is in them. */
export const groupWriteOperations: readonly Operation<Caller, GraphRoom>[] = [
  create,
  update,
  remove,
  addMemberReference,
  removeMemberReference,
];

/** A group that Batten keeps: it opens doors and has no mailbox. */
function isSecurityGroup({ mailEnabled, securityEnabled }: GroupChangeBody): boolean {
  return mailEnabled !== true && securityEnabled !== false;
}

/** Adds users, groups and service principals to a group. A group may be in itself through others: every walk ends. */
function addMembers(
  tx: WriteTransaction,
  { tenantId, objectId }: Group,
  links: readonly string[] | undefined,
): Promise<Fault | undefined> {
  return addEach(links, 'members', async (id) => {
    if ((await directoryObject(tx, tenantId, id)) === undefined) return resourceNotFound(id);
    const added = await addMember(tx, tenantId, objectId, id);
    return added ? undefined : referenceExists('members');
  });
}

/** Adds what each link names; the first refusal ends it. */
async function addEach(
  links: readonly string[] | undefined,
  property: string,
  add: (objectId: string) => Promise<Fault | undefined>,
): Promise<Fault | undefined> {
  for (const link of links ?? []) {
    const id = referencedId(link);
    if (id === undefined) return invalidValue(property, 'Group');
    const refused = await add(id);
    if (refused !== undefined) return refused;
  }
  return undefined;
}

/** The group after a change; properties that are not mentioned stay, null takes one away. */
function changedGroup(group: Group, body: GroupChangeBody): Group {
  const { description, ...rest } = group;
  const text = body.description === undefined ? description : (body.description ?? undefined);
  const profile: Record<string, Json> = {};
  for (const name of groupProfileNames) {
    const wanted = body[name as keyof GroupChangeBody] as Json | undefined;
    const value = wanted === undefined ? group.profile?.[name] : wanted;
    if (value !== undefined && value !== null) profile[name] = value;
  }
  return {
    ...rest,
    displayName: body.displayName ?? rest.displayName,
    mailNickname: body.mailNickname ?? rest.mailNickname,
    ...(text === undefined ? {} : { description: text }),
    profile,
  };
}
