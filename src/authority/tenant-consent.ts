import { findApplicationByAppId } from '#directory/application.store.ts';
import { findServicePrincipalByAppId } from '#directory/service-principal.store.ts';
import { findTenant } from '#directory/tenant.store.ts';
import { findUser } from '#directory/user.store.ts';
import { type Fault, isFault } from '#kernel/fault.ts';
import { sameName } from '#kernel/ids.ts';
import type { WriteTransaction } from '#store/store.ts';
import { wantedOfRegistration } from './admin-consent.ts';
import { consentRightsOf, mayConsentTo } from './administrator.ts';
import { type ConsentingRequest, consentActivities, type GivenConsent } from './consent-record.ts';
import { giveConsent } from './give-consent.ts';
import type { AuthorityRoom } from './room.ts';

/** A user who consents for everybody in her tenant to all that an application asks for. */
export interface TenantConsent {
  readonly tenantId: string;
  readonly userId: string;
  readonly appId: string;
}

type ConsentRoom = Pick<AuthorityRoom, 'store' | 'clock' | 'random' | 'recorder'>;

/**
 * Consent for a whole tenant without a page: what `/adminconsent` would show and grant, judged by the
 * same rights. The service principal is made where the application is the tenant's own and has none.
 * Whatever is not `given` changed nothing.
 */
export async function consentForTenant(
  room: ConsentRoom,
  consent: TenantConsent,
  http: ConsentingRequest,
): Promise<'given' | 'unknownApplication' | 'notAllowed' | Fault> {
  const outcome = await room.store.write((tx) => give(tx, room, consent));
  if (typeof outcome === 'string' || isFault(outcome)) return outcome;
  for (const activity of consentActivities(http, outcome)) room.recorder.note(activity);
  return 'given';
}

async function give(
  tx: WriteTransaction,
  room: ConsentRoom,
  { tenantId, userId, appId }: TenantConsent,
): Promise<GivenConsent | 'unknownApplication' | 'notAllowed' | Fault> {
  const tenant = await findTenant(tx, tenantId);
  const user = await findUser(tx, tenantId, userId);
  if (tenant === undefined || user === undefined) return 'notAllowed';
  const application = await findApplicationByAppId(tx, appId);
  const isKnown =
    application !== undefined &&
    (sameName(application.tenantId, tenantId) ||
      (await findServicePrincipalByAppId(tx, tenantId, appId)) !== undefined);
  if (!isKnown) return 'unknownApplication';
  const wanted = await wantedOfRegistration(tx, application, tenant);
  if (!mayConsentTo(await consentRightsOf(tx, user), wanted)) return 'notAllowed';
  const asked = { tenant, clientId: appId, permissions: wanted };
  const applications = await giveConsent(tx, asked, room);
  return isFault(applications) ? applications : { user, applications, isForEverybody: true };
}
