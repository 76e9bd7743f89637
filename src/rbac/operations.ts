import { permissionOperations } from './permission.http.ts';
import { roleAssignmentOperations } from './role-assignment.http.ts';
import { roleDefinitionOperations } from './role-definition.http.ts';

/** Every ARM operation of Microsoft.Authorization. */
export const rbacOperations = [
  ...roleDefinitionOperations,
  ...roleAssignmentOperations,
  ...permissionOperations,
];
