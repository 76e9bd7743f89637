import { scopeFault } from '#arm/scope-fault.ts';
import { armSurface } from '#arm/surface.ts';
import { accountContentDeletion } from '#batch/account-content.ts';
import { accountKind } from '#batch/account-kind.ts';
import { accountOperations } from '#batch/account-operations.ts';
import { bind } from '#http/operation.ts';
import type { Surface } from '#http/pipeline.ts';
import { identityKind } from '#identity/resource-kind.ts';
import { identityOperations } from '#identity/resource-operations.ts';
import { rbacOperations } from '#rbac/operations.ts';
import type { RoomParts } from './surfaces.ts';

/** Resource Manager with what the rooms above it put behind it: their operations, and their types of resource. */
export function resourceManager(parts: RoomParts): Surface {
  const onAccountDeleted = accountContentDeletion(parts);
  return armSurface({
    ...parts,
    operations: [
      ...bind(rbacOperations, { ...parts, scopeFault }),
      ...bind(accountOperations, { ...parts, onAccountDeleted }),
      ...bind(identityOperations, parts),
    ],
    resourceKinds: [accountKind(onAccountDeleted), identityKind],
  });
}
