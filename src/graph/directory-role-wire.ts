import { directoryRoleIdsOf } from '#directory/directory-role.store.ts';
import {
  type DirectoryRoleTemplate,
  directoryRoleObjectId,
  directoryRoleTemplate,
} from '#directory/directory-role.ts';
import type { JsonObject } from '#kernel/json.ts';
import type { ReadTransaction } from '#store/store.ts';

/** A directory role as an object of a tenant. Source: https://learn.microsoft.com/graph/api/resources/directoryrole */
export function directoryRoleJson(tenantId: string, template: DirectoryRoleTemplate): JsonObject {
  return {
    id: directoryRoleObjectId(tenantId, template.templateId),
    deletedDateTime: null,
    description: template.description,
    displayName: template.displayName,
    roleTemplateId: template.templateId,
  };
}

/** A directory role as every tenant could have it. */
export function directoryRoleTemplateJson(template: DirectoryRoleTemplate): JsonObject {
  return {
    id: template.templateId,
    deletedDateTime: null,
    description: template.description,
    displayName: template.displayName,
  };
}

/** The directory roles that any of some principals hold, with their type, as lists of mixed objects show them. */
export async function directoryRolesOf(
  tx: ReadTransaction,
  tenantId: string,
  principalIds: readonly string[],
): Promise<readonly JsonObject[]> {
  const held = await directoryRoleIdsOf(tx, tenantId, principalIds);
  return held.flatMap((templateId) => {
    const template = directoryRoleTemplate(templateId);
    if (template === undefined) return [];
    return [
      { '@odata.type': '#microsoft.graph.directoryRole', ...directoryRoleJson(tenantId, template) },
    ];
  });
}
