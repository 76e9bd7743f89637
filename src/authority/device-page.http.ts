import { type Call, operationsOf, type Reply } from '#http/operation.ts';
import type { QueryParameter } from '#http/target.ts';
import { isFault } from '#kernel/fault.ts';
import { browserCookieOf } from './browser-cookie.ts';
import { unknownUserCode, userCodeExpired } from './device.faults.ts';
import type { StoredDeviceCode } from './device-code.store.ts';
import { deviceCodePage, devicePagePath } from './device-pages.ts';
import { deviceRequestOf, isDeviceRequest } from './device-request.ts';
import { declineDevice, findWaitingDevice } from './device-sign-in.ts';
import type { Anyone } from './dialect.ts';
import { limitPasswords } from './limits.ts';
import { newOpaqueText } from './opaque-text.ts';
import type { AuthorityRoom } from './room.ts';
import { newAttemptKey } from './sealed-attempt.ts';
import { attemptOver } from './sign-in.faults.ts';
import { type Outcome, type Sent, signInForm, submitted, tenancyOf } from './sign-in.http.ts';
import { accountsOffered } from './sign-in.ts';
import { noteInteractive } from './sign-in-record.ts';
import { refusedPage, signInReply } from './sign-in-reply.ts';
import { findSignedInUsers } from './sign-in-user.ts';

const operation = operationsOf<Anyone, AuthorityRoom>();

const source = 'https://learn.microsoft.com/entra/identity-platform/v2-oauth2-device-code';

/** Where a person types the code of a device, and says that it is hers. */
export const devicePageOperations = [
  operation({
    id: 'Authority_ShowDevicePage',
    method: 'GET',
    path: devicePagePath,
    permission: 'anonymous',
    reply: { 200: 'stream' },
    source,
    handler: async ({ request }) => deviceCodePage(request, ''),
  }),
  operation({
    ...signInForm,
    id: 'Authority_SubmitDeviceCode',
    path: devicePagePath,
    source,
    handler: submitCode,
  }),
  operation({
    ...signInForm,
    id: 'Authority_ConnectDevice',
    path: '/{tenant}/remoteconnect',
    source,
    handler: (call, room) => submitted(call, room, connect),
  }),
];

/**
 * Begins the sign-in that the code is for. A wrong code is said on the page, and counts as a wrong
 * password does.
 */
async function submitCode(call: Call<Anyone>, room: AuthorityRoom): Promise<Reply> {
  const { request: http } = call;
  const sent = (call.body as readonly QueryParameter[]).find(({ name }) => name === 'otc');
  const typed = sent?.value ?? '';
  const now = room.clock.civil();
  const isFound = (found: StoredDeviceCode | string) => typeof found !== 'string';
  const found = await limitPasswords(room.limits, http.remoteAddress, isFound, () =>
    room.store.read((tx) => findWaitingDevice(tx, typed, now)),
  );
  if (found === 'unknown' || found === 'expired') {
    const refused = found === 'expired' ? userCodeExpired() : unknownUserCode();
    noteInteractive(room.recorder, http, '', refused);
    return deviceCodePage(http, typed, found);
  }
  if (isFault(found)) return refusedPage(http, room, '', found);
  const request = deviceRequestOf(found);
  const key = newAttemptKey(browserCookieOf(http) ?? newOpaqueText(room.random), now);
  const attempt = { request };
  const step = { kind: 'device', remoteAddress: found.facts.remoteAddress } as const;
  return signInReply(http, room, request, { kind: 'page', key, attempt, step });
}

/** Goes on to the sign-in, where whoever is signed in is offered and never taken unasked. */
async function connect({ room, key, attempt, fields }: Sent): Promise<Outcome> {
  const { request } = attempt;
  if (!isDeviceRequest(request)) return attemptOver();
  const now = room.clock.civil();
  return room.store.write(async (tx): Promise<Outcome> => {
    if (fields.get('connect') !== '1') return declineDevice(tx, key, request, now);
    const tenancy = await tenancyOf(tx, attempt);
    const here = tenancy && (await findSignedInUsers(tx, key.cookie, tenancy, now));
    return here === undefined || here.length === 0
      ? { kind: 'page', key, attempt, step: { kind: 'userName' } }
      : accountsOffered(key, attempt, here);
  });
}
