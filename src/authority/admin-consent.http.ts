import { type Call, operationsOf, type Reply } from '#http/operation.ts';
import { isFault } from '#kernel/fault.ts';
import type { AdminConsentRequest } from './admin-consent-request.ts';
import { type AskedSignIn, firstFailure, tenancyCheck } from './authorize-request.ts';
import type { Anyone } from './dialect.ts';
import { pageChecksOf } from './hardened.ts';
import { readSignIn } from './read-sign-in.ts';
import { readScope } from './requested-permissions.ts';
import type { AuthorityRoom } from './room.ts';
import { firstReply, refusedPage } from './sign-in-reply.ts';

const operation = operationsOf<Anyone, AuthorityRoom>();

const adminConsent = {
  method: 'GET',
  permission: 'anonymous',
  query: ['client_id', 'redirect_uri', 'state', 'scope'],
  reply: { 200: 'stream', 302: 'empty' },
  source: 'https://learn.microsoft.com/entra/identity-platform/v2-admin-consent',
} as const;

/** Where an administrator is sent to consent for everybody, in today's form and in the older one. */
export const adminConsentOperations = [
  operation({
    ...adminConsent,
    id: 'Authority_GrantAdminConsent',
    path: '/{tenant}/v2.0/adminconsent',
    handler: (call, room) => begin(call, room, 'v2'),
  }),
  operation({
    ...adminConsent,
    id: 'Authority_GrantAdminConsentV1',
    path: '/{tenant}/adminconsent',
    handler: (call, room) => begin(call, room, 'v1'),
  }),
];

/** Whatever is wrong is a page: only what an administrator decides is sent to the application. */
async function begin(
  { request: http, params }: Call<Anyone, 'tenant'>,
  room: AuthorityRoom,
  endpoint: 'v1' | 'v2',
): Promise<Reply> {
  const asked = await readSignIn(room, endpoint, params.tenant, http.query);
  if (isFault(asked)) return refusedPage(http, room, '', asked);
  const { appId } = asked.application;
  const scope = endpoint === 'v2' ? readScope(asked.parameters.get('scope')) : undefined;
  const refused =
    firstFailure([...pageChecksOf(room.compat), tenancyCheck], asked) ??
    (isFault(scope) ? scope : undefined);
  if (refused !== undefined) return refusedPage(http, room, appId, refused);
  return firstReply(http, room, requestOf(asked, endpoint), asked.tenancy);
}

function requestOf(
  { tenantName, application, parameters }: AskedSignIn,
  endpoint: 'v1' | 'v2',
): AdminConsentRequest {
  const state = parameters.get('state');
  return {
    isAdminConsent: true,
    endpoint,
    tenantName,
    clientId: application.appId,
    redirectUri: parameters.get('redirect_uri') ?? '',
    responseMode: 'query',
    scope: endpoint === 'v2' ? (parameters.get('scope') ?? '') : '',
    ...(state === undefined ? {} : { state }),
  };
}
