import type { Cloud } from '#cloud/cloud.ts';
import { findApplicationByAppId } from '#directory/application.store.ts';
import type { Application } from '#directory/application.ts';
import type { ServicePrincipal } from '#directory/service-principal.store.ts';
import { findTenant, type Tenant } from '#directory/tenant.store.ts';
import { tenantSettingsOf } from '#directory/tenant-settings.store.ts';
import type { User } from '#directory/user.store.ts';
import type { Reach } from '#http/request.ts';
import { type Fault, isFault } from '#kernel/fault.ts';
import { sameName } from '#kernel/ids.ts';
import type { ReadTransaction } from '#store/store.ts';
import { adminConsentWanted } from './admin-consent.ts';
import { type AdminConsentRequest, isAdminConsentRequest } from './admin-consent-request.ts';
import { consentRightsOf, isAdminOnly, mayConsentTo } from './administrator.ts';
import { adminConsentRequired } from './consent.faults.ts';
import { decideConsent, joined, type ResourcePermissions } from './consent.ts';
import { readConsentBasis } from './consent-basis.ts';
import type { ConsentAudience } from './consent-pages.ts';
import { isDeviceRequest, type SignInRequest } from './device-request.ts';
import { findResource, judgeOwnName } from './find-resource.ts';
import { newToKnownApis } from './known-client.ts';
import type { NewPasswordError } from './new-password-page.ts';
import { knownApisOf } from './registered-permissions.ts';
import { type RequestedPermissions, readSignInPermissions } from './requested-permissions.ts';
import { attemptOver, userOfOtherTenant } from './sign-in.faults.ts';
import type { ProvedUser, SignInAttempt } from './sign-in-attempt.store.ts';
import { findSignInClient, isStored } from './sign-in-client.ts';
import { findTenancy } from './tenancy.ts';
import { grantingUser, judgeAssignment } from './user-tokens.ts';

/** What comes after a user has proved who she is. */
export type NextStep =
  | {
      readonly kind: 'consent';
      readonly user: User;
      readonly wanted: readonly ResourcePermissions[];
      readonly audience: ConsentAudience;
    }
  | { readonly kind: 'approval'; readonly refused: Fault }
  | { readonly kind: 'stay' }
  | { readonly kind: 'newPassword'; readonly error?: NewPasswordError }
  | {
      readonly kind: 'done';
      readonly user: User;
      readonly tenant: Tenant;
      readonly client: ServicePrincipal;
      readonly proved: ProvedUser;
    };

interface Place {
  readonly cloud: Cloud;
  readonly reach: Reach;
}

/** Someone who proved who she is, with the client that she signs in to. */
interface Arrived {
  readonly user: User;
  readonly tenant: Tenant;
  readonly client: ServicePrincipal;
  readonly proved: ProvedUser;
}

/**
 * User, tenant, client, a password that she must change, assignment, consent, then whether she stays
 * signed in.
 */
export async function nextStep(
  tx: ReadTransaction,
  attempt: SignInAttempt,
  place: Place,
): Promise<NextStep | Fault> {
  const { request } = attempt;
  const arrived = await arrivedAt(tx, attempt);
  if (isFault(arrived)) return arrived;
  const mustChange = arrived.user.mustChangePassword === true;
  if (mustChange && arrived.proved.by === 'password') return { kind: 'newPassword' };
  const ofAdministrators = consentAskedOfAdministrators(request);
  if (ofAdministrators !== undefined && attempt.hasConsented !== true) {
    return adminConsentStep(tx, ofAdministrators, arrived, place);
  }
  if (isAdminConsentRequest(request)) return { kind: 'done', ...arrived };
  const { user, client, proved } = arrived;
  const unassigned = await judgeAssignment(tx, user, client);
  if (unassigned !== undefined) return unassigned;
  const wanted = await consentWanted(tx, attempt, arrived, place);
  if (isFault(wanted)) return wanted;
  if (wanted !== undefined) return consentStep(tx, arrived, wanted);
  // UNVERIFIED: that nobody is asked to stay signed in for a device; a walk through Entra's pages would settle it.
  const mayStay = proved.by === 'password' && !isDeviceRequest(request);
  if (mayStay && attempt.staysSignedIn === undefined) return { kind: 'stay' };
  return { kind: 'done', ...arrived };
}

async function arrivedAt(tx: ReadTransaction, attempt: SignInAttempt): Promise<Arrived | Fault> {
  const { request, user: named, authenticated: proved } = attempt;
  if (named === undefined || proved === undefined) return attemptOver();
  const tenant = await findTenant(tx, named.tenantId);
  const tenancy = await findTenancy(tx, request.tenantName);
  if (tenant === undefined || tenancy === undefined) return attemptOver();
  const user = await grantingUser(
    tx,
    { ...named, passwordMark: proved.passwordMark, authenticatedAt: proved.at },
    tenant,
  );
  if (isFault(user)) return user;
  const place = tenancy.kind === 'tenant' ? tenancy.tenant : tenant;
  const client = await findSignInClient(tx, request.clientId, place);
  if (isFault(client)) return client;
  return place.tenantId === tenant.tenantId
    ? { user, tenant, client, proved }
    : userOfOtherTenant(user.userPrincipalName, tenant.tenantId, place.displayName, client);
}

/** What there is to consent to, of every resource that is asked for; undefined when it was granted. */
async function consentWanted(
  tx: ReadTransaction,
  { request, hasConsented }: SignInAttempt,
  { user, tenant, client }: Arrived,
  place: Place,
): Promise<readonly ResourcePermissions[] | undefined | Fault> {
  const all = readSignInPermissions(request.endpoint, request);
  if (isFault(all)) return all;
  const isForced = request.prompt === 'consent' && hasConsented !== true;
  const application = await findApplicationByAppId(tx, client.appId);
  const wanted: (readonly ResourcePermissions[])[] = [];
  let isCombined = false;
  for (const asked of all) {
    const resource = await findAsked(tx, asked, application, tenant, place);
    if (isFault(resource)) return resource;
    const misnamed = asked.isDefault ? judgeOwnName(client, resource, asked.resource) : undefined;
    if (misnamed !== undefined) return misnamed;
    const barred = await judgeAssignment(tx, user, resource);
    if (barred !== undefined) return barred;
    const { tenantId, objectId: userId } = user;
    const read = await readConsentBasis(tx, { tenantId, userId, client, resource });
    // What a resource grants beforehand is no consent to an application that nobody used here yet.
    const hasAnyGrant = read.hasAnyGrant && isStored(client) && isStored(resource);
    const granted = isStored(resource) ? read.granted : [];
    const decision = decideConsent(asked, { ...read, granted, hasAnyGrant, isForced });
    if (isFault(decision)) return decision;
    if (decision.kind === 'granted') continue;
    wanted.push(decision.wanted);
    isCombined ||= asked.isDefault;
  }
  if (wanted.length === 0) return undefined;
  const own = joined(wanted.flat());
  if (!isCombined || application === undefined) return own;
  return [...own, ...(await newToKnownApis(tx, user, application, isForced))];
}

/**
 * The resource that is asked for. With `.default` it may be an API that comes to the tenant with its
 * client's consent.
 */
async function findAsked(
  tx: ReadTransaction,
  asked: RequestedPermissions,
  client: Application | undefined,
  tenant: Tenant,
  place: Place,
): Promise<ServicePrincipal | Fault> {
  const found = await findResource(tx, asked.resource, tenant, place);
  if (!isFault(found) || !asked.isDefault || client === undefined) return found;
  const apis = await knownApisOf(tx, tenant.tenantId, client);
  const coming = apis.find(
    ({ principal }) =>
      !isStored(principal) &&
      principal.servicePrincipalNames.some((name) => sameName(name, asked.resource)),
  );
  return coming?.principal ?? found;
}

/**
 * A user consents for herself to what no administrator has to see, where the tenant lets her and
 * the application does not want its users assigned.
 * Source: https://learn.microsoft.com/entra/identity/enterprise-apps/user-admin-consent-overview
 */
async function consentStep(
  tx: ReadTransaction,
  { user, client }: Arrived,
  wanted: readonly ResourcePermissions[],
): Promise<NextStep> {
  const rights = await consentRightsOf(tx, user);
  if (rights.mayConsent) {
    const audience = rights.isAskedForEverybody ? 'userOrEverybody' : 'user';
    return { kind: 'consent', user, wanted, audience };
  }
  const { hasUserConsent } = await tenantSettingsOf(tx, user.tenantId);
  return isAdminOnly(wanted) || client.appRoleAssignmentRequired || !hasUserConsent
    ? { kind: 'approval', refused: adminConsentRequired() }
    : { kind: 'consent', user, wanted, audience: 'user' };
}

/** What only an administrator is asked; with `prompt=admin_consent` all that the registration lists. */
function consentAskedOfAdministrators(
  request: SignInRequest,
): Pick<AdminConsentRequest, 'endpoint' | 'scope'> | undefined {
  if (isAdminConsentRequest(request)) return request;
  return request.prompt === 'admin_consent' ? { endpoint: 'v1', scope: '' } : undefined;
}

async function adminConsentStep(
  tx: ReadTransaction,
  request: Pick<AdminConsentRequest, 'endpoint' | 'scope'>,
  { user, tenant, client }: Arrived,
  place: Place,
): Promise<NextStep | Fault> {
  const wanted = await adminConsentWanted(tx, request, client, tenant, place);
  if (isFault(wanted)) return wanted;
  return mayConsentTo(await consentRightsOf(tx, user), wanted)
    ? { kind: 'consent', user, wanted, audience: 'everybody' }
    : { kind: 'approval', refused: adminConsentRequired() };
}
