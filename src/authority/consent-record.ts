import type { ServicePrincipal } from '#directory/service-principal.store.ts';
import type { User } from '#directory/user.store.ts';
import type { HttpRequest } from '#http/request.ts';
import type { RecordedEvent } from '#record/record.ts';

/** A consent that was given. */
export interface GivenConsent {
  readonly user: User;
  readonly client: ServicePrincipal;
  readonly isForEverybody: boolean;
}

/**
 * The event of a consent in the log of changes to the directory, which Graph shows.
 * Source: https://learn.microsoft.com/entra/identity/monitoring-health/reference-audit-activities
 */
export function consentActivity(
  request: Pick<HttpRequest, 'requestId' | 'receivedReal' | 'remoteAddress'>,
  { user, client, isForEverybody }: GivenConsent,
): RecordedEvent {
  return {
    id: request.requestId,
    at: request.receivedReal,
    kind: 'activity',
    surface: 'graph',
    tenantId: user.tenantId,
    principalId: user.objectId,
    code: '',
    facts: {
      activity: 'Consent to application',
      category: 'ApplicationManagement',
      operationType: 'Assign',
      reason: isForEverybody ? 'for everybody' : 'for herself',
      principalType: 'User',
      principalName: user.userPrincipalName,
      ipAddress: request.remoteAddress,
      target: {
        type: 'ServicePrincipal',
        key: client.objectId,
        displayName: client.displayName,
      },
    },
  };
}
