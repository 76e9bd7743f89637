import type { ServicePrincipal } from '#directory/service-principal.store.ts';
import type { User } from '#directory/user.store.ts';
import type { HttpRequest } from '#http/request.ts';
import type { RecordedEvent } from '#record/record.ts';

/** A consent that was given. */
export interface GivenConsent {
  readonly user: User;
  /** The applications that were consented to: the client, and with it the APIs that name it as known. */
  readonly applications: readonly ServicePrincipal[];
  readonly isForEverybody: boolean;
}

/**
 * The events of a consent in the log of changes to the directory, which Graph shows: one for each
 * application.
 * Source: https://learn.microsoft.com/entra/identity/monitoring-health/reference-audit-activities
 */
export function consentActivities(
  request: ConsentingRequest,
  given: GivenConsent,
): readonly RecordedEvent[] {
  return given.applications.map((one) => activityOf(request, given, one));
}

/** What of a request stands in the log of a consent. */
export type ConsentingRequest = Pick<HttpRequest, 'requestId' | 'receivedAt' | 'remoteAddress'>;

function activityOf(
  request: ConsentingRequest,
  { user, isForEverybody }: GivenConsent,
  application: ServicePrincipal,
): RecordedEvent {
  return {
    id: request.requestId,
    at: request.receivedAt,
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
        key: application.objectId,
        displayName: application.displayName,
      },
    },
  };
}
