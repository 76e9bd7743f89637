import { type Call, operationsOf, type Reply } from '#http/operation.ts';
import type { QueryParameter } from '#http/target.ts';
import { isFault } from '#kernel/fault.ts';
import { faultAnswer } from './authorize-answer.ts';
import { authorizeParameters, authorizeRequestOf, firstFailure } from './authorize-request.ts';
import type { Anyone } from './dialect.ts';
import type { TokenEndpoint } from './grant.ts';
import { pageChecksOf, redirectChecksOf } from './hardened.ts';
import { readSignIn } from './read-sign-in.ts';
import { responseModeOf } from './response-type.ts';
import type { AuthorityRoom } from './room.ts';
import { shownCodes } from './sign-in.faults.ts';
import { noteInteractive } from './sign-in-record.ts';
import { firstReply, refusedPage } from './sign-in-reply.ts';

const operation = operationsOf<Anyone, AuthorityRoom>();

const authorize = {
  permission: 'anonymous',
  query: authorizeParameters,
  reply: { 200: 'stream', 302: 'empty' },
  source: 'https://learn.microsoft.com/entra/identity-platform/v2-oauth2-auth-code-flow',
} as const;

/** Where a browser begins a sign-in: by a link or by a form, v2, v1, and the path that begins with adfs. */
export const authorizeOperations = [
  operation({
    ...authorize,
    id: 'Authority_AuthorizeV2_GET',
    method: 'GET',
    path: '/{tenant}/oauth2/v2.0/authorize',
    handler: (call, room) => begin(call, room, 'v2', call.params.tenant, call.request.query),
  }),
  operation({
    ...authorize,
    id: 'Authority_AuthorizeV2_POST',
    method: 'POST',
    path: '/{tenant}/oauth2/v2.0/authorize',
    bodyKind: 'form',
    handler: (call, room) =>
      begin(call, room, 'v2', call.params.tenant, call.body as readonly QueryParameter[]),
  }),
  operation({
    ...authorize,
    id: 'Authority_AuthorizeV1_GET',
    method: 'GET',
    path: '/{tenant}/oauth2/authorize',
    handler: (call, room) => begin(call, room, 'v1', call.params.tenant, call.request.query),
  }),
  operation({
    ...authorize,
    id: 'Authority_AuthorizeV1_POST',
    method: 'POST',
    path: '/{tenant}/oauth2/authorize',
    bodyKind: 'form',
    handler: (call, room) =>
      begin(call, room, 'v1', call.params.tenant, call.body as readonly QueryParameter[]),
  }),
  operation({
    ...authorize,
    id: 'Authority_AuthorizeAdfs_GET',
    method: 'GET',
    path: '/adfs/oauth2/authorize',
    handler: (call, room) => begin(call, room, 'adfs', undefined, call.request.query),
  }),
  operation({
    ...authorize,
    id: 'Authority_AuthorizeAdfs_POST',
    method: 'POST',
    path: '/adfs/oauth2/authorize',
    bodyKind: 'form',
    handler: (call, room) =>
      begin(call, room, 'adfs', undefined, call.body as readonly QueryParameter[]),
  }),
];

/** Tenant and client, then the checks whose failure is a page, then those that are redirected. */
async function begin(
  { request: http }: Pick<Call<Anyone>, 'request'>,
  room: AuthorityRoom,
  endpoint: TokenEndpoint,
  tenantName: string | undefined,
  sent: readonly QueryParameter[],
): Promise<Reply> {
  const asked = await readSignIn(room, endpoint, tenantName, sent);
  if (isFault(asked)) return refusedPage(http, room, '', asked);
  const { parameters, application } = asked;
  const onPage = firstFailure(pageChecksOf(room.compat), asked);
  if (onPage !== undefined) return refusedPage(http, room, application.appId, onPage);
  const refused = firstFailure(redirectChecksOf(room.compat), asked);
  if (refused !== undefined) {
    if (shownCodes.has(refused.code)) return refusedPage(http, room, application.appId, refused);
    noteInteractive(room.recorder, http, application.appId, refused);
    const state = parameters.get('state');
    const address = {
      redirectUri: parameters.get('redirect_uri') ?? '',
      responseMode: responseModeOf(parameters),
      ...(state === undefined ? {} : { state }),
    };
    return faultAnswer(http, address, refused);
  }
  return firstReply(http, room, authorizeRequestOf(asked), asked.tenancy);
}
