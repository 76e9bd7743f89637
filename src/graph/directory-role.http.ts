import { Type } from 'typebox';
import type { Caller } from '#directory/caller.ts';
import {
  activateDirectoryRole,
  activeDirectoryRoleIds,
  assignDirectoryRole,
  directoryRoleMemberIdsOf,
  removeDirectoryRole,
} from '#directory/directory-role.store.ts';
import {
  allDirectoryRoles,
  type DirectoryRoleTemplate,
  directoryRoleObjectId,
  directoryRoleTemplate,
} from '#directory/directory-role.ts';
import type { Operation } from '#http/operation.ts';
import { type Fault, isFault } from '#kernel/fault.ts';
import { fold, sameName } from '#kernel/ids.ts';
import type { ReadTransaction } from '#store/store.ts';
import { directoryObject, directoryObjects } from './directory-object-wire.ts';
import { directoryRoleJson, directoryRoleTemplateJson } from './directory-role-wire.ts';
import { invalidValue, referenceExists, resourceNotFound } from './faults.ts';
import { directoryRoleActive, groupNotAssignableToRole } from './group.faults.ts';
import { entityReply, type Listed, listOptions, listReply } from './listing.ts';
import { mixedListReply } from './mixed-list.ts';
import { seenBy } from './object-view.ts';
import { may } from './permission.ts';
import { referenceBody, referencedId } from './reference.ts';
import { createdObject, noContent } from './reply.ts';
import { type GraphRoom, operation } from './room.ts';

const listed: Listed = {
  type: 'directoryRoles',
  resource: 'DirectoryRole',
  filterable: ['id', 'displayName', 'roleTemplateId'],
};

const listedTemplates: Listed = {
  type: 'directoryRoleTemplates',
  resource: 'DirectoryRoleTemplate',
  filterable: ['id', 'displayName'],
};

const actions = 'microsoft.directory/directoryRoles';
const reads = may(`${actions}/standard/read`);

const list = operation({
  id: 'directoryRoles_ListDirectoryRole',
  method: 'GET',
  path: '/{graphVersion}/directoryRoles',
  permission: reads,
  query: listOptions,
  reply: { 200: 'json' },
  source: 'https://learn.microsoft.com/graph/api/directoryrole-list',
  handler: async (call, { store }) => {
    const { tenantId } = call.caller;
    const active = await store.read((tx) => activeRoles(tx, tenantId));
    return listReply(
      call,
      listed,
      active.map((one) => directoryRoleJson(tenantId, one)),
    );
  },
});

const get = operation({
  id: 'directoryRoles_GetDirectoryRole',
  method: 'GET',
  path: '/{graphVersion}/directoryRoles/{roleKey}',
  permission: reads,
  query: ['$select'],
  reply: { 200: 'json' },
  source: 'https://learn.microsoft.com/graph/api/directoryrole-get',
  handler: async (call, { store }) => {
    const { tenantId } = call.caller;
    const found = await store.read((tx) => directoryRoleAt(tx, tenantId, call.params.roleKey));
    return isFault(found) ? found : entityReply(call, listed, directoryRoleJson(tenantId, found));
  },
});

const activate = operation({
  id: 'directoryRoles_CreateDirectoryRole',
  method: 'POST',
  path: '/{graphVersion}/directoryRoles',
  permission: may(`${actions}/create`),
  body: Type.Object(
    { '@odata.type': Type.Optional(Type.String()), roleTemplateId: Type.String() },
    { additionalProperties: false },
  ),
  reply: { 201: 'json' },
  source: 'https://learn.microsoft.com/graph/api/directoryrole-post-directoryroles',
  handler: async (call, { store }) => {
    const { tenantId } = call.caller;
    const template = directoryRoleTemplate(fold(call.body.roleTemplateId));
    if (template === undefined) return invalidValue('roleTemplateId', listed.resource);
    const refused = await store.write(async (tx) => {
      const isNew = await activateDirectoryRole(tx, tenantId, template.templateId);
      return isNew ? undefined : directoryRoleActive();
    });
    if (refused !== undefined) return refused;
    return createdObject(call, 'directoryRoles', directoryRoleJson(tenantId, template));
  },
});

const members = operation({
  id: 'directoryRoles_ListMembers',
  method: 'GET',
  path: '/{graphVersion}/directoryRoles/{roleKey}/members',
  permission: may(`${actions}/members/read`),
  query: listOptions,
  reply: { 200: 'json' },
  source: 'https://learn.microsoft.com/graph/api/directoryrole-list-members',
  handler: async (call, { store }) => {
    const { tenantId } = call.caller;
    const found = await store.read(async (tx) => {
      const role = await directoryRoleAt(tx, tenantId, call.params.roleKey);
      if (isFault(role)) return role;
      const ids = await directoryRoleMemberIdsOf(tx, tenantId, role.templateId);
      return directoryObjects(tx, tenantId, ids);
    });
    if (isFault(found)) return found;
    return mixedListReply(call, found.map((one) => one.json).map(seenBy(call.caller)));
  },
});

const addMemberReference = operation({
  id: 'directoryRoles_members_CreateRef',
  method: 'POST',
  path: '/{graphVersion}/directoryRoles/{roleKey}/members/$ref',
  permission: may(`${actions}/members/update`),
  body: referenceBody,
  reply: { 204: 'empty' },
  source: 'https://learn.microsoft.com/graph/api/directoryrole-post-members',
  handler: async ({ caller, body, params }, { store }) => {
    const { tenantId } = caller;
    const memberId = referencedId(body['@odata.id']);
    if (memberId === undefined) return invalidValue('@odata.id', 'DirectoryObject');
    const refused = await store.write(async (tx) => {
      const role = await directoryRoleAt(tx, tenantId, params.roleKey);
      if (isFault(role)) return role;
      const member = await directoryObject(tx, tenantId, memberId);
      if (member === undefined) return resourceNotFound(memberId);
      if (member.kind === 'group') return groupNotAssignableToRole();
      const added = await assignDirectoryRole(tx, tenantId, memberId, role.templateId);
      return added ? undefined : referenceExists('members');
    });
    return refused ?? noContent;
  },
});

const removeMemberReference = operation({
  id: 'directoryRoles_members_DeleteRef',
  method: 'DELETE',
  path: '/{graphVersion}/directoryRoles/{roleKey}/members/{memberKey}/$ref',
  permission: may(`${actions}/members/update`),
  reply: { 204: 'empty' },
  source: 'https://learn.microsoft.com/graph/api/directoryrole-delete-member',
  handler: async ({ caller, params }, { store }) => {
    const { tenantId } = caller;
    const refused = await store.write(async (tx) => {
      const role = await directoryRoleAt(tx, tenantId, params.roleKey);
      if (isFault(role)) return role;
      // The role stays active when its last member goes.
      await activateDirectoryRole(tx, tenantId, role.templateId);
      const removed = await removeDirectoryRole(tx, tenantId, params.memberKey, role.templateId);
      return removed ? undefined : resourceNotFound(params.memberKey);
    });
    return refused ?? noContent;
  },
});

const listTemplates = operation({
  id: 'directoryRoleTemplates_ListDirectoryRoleTemplate',
  method: 'GET',
  path: '/{graphVersion}/directoryRoleTemplates',
  permission: reads,
  query: listOptions,
  reply: { 200: 'json' },
  source: 'https://learn.microsoft.com/graph/api/directoryroletemplate-list',
  handler: (call) =>
    listReply(call, listedTemplates, allDirectoryRoles.map(directoryRoleTemplateJson)),
});

const getTemplate = operation({
  id: 'directoryRoleTemplates_GetDirectoryRoleTemplate',
  method: 'GET',
  path: '/{graphVersion}/directoryRoleTemplates/{templateKey}',
  permission: reads,
  query: ['$select'],
  reply: { 200: 'json' },
  source: 'https://learn.microsoft.com/graph/api/directoryroletemplate-get',
  handler: async (call) => {
    const { templateKey } = call.params;
    const template = directoryRoleTemplate(fold(templateKey));
    if (template === undefined) return resourceNotFound(templateKey);
    return entityReply(call, listedTemplates, directoryRoleTemplateJson(template));
  },
});

/** Operations of /directoryRoles and /directoryRoleTemplates. */
export const directoryRoleOperations: readonly Operation<Caller, GraphRoom>[] = [
  list,
  get,
  activate,
  members,
  addMemberReference,
  removeMemberReference,
  listTemplates,
  getTemplate,
];

async function activeRoles(
  tx: ReadTransaction,
  tenantId: string,
): Promise<readonly DirectoryRoleTemplate[]> {
  const active = await activeDirectoryRoleIds(tx, tenantId);
  return active.flatMap((templateId) => directoryRoleTemplate(templateId) ?? []);
}

/** The active directory role that a path names: by object id, or as `roleTemplateId='...'`. */
async function directoryRoleAt(
  tx: ReadTransaction,
  tenantId: string,
  segment: string,
): Promise<DirectoryRoleTemplate | Fault> {
  const alternate = /^roleTemplateId='(.*)'$/i.exec(segment)?.[1];
  const active = await activeRoles(tx, tenantId);
  const found = active.find(({ templateId }) =>
    alternate === undefined
      ? sameName(directoryRoleObjectId(tenantId, templateId), segment)
      : sameName(templateId, alternate),
  );
  return found ?? resourceNotFound(alternate ?? segment);
}
