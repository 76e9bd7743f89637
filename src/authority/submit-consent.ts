import { findTenant } from '#directory/tenant.store.ts';
import { isFault } from '#kernel/fault.ts';
import type { WriteTransaction } from '#store/store.ts';
import { isAdminConsentRequest } from './admin-consent-request.ts';
import { attemptOver, consentDeclined } from './authorize.faults.ts';
import { isDeviceRequest, placeOfSignIn } from './device-request.ts';
import { declineDevice } from './device-sign-in.ts';
import { giveConsent } from './give-consent.ts';
import type { Outcome, Sent } from './sign-in.http.ts';
import { proceed } from './sign-in.ts';
import {
  removeSignInAttempt,
  type ShownPermissions,
  updateSignInAttempt,
} from './sign-in-attempt.store.ts';
import { makeSignInClient } from './sign-in-client.ts';
import { nextStep } from './sign-in-step.ts';

/** The three answers to a page of consent: yes, no, and another account. */
export async function submitConsent(sent: Sent): Promise<Outcome> {
  const { room, attempt, fields } = sent;
  const { user, authenticated, shown } = attempt;
  if (user === undefined || authenticated === undefined) return attemptOver();
  switch (fields.get('consent')) {
    case 'accept':
      if (shown === undefined) return attemptOver();
      return room.store.write((tx) => accept(tx, sent, shown));
    case 'other':
      return room.store.write((tx) => forgetUser(tx, sent));
    case 'decline':
    case undefined:
      return room.store.write((tx) => decline(tx, sent, user.tenantId));
    default:
      return attemptOver();
  }
}

/** Grants what the page showed, to whom it showed it, as long as she still may. */
async function accept(
  tx: WriteTransaction,
  { http, room, key, attempt, fields }: Sent,
  shown: readonly ShownPermissions[],
): Promise<Outcome> {
  const place = placeOfSignIn(attempt.request, http, room.clouds);
  const step = await nextStep(tx, attempt, place);
  if (isFault(step)) return step;
  if (step.kind !== 'consent') return proceed(tx, http, key, attempt, room);
  const { user, audience } = step;
  const tenant = await findTenant(tx, user.tenantId);
  if (tenant === undefined) return attemptOver();
  const client = await makeSignInClient(tx, attempt.request.clientId, tenant, room);
  if (isFault(client)) return client;
  const choosesAll = audience === 'userOrEverybody' && fields.get('everybody') === '1';
  const isForAll = audience === 'everybody' || choosesAll;
  const whose = isForAll ? {} : { principalId: user.objectId };
  const consent = { tenantId: user.tenantId, clientId: client.objectId, ...whose, shown };
  await giveConsent(tx, consent, room);
  return proceed(tx, http, key, { ...attempt, hasConsented: true }, room);
}

/** An administrator takes over: whatever someone else proved before is forgotten. */
async function forgetUser(tx: WriteTransaction, { key, attempt }: Sent): Promise<Outcome> {
  const unnamed = { request: attempt.request };
  await updateSignInAttempt(tx, key, unnamed);
  return { kind: 'page', key, attempt: unnamed, step: { kind: 'userName' } };
}

async function decline(
  tx: WriteTransaction,
  { room, key, attempt: { request } }: Sent,
  tenantId: string,
): Promise<Outcome> {
  if (isDeviceRequest(request)) return declineDevice(tx, key, request, room.clock.civil());
  if (!(await removeSignInAttempt(tx, key))) return attemptOver();
  return isAdminConsentRequest(request)
    ? { kind: 'adminConsentDeclined', request, tenantId }
    : consentDeclined();
}
