import type { Cloud } from '#cloud/cloud.ts';
import type { Guard } from '#guard/authorize.ts';
import { type CrossOriginRules, openToOtherOrigins } from '#http/cross-origin.ts';
import { bind } from '#http/operation.ts';
import { type Surface, surfaceOf } from '#http/pipeline.ts';
import type { Clock } from '#kernel/clock.ts';
import type { Log } from '#kernel/log.ts';
import type { Random } from '#kernel/random.ts';
import type { EventReader, Recorder } from '#record/record.ts';
import type { Store } from '#store/store.ts';
import { withoutActionNamespace } from './action-segment.ts';
import { appRoleAssignmentOperations } from './app-role-assignment.http.ts';
import { applicationOperations } from './application.http.ts';
import { auditLogOperations } from './audit-log.http.ts';
import { batchOperations } from './batch.http.ts';
import { withoutCastSegment } from './cast-segment.ts';
import { credentialOperations } from './credential.http.ts';
import { deletedItemOperations } from './deleted-item.http.ts';
import { deletedItemListOperations } from './deleted-item-list.http.ts';
import { graphDialect } from './dialect.ts';
import { directoryObjectOperations } from './directory-object.http.ts';
import { directoryRoleOperations } from './directory-role.http.ts';
import { domainOperations } from './domain.http.ts';
import { federatedCredentialOperations } from './federated-credential.http.ts';
import { groupOperations } from './group.http.ts';
import { groupReferenceOperations } from './group-reference.http.ts';
import { groupWriteOperations } from './group-write.http.ts';
import { keyOperations } from './key.http.ts';
import { membershipOperations } from './membership.http.ts';
import { objectReferenceOperations } from './object-reference.http.ts';
import { withKeySegments } from './odata-key.ts';
import { organizationOperations } from './organization.http.ts';
import { ownerOperations } from './owner.http.ts';
import { permissionGrantOperations } from './permission-grant.http.ts';
import { policyHolderOperations } from './policy-holder.http.ts';
import { registeredApplicationOperations } from './registered-application.http.ts';
import type { CheckPassword, ConsentForAll, GraphRoom } from './room.ts';
import { servicePrincipalOperations } from './service-principal.http.ts';
import { signInSessionOperations } from './sign-in-session.http.ts';
import { withStorableText } from './storable-text.ts';
import { withoutTenantSegment } from './tenant-segment.ts';
import { tokenLifetimePolicyOperations } from './token-lifetime-policy.http.ts';
import { unbuiltOperations } from './unbuilt.http.ts';
import { userOperations } from './user.http.ts';
import { userWriteOperations } from './user-write.http.ts';
import { userInfoOperations } from './userinfo.http.ts';

export interface GraphSurfaceParts {
  readonly guard: Guard;
  readonly store: Store;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  readonly clouds: readonly Cloud[];
  readonly checkPassword: CheckPassword;
  readonly consentForAll: ConsentForAll;
  /** Takes what Graph's own rule decides, and shows what all rooms noted; the guard records refused tokens. */
  readonly recorder: Recorder & EventReader;
}

const singleOperations = [
  ...applicationOperations,
  ...servicePrincipalOperations,
  ...credentialOperations,
  ...keyOperations,
  ...federatedCredentialOperations,
  ...ownerOperations,
  ...appRoleAssignmentOperations,
  ...permissionGrantOperations,
  ...userOperations,
  ...userWriteOperations,
  ...signInSessionOperations,
  ...groupOperations,
  ...groupWriteOperations,
  ...groupReferenceOperations,
  ...objectReferenceOperations,
  ...directoryObjectOperations,
  ...membershipOperations,
  ...directoryRoleOperations,
  ...deletedItemListOperations,
  ...deletedItemOperations,
  ...organizationOperations,
  ...auditLogOperations,
  ...domainOperations,
  ...tokenLifetimePolicyOperations,
  ...policyHolderOperations,
  ...userInfoOperations,
  ...registeredApplicationOperations,
  ...unbuiltOperations,
];

/** Every operation of Graph that Batten declares, for the surface, its documents and the parity table. */
export const graphOperations = [
  ...singleOperations.map(withStorableText),
  // Each request of a batch comes back as one of those above.
  ...batchOperations,
];

/**
 * Microsoft Graph over the directory: /v1.0 and /beta, in every enabled cloud; with it the one operation of the portal's own service
 * that az calls.
 */
export function graphSurface(parts: GraphSurfaceParts): Surface {
  const { guard, store, clock, random, log, clouds, recorder } = parts;
  const { checkPassword, consentForAll } = parts;
  const dialect = graphDialect({ guard, store, recorder, clouds });
  const room: GraphRoom = {
    ...{ store, clock, random, events: recorder, checkPassword, consentForAll },
    note: (event) => recorder.note(event),
    dispatch: (request) => keyed.handle(request),
    refuse: (fault, request) => dialect.spell(fault, request),
  };
  const surface = surfaceOf({ dialect, operations: bind(graphOperations, room), log });
  const keyed: Surface = {
    ...surface,
    handle: (request) => {
      const own = withoutTenantSegment(request);
      const named = withoutActionNamespace({ ...own, route: withKeySegments(own.route) });
      return surface.handle(withoutCastSegment(named));
    },
  };
  return openToOtherOrigins(keyed, crossOriginRules);
}

/** Single-page applications call Graph from their own origin. */
const crossOriginRules: CrossOriginRules = {
  methods: ['GET', 'POST', 'PATCH', 'PUT', 'DELETE'],
  exposed: ['ETag', 'Location', 'request-id', 'client-request-id', 'WWW-Authenticate'],
};
