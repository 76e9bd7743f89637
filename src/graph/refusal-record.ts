import type { Caller } from '#directory/caller.ts';
import type { AccessRequest } from '#http/operation.ts';
import type { HttpRequest } from '#http/request.ts';
import type { RecordedEvent } from '#record/record.ts';
import { requestDenied } from './faults.ts';

/** Who asked for what, and why she may not. */
export interface RefusedAccess {
  readonly caller: Caller;
  readonly operationId: string;
  readonly access: Pick<AccessRequest, 'action' | 'scope'>;
  readonly reason: string;
}

/** The event of a refusal that the rules of the directory decided, for what `batten why` will explain. */
export function refusalEvent(
  request: HttpRequest,
  { caller, operationId, access, reason }: RefusedAccess,
): RecordedEvent {
  const { action, scope } = access;
  return {
    id: request.requestId,
    at: request.receivedAt,
    kind: 'refusal',
    surface: 'graph',
    tenantId: caller.tenantId,
    principalId: caller.objectId,
    code: requestDenied('').code,
    facts: {
      operation: operationId,
      requests: [{ action, scope }],
      reason,
      appId: caller.appId,
      oauthScopes: caller.oauthScopes,
      appRoles: caller.appRoles,
      directoryRoleIds: caller.directoryRoleIds,
    },
  };
}
