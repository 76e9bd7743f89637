import { findApplicationByAppId } from '#directory/application.store.ts';
import type { Application } from '#directory/application.ts';
import { type Call, operationsOf, type Reply } from '#http/operation.ts';
import { queryValue } from '#http/target.ts';
import type { ReadTransaction } from '#store/store.ts';
import { signedOutPage } from './answer-page.ts';
import { browserCookieOf, clearedCookieHeader } from './browser-cookie.ts';
import type { Anyone } from './dialect.ts';
import { parseToken } from './json-web-signature.ts';
import { redirectKindOf } from './redirect-uri.ts';
import type { AuthorityRoom } from './room.ts';
import { findSignInSession, removeSignInSession } from './sign-in-session.store.ts';

const operation = operationsOf<Anyone, AuthorityRoom>();

const logout = {
  method: 'GET',
  permission: 'anonymous',
  query: ['post_logout_redirect_uri', 'id_token_hint', 'client_id', 'state'],
  reply: { 200: 'stream', 302: 'empty' },
  source:
    'https://learn.microsoft.com/entra/identity-platform/v2-protocols-oidc#send-a-sign-out-request',
} as const;

/** Where a browser signs out. */
export const logoutOperations = [
  operation({
    ...logout,
    id: 'Authority_LogoutV2',
    path: '/{tenant}/oauth2/v2.0/logout',
    handler: (call, room) => signOut(call, room),
  }),
  operation({
    ...logout,
    id: 'Authority_LogoutV1',
    path: '/{tenant}/oauth2/logout',
    handler: (call, room) => signOut(call, room),
  }),
];

/**
 * Ends the session of the browser; it goes on only to an address of the application that is named,
 * else of one that she signed in to.
 */
async function signOut({ request }: Call<Anyone>, room: AuthorityRoom): Promise<Reply> {
  const cookie = browserCookieOf(request);
  const asked = queryValue(request.query, 'post_logout_redirect_uri');
  const hint = queryValue(request.query, 'id_token_hint');
  const clientId = clientOfHint(hint) ?? queryValue(request.query, 'client_id');
  const now = room.clock.civil();
  const isKnown = await room.store.write(async (tx) => {
    const session = cookie === undefined ? undefined : await findSignInSession(tx, cookie, now);
    const named = clientId === undefined ? (session?.clientIds ?? []) : [clientId];
    const candidates = await applicationsOf(tx, named);
    if (cookie !== undefined) await removeSignInSession(tx, cookie);
    return candidates.some(
      (one) => asked !== undefined && redirectKindOf(one, asked) !== undefined,
    );
  });
  const headers = { 'Set-Cookie': clearedCookieHeader() };
  if (!isKnown || asked === undefined) {
    const page = signedOutPage(request);
    return { ...page, headers: { ...page.headers, ...headers } };
  }
  const state = queryValue(request.query, 'state');
  const query = state === undefined ? '' : `state=${encodeURIComponent(state)}`;
  const separator = query === '' ? '' : asked.includes('?') ? '&' : '?';
  return { status: 302, headers: { ...headers, Location: `${asked}${separator}${query}` } };
}

/** Whom the hint was issued to. It only picks whose addresses count, so nothing is verified. */
function clientOfHint(hint: string | undefined): string | undefined {
  const audience = hint === undefined ? undefined : parseToken(hint)?.claims['aud'];
  return typeof audience === 'string' ? audience : undefined;
}

async function applicationsOf(
  tx: ReadTransaction,
  clientIds: readonly string[],
): Promise<readonly Application[]> {
  const found: Application[] = [];
  for (const clientId of clientIds) {
    const application = await findApplicationByAppId(tx, clientId);
    if (application !== undefined) found.push(application);
  }
  return found;
}
