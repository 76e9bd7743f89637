import type { Caller } from '#directory/caller.ts';
import type { Operation } from '#http/operation.ts';
import { queryValue } from '#http/target.ts';
import { isFault } from '#kernel/fault.ts';
import { resourceNotFound } from './faults.ts';
import { may } from './permission.ts';
import { refusalEvent } from './refusal-record.ts';
import { administratorsOnly, consentForOneLacking } from './registered-application.faults.ts';
import { noContent } from './reply.ts';
import { type GraphRoom, operation } from './room.ts';

const operationId = 'RegisteredApplications_Consent';
const action = 'microsoft.directory/servicePrincipals/managePermissionGrantsForAll';
const reason = 'the user may not consent to all that the application asks for';

/**
 * Where `az ad app permission admin-consent` consents to all that a registration asks for, in the name of its whole tenant.
 * Source: https://learn.microsoft.com/cli/azure/ad/app/permission (admin-consent), with the address in azure-cli's `role/custom.py`
 * UNVERIFIED: the status of success, and that an unknown application is refused as Graph does; az prints neither.
 */
const consent = operation({
  id: operationId,
  method: 'POST',
  path: '/api/RegisteredApplications/{appId}/Consent',
  permission: may(action),
  query: ['onBehalfOfAll'],
  reply: { 204: 'empty' },
  source: 'https://learn.microsoft.com/cli/azure/ad/app/permission',
  handler: async ({ caller, params, request, scope }, room) => {
    const isForAll = queryValue(request.query, 'onBehalfOfAll')?.toLowerCase() === 'true';
    if (!isForAll) return consentForOneLacking();
    const { tenantId, objectId: userId } = caller;
    const { appId } = params;
    const outcome = await room.consentForAll({ tenantId, userId, appId }, request);
    if (isFault(outcome)) return outcome;
    switch (outcome) {
      case 'given':
        return noContent;
      case 'unknownApplication':
        return resourceNotFound(appId);
      case 'notAllowed': {
        const refused = { caller, operationId, access: { action, scope }, reason };
        room.note(refusalEvent(request, refused));
        return administratorsOnly(reason);
      }
    }
  },
});

/** Operations of the service behind the portal's pages of registered applications. */
export const registeredApplicationOperations: readonly Operation<Caller, GraphRoom>[] = [consent];
