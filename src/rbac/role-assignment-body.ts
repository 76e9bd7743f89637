import { Type } from 'typebox';
import type { PrincipalType } from '#directory/caller.ts';
import { issuesOf } from '#http/validate.ts';
import type { Fault } from '#kernel/fault.ts';
import { fold, isGuid } from '#kernel/ids.ts';
import { rbacFaults } from './faults.ts';
import { roleDescriptionCharactersMax } from './role-definition-body.ts';

/** What a client says of an assignment. */
export interface AssignmentWish {
  /** GUID, folded. */
  readonly roleDefinitionId: string;
  /** GUID, folded. */
  readonly principalId: string;
  readonly principalType?: PrincipalType;
  readonly description?: string;
}

const text = Type.Optional(Type.Union([Type.String(), Type.Null()]));

const bodySchema = Type.Object({
  properties: Type.Object({
    roleDefinitionId: Type.String(),
    principalId: Type.String(),
    principalType: Type.Optional(
      Type.Union([
        Type.Literal('User'),
        Type.Literal('Group'),
        Type.Literal('ServicePrincipal'),
        Type.Null(),
      ]),
    ),
    description: text,
    condition: text,
    conditionVersion: text,
    delegatedManagedIdentityResourceId: text,
    canDelegate: Type.Optional(Type.Union([Type.Boolean(), Type.Null()])),
  }),
});

/**
 * Reads the body of a PUT of the assignment `name`. A condition is refused, since it would not be
 * evaluated; so is delegation.
 * Source: https://learn.microsoft.com/rest/api/authorization/role-assignments/create
 */
export function readAssignmentBody(name: string, body: unknown): AssignmentWish | Fault {
  if (!isGuid(name)) return rbacFaults.assignmentId(name);
  if (issuesOf(bodySchema, body).length > 0) return rbacFaults.badRequestFormat();
  const { properties } = body as Type.Static<typeof bodySchema>;
  const { principalId, principalType, description } = properties;
  if (isSaid(properties.condition)) return rbacFaults.notImplemented('properties.condition');
  if (properties.canDelegate === true) return rbacFaults.notImplemented('properties.canDelegate');
  if (isSaid(properties.delegatedManagedIdentityResourceId)) {
    return rbacFaults.notImplemented('properties.delegatedManagedIdentityResourceId');
  }
  const roleDefinitionId = roleIdIn(properties.roleDefinitionId);
  if (roleDefinitionId === undefined) return rbacFaults.badRequestFormat();
  if (!isGuid(principalId)) return rbacFaults.invalidPrincipalId(principalId);
  if ((description ?? '').length > roleDescriptionCharactersMax) {
    return rbacFaults.roleTextTooLong('description', roleDescriptionCharactersMax);
  }
  return {
    roleDefinitionId,
    principalId: fold(principalId),
    ...(principalType === undefined || principalType === null ? {} : { principalType }),
    ...(isSaid(description) ? { description } : {}),
  };
}

/** The GUID at the end of a role's full id; a bare GUID is no id. */
function roleIdIn(id: string): string | undefined {
  const folded = fold(id);
  const marker = '/providers/microsoft.authorization/roledefinitions/';
  const at = folded.lastIndexOf(marker);
  const guid = at < 0 ? '' : folded.slice(at + marker.length);
  return isGuid(guid) ? guid : undefined;
}

function isSaid(value: string | null | undefined): value is string {
  return value !== undefined && value !== null && value !== '';
}
