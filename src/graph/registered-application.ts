import { STATUS_CODES } from 'node:http';
import type { Cloud } from '#cloud/cloud.ts';
import { firstPartyAppIds } from '#directory/first-party.ts';
import type { HttpRequest } from '#http/request.ts';
import type { Fault } from '#kernel/fault.ts';
import { isoOf } from '#kernel/instant.ts';
import type { JsonObject } from '#kernel/json.ts';

/** True for a request to the service behind the portal's pages of registered applications, which is not Graph's own. */
export function isOfRegistrations({ route }: HttpRequest): boolean {
  const [first = '', second = ''] = route.segments.map((one) => one.toLowerCase());
  return first === 'api' && second === 'registeredapplications';
}

/** True where a request goes to the host that it belongs to; an explicit address serves both. */
export function isAtItsHost(request: HttpRequest, clouds: readonly Cloud[]): boolean {
  const { explicit, host } = request.reach;
  const isRegistrationHost = clouds.some((one) => one.registrationHosts.includes(host));
  return explicit || isRegistrationHost === isOfRegistrations(request);
}

/** The audiences that a request's token may have: Graph's, or that service's own and no other. */
export function audiencesOf(request: HttpRequest, cloud: Cloud): readonly string[] {
  return isOfRegistrations(request)
    ? [firstPartyAppIds.registrations]
    : [...cloud.graphAudiences, firstPartyAppIds.graph];
}

/**
 * A refusal in the words of that service, which repeats what the directory told it.
 * Source: https://github.com/Azure/azure-cli/issues/16422, and scripts that keep the whole answer
 */
export function portalException(fault: Fault, request: HttpRequest): JsonObject {
  const { status, code, message } = fault;
  const reason = STATUS_CODES[status] ?? '';
  const clientRequestId = request.headers['x-ms-client-request-id'] ?? request.requestId;
  const told = {
    'odata.error': {
      code,
      message: { lang: 'en', value: message },
      requestId: request.requestId,
      date: isoOf(request.receivedAt).slice(0, 19),
    },
  };
  return {
    ClassName: 'Microsoft.Portal.Framework.Exceptions.ClientException',
    Message:
      `Graph call failed with httpCode=${reason.replaceAll(' ', '')}, errorCode=${code}, ` +
      `errorMessage=${message}, reason=${reason}, correlationId = ${clientRequestId}, ` +
      `response = ${JSON.stringify(told)}`,
    Data: {},
    HResult: -2_146_233_088,
    XMsServerRequestId: null,
    Source: null,
    HttpStatusCode: status,
    ClientData: {
      errorCode: code,
      localizedErrorDetails: { errorDetail: message },
      operationResults: null,
      timeStampUtc: isoOf(request.receivedAt),
      clientRequestId,
      internalTransactionId: request.requestId,
      exceptionType: 'AADGraphException',
    },
  };
}
