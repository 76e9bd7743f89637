import type { Caller } from '#directory/caller.ts';
import type { PlaneAction } from '#http/operation.ts';
import { type Fault, fault } from '#kernel/fault.ts';

const recorded = { evidence: 'recorded' } as const;
const documented = { evidence: 'documented' } as const;
const unverified = { evidence: 'unverified' } as const;

/**
 * Refused because of another resource than the one asked for: an assignable scope of a role, for
 * example.
 * Source: https://learn.microsoft.com/azure/role-based-access-control/troubleshooting
 */
export function linkedAuthorizationFailed(
  caller: Caller,
  granted: PlaneAction & { readonly scope: string },
  missing: PlaneAction,
  linkedScope: string,
): Fault {
  return fault(
    403,
    'LinkedAuthorizationFailed',
    `The client '${caller.displayName}' with object id '${caller.objectId}' has permission to perform action '${granted.action}' on scope '${granted.scope}'; however, it does not have permission to perform action '${missing.action}' on the linked scope(s) '${linkedScope}' or the linked scope(s) are invalid.`,
    { ...documented, headers: { 'x-ms-failure-cause': 'gateway' } },
  );
}

/**
 * The refusals of Microsoft.Authorization. Texts are recorded answers unless another evidence
 * stands beside them.
 */
export const rbacFaults = {
  badRequestFormat: (): Fault =>
    fault(400, 'BadRequestFormat', 'The request was incorrectly formatted.', documented),

  assignmentExists: (): Fault =>
    fault(409, 'RoleAssignmentExists', 'The role assignment already exists.', recorded),

  assignmentUpdate: (): Fault =>
    fault(
      409,
      'RoleAssignmentUpdateNotPermitted',
      'Tenant ID, application ID, principal ID, and scope are not allowed to be updated.',
      documented,
    ),

  // UNVERIFIED: status and text.
  assignmentId: (name: string): Fault =>
    fault(
      400,
      'InvalidRoleAssignmentId',
      `The role assignment ID '${name}' is not valid. The role assignment ID must be a GUID.`,
      unverified,
    ),

  assignmentNotFound: (name: string): Fault =>
    fault(404, 'RoleAssignmentNotFound', `The role assignment '${name}' is not found.`, unverified),

  // UNVERIFIED: status and code; the text is documented.
  lastOwner: (): Fault =>
    fault(
      400,
      'LastRbacAdminAssignmentCannotBeDeleted',
      'Cannot delete the last RBAC admin assignment',
      unverified,
    ),

  assignmentLimit: (): Fault =>
    fault(
      400,
      'RoleAssignmentLimitExceeded',
      'No more role assignments can be created',
      documented,
    ),

  /**
   * The principal is printed without its dashes; clients retry on this while a new principal
   * spreads.
   */
  principalNotFound: (principalId: string, tenantId: string): Fault =>
    fault(
      400,
      'PrincipalNotFound',
      `Principal ${principalId.replaceAll('-', '')} does not exist in the directory ${tenantId}.`,
      recorded,
    ),

  invalidPrincipalId: (principalId: string): Fault =>
    fault(
      400,
      'InvalidPrincipalId',
      `The Principal ID '${principalId}' is not valid. Principal ID must be a GUID.`,
      documented,
    ),

  /** "PrinciaplType" is Azure's spelling. */
  unmatchedPrincipalType: (principalId: string, actual: string, specified: string): Fault =>
    fault(
      400,
      'UnmatchedPrincipalType',
      `The PrincipalId '${principalId}' has type '${actual}' , which is different from specified PrinciaplType '${specified}'.`,
      documented,
    ),

  roleNotFound: (id: string): Fault =>
    fault(
      404,
      'RoleDefinitionDoesNotExist',
      `The specified role definition with ID '${id}' does not exist.`,
      recorded,
    ),

  invalidRoleId: (id: string): Fault =>
    fault(400, 'InvalidRoleDefinitionId', `The role definition ID '${id}' is not valid.`, recorded),

  roleNameMissing: (): Fault =>
    fault(
      400,
      'RoleDefinitionNameNullOrEmpty',
      'A role definition must have a non-empty, unique name.',
      recorded,
    ),

  roleNameTaken: (): Fault =>
    fault(
      409,
      'RoleDefinitionWithSameNameExists',
      'A custom role with the same name already exists in this directory. Use a different name.',
      documented,
    ),

  // UNVERIFIED: status and text of names and descriptions that are too long.
  roleTextTooLong: (what: string, charactersMax: number): Fault =>
    fault(
      400,
      'RoleDefinitionInvalid',
      `The role definition ${what} exceeds the maximum length of ${charactersMax} characters.`,
      unverified,
    ),

  roleType: (id: string, type: string): Fault =>
    fault(
      400,
      'InvalidRoleDefinitionType',
      `The role definition '${id}' request is not valid. The Role definition type value '${type}' is not supported. The supported values are 'CustomRole'.`,
      recorded,
    ),

  roleIsBuiltIn: (): Fault =>
    fault(
      409,
      'RoleDefinitionExists',
      'The role definition ID is already in use by a built-in role.',
      recorded,
    ),

  scopesMissing: (id: string): Fault =>
    fault(
      400,
      'MissingAssignableScopes',
      `The role definition '${id}' request is not valid. The role definition must have at least one assignable scope.`,
      unverified,
    ),

  // UNVERIFIED: code and text for an assignable scope that is no subscription, group or resource.
  scopeNotAssignable: (scope: string): Fault =>
    fault(
      400,
      'InvalidAssignableScope',
      `The assignable scope '${scope}' is not valid. It must be a subscription, a resource group or a resource that exists, without a wildcard.`,
      unverified,
    ),

  tooManyScopes: (limit: number): Fault =>
    fault(
      400,
      'AssignableScopesLimitExceeded',
      `A role definition has at most ${limit} assignable scopes.`,
      unverified,
    ),

  /** The whole role is refused: nothing of it is kept. */
  invalidAction: (action: string): Fault =>
    fault(
      400,
      'InvalidActionOrNotAction',
      `'${action}' does not match any of the actions supported by the providers.`,
      documented,
    ),

  roleLimit: (limit: number): Fault =>
    fault(
      400,
      'RoleDefinitionLimitExceeded',
      `Role definition limit exceeded. No more than ${limit} custom roles can be created.`,
      documented,
    ),

  roleIsAssigned: (): Fault =>
    fault(
      400,
      'RoleDefinitionHasAssignments',
      'There are existing role assignments referencing role (code: RoleDefinitionHasAssignments)',
      documented,
    ),

  roleNotAssignableHere: (roleId: string, scope: string): Fault =>
    fault(
      400,
      'RoleAssignmentScopeNotAssignableToRoleDefinition',
      `The role definition '${roleId}' cannot be assigned at scope '${scope}': it is not within the assignable scopes of the role definition.`,
      documented,
    ),

  // UNVERIFIED: text; Azure names a filter it cannot read in several ways.
  unsupportedFilter: (filter: string): Fault =>
    fault(400, 'UnsupportedQuery', `The filter '${filter}' is not supported.`, unverified),

  providerNotFound: (namespace: string): Fault =>
    fault(404, 'ProviderNotFound', `Provider '${namespace}' not found.`, recorded),

  /** A property that Batten lacks is refused by name rather than kept and not obeyed. */
  notImplemented: (property: string): Fault =>
    fault(501, 'NotImplemented', `Batten does not have this yet: ${property}.`, {
      target: property,
    }),
};
