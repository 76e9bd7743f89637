import { findTenant } from '#directory/tenant.store.ts';
import { type Fault, isFault } from '#kernel/fault.ts';
import type { WriteTransaction } from '#store/store.ts';
import { isAdminConsentRequest } from './admin-consent-request.ts';
import { type ConsentRights, consentRightsOf, isAdminOnly, mayConsentTo } from './administrator.ts';
import {
  adminConsentDeclined,
  adminConsentRequired,
  consentDeclined,
  wentBack,
} from './consent.faults.ts';
import type { ResourcePermissions } from './consent.ts';
import type { ConsentAudience } from './consent-pages.ts';
import { consentActivities, type GivenConsent } from './consent-record.ts';
import { isDeviceRequest, placeOfSignIn } from './device-request.ts';
import { declineDevice } from './device-sign-in.ts';
import { giveConsent } from './give-consent.ts';
import { permissionsShown } from './shown-permissions.ts';
import { attemptOver } from './sign-in.faults.ts';
import type { Outcome, Sent } from './sign-in.http.ts';
import { proceed, type Waiting } from './sign-in.ts';
import {
  endSignInAttempt,
  keepSignInAttempt,
  type ShownPermissions,
} from './sign-in-attempt.store.ts';
import { nextStep } from './sign-in-step.ts';

/** The three answers to a page of consent: yes, no, and another account. */
export async function submitConsent(sent: Sent): Promise<Outcome> {
  const { room, attempt, fields } = sent;
  const { user, authenticated, shown } = attempt;
  if (user === undefined || authenticated === undefined) return attemptOver();
  switch (fields.has('back') ? 'decline' : fields.get('consent')) {
    case 'accept':
      if (shown === undefined) return attemptOver();
      return accepted(sent, shown);
    case 'other':
      return room.store.write((tx) => forgetUser(tx, sent));
    case 'decline':
    case undefined:
      return decline(sent);
    default:
      return attemptOver();
  }
}

/** The consent stands in the log once it is stored. */
async function accepted(sent: Sent, shown: readonly ShownPermissions[]): Promise<Outcome> {
  const { http, room } = sent;
  const done = await room.store.write((tx) => accept(tx, sent, shown));
  if (isFault(done)) return done;
  const activities = done.given === undefined ? [] : consentActivities(http, done.given);
  for (const activity of activities) room.recorder.note(activity);
  return done.outcome;
}

interface Accepted {
  readonly outcome: Exclude<Outcome, Fault>;
  /** Absent: by now there was nothing to consent to. */
  readonly given?: GivenConsent;
}

/** Grants what the page showed and is still there, to whom it showed it, as long as she still may. */
async function accept(
  tx: WriteTransaction,
  sent: Sent,
  shown: readonly ShownPermissions[],
): Promise<Accepted | Fault> {
  const { http, room, key, attempt, fields } = sent;
  const step = await nextStep(tx, attempt, placeOfSignIn(attempt.request, http, room.clouds));
  if (isFault(step)) return step;
  if (step.kind !== 'consent') {
    const outcome = await proceed(tx, http, key, attempt, room);
    return isFault(outcome) ? outcome : { outcome };
  }
  const { user, audience } = step;
  const { tenantId, objectId } = user;
  const tenant = await findTenant(tx, tenantId);
  if (tenant === undefined) return attemptOver();
  const permissions = await permissionsShown(tx, tenantId, shown);
  const choosesAll = audience !== 'everybody' && fields.get('everybody') === '1';
  const rights = await consentRightsOf(tx, user);
  if (!mayStillGive(rights, audience, choosesAll, permissions)) {
    return { outcome: await askAdministrator(tx, sent) };
  }
  const isForEverybody = audience === 'everybody' || choosesAll;
  const whose = isForEverybody ? {} : { principalId: objectId };
  const consent = { tenant, clientId: attempt.request.clientId, ...whose, permissions };
  const applications = await giveConsent(tx, consent, room);
  if (isFault(applications)) return applications;
  const outcome = await proceed(tx, http, key, { ...attempt, hasConsented: true }, room);
  return isFault(outcome) ? outcome : { outcome, given: { user, applications, isForEverybody } };
}

/** What she was shown is judged by what she may now: rights and registration may have changed since. */
function mayStillGive(
  rights: ConsentRights,
  audience: ConsentAudience,
  choosesAll: boolean,
  permissions: readonly ResourcePermissions[],
): boolean {
  if (audience === 'everybody') return mayConsentTo(rights, permissions);
  if (choosesAll) return audience === 'userOrEverybody';
  return rights.mayConsent || !isAdminOnly(permissions);
}

/** What was shown to her is no more hers to accept. */
async function askAdministrator(
  tx: WriteTransaction,
  { room, key, attempt: { shown: _before, ...attempt } }: Sent,
): Promise<Waiting> {
  const kept = await keepSignInAttempt(tx, key, attempt, room);
  const step = { kind: 'approval', refused: adminConsentRequired() } as const;
  return { kind: 'page', key: kept, attempt, step };
}

/** An administrator takes over: whatever someone else proved before is forgotten. */
async function forgetUser(tx: WriteTransaction, { room, key, attempt }: Sent): Promise<Outcome> {
  const unnamed = { request: attempt.request };
  const kept = await keepSignInAttempt(tx, key, unnamed, room);
  return { kind: 'page', key: kept, attempt: unnamed, step: { kind: 'userName' } };
}

/** The attempt ends before the refusal is told: a fault would leave it as it was. */
async function decline({ room, key, attempt: { request, shown } }: Sent): Promise<Outcome> {
  if (isDeviceRequest(request)) {
    return room.store.write((tx) => declineDevice(tx, key, request, room.clock.civil()));
  }
  if (!(await room.store.write((tx) => endSignInAttempt(tx, key)))) return attemptOver();
  if (isAdminConsentRequest(request)) return adminConsentDeclined();
  return shown === undefined ? wentBack() : consentDeclined();
}
