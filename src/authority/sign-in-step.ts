import type { Cloud } from '#cloud/cloud.ts';
import { directoryRoleIdsOf } from '#directory/directory-role.store.ts';
import { directoryRoleTemplates } from '#directory/directory-role.ts';
import { principalIdsOf } from '#directory/principal.store.ts';
import type { ServicePrincipal } from '#directory/service-principal.store.ts';
import { findTenant } from '#directory/tenant.store.ts';
import type { User } from '#directory/user.store.ts';
import type { Reach } from '#http/request.ts';
import { type Fault, isFault } from '#kernel/fault.ts';
import type { ReadTransaction } from '#store/store.ts';
import { adminConsentRequired, attemptOver } from './authorize.faults.ts';
import { findClient } from './client-authentication.ts';
import { decideConsent, type ResourcePermissions } from './consent.ts';
import { readConsentBasis } from './consent-basis.ts';
import { isDeviceRequest } from './device-request.ts';
import { findResource } from './find-resource.ts';
import { readPermissions } from './requested-permissions.ts';
import type { ProvedUser, SignInAttempt } from './sign-in-attempt.store.ts';
import { grantingUser, judgeAssignment } from './user-tokens.ts';

/** What comes after a user has proved who she is. */
export type NextStep =
  | {
      readonly kind: 'consent';
      readonly wanted: readonly ResourcePermissions[];
      readonly isAdministrator: boolean;
    }
  | { readonly kind: 'stay' }
  | {
      readonly kind: 'done';
      readonly user: User;
      readonly client: ServicePrincipal;
      readonly proved: ProvedUser;
    };

/** User, client, assignment, consent, then whether she stays signed in. */
export async function nextStep(
  tx: ReadTransaction,
  attempt: SignInAttempt,
  place: { readonly cloud: Cloud; readonly reach: Reach },
): Promise<NextStep | Fault> {
  const { request, user: named, authenticated: proved } = attempt;
  if (named === undefined || proved === undefined) return attemptOver();
  const tenant = await findTenant(tx, named.tenantId);
  if (tenant === undefined) return attemptOver();
  const user = await grantingUser(
    tx,
    { ...named, passwordMark: proved.passwordMark, authenticatedAt: proved.at },
    tenant,
  );
  if (isFault(user)) return user;
  const client = await findClient(tx, request.clientId, tenant);
  if (isFault(client)) return client;
  const unassigned = await judgeAssignment(tx, user, client);
  if (unassigned !== undefined) return unassigned;
  const asked = readPermissions(request.endpoint, request);
  if (isFault(asked)) return asked;
  const resource = await findResource(tx, asked.resource, tenant, place);
  if (isFault(resource)) return resource;
  const { tenantId, objectId: userId } = user;
  const basis = await readConsentBasis(tx, { tenantId, userId, client, resource });
  const isForced = request.prompt === 'consent' && attempt.hasConsented !== true;
  const decision = decideConsent(asked, { ...basis, isForced });
  if (isFault(decision)) return decision;
  if (decision.kind === 'needed') return consentStep(tx, user, client, decision.wanted);
  // UNVERIFIED: that nobody is asked to stay signed in for a device; a walk through Entra's pages would settle it.
  const mayStay = proved.by === 'password' && !isDeviceRequest(request);
  if (mayStay && attempt.staysSignedIn === undefined) return { kind: 'stay' };
  return { kind: 'done', user, client, proved };
}

async function consentStep(
  tx: ReadTransaction,
  user: User,
  client: ServicePrincipal,
  wanted: readonly ResourcePermissions[],
): Promise<NextStep | Fault> {
  const isAdministrator = await mayConsentForAll(tx, user);
  const isAdminOnly = wanted.some((one) => one.permissions.some(({ type }) => type === 'Admin'));
  if (isAdminOnly && !isAdministrator) return adminConsentRequired(client.displayName);
  return { kind: 'consent', wanted, isAdministrator };
}

const consentingRoles: ReadonlySet<string> = new Set([
  directoryRoleTemplates.globalAdministrator,
  directoryRoleTemplates.applicationAdministrator,
  directoryRoleTemplates.cloudApplicationAdministrator,
]);

/** True for administrators who may consent to delegated permissions for everybody. */
export async function mayConsentForAll(tx: ReadTransaction, user: User): Promise<boolean> {
  const { tenantId, objectId } = user;
  const principalIds = await principalIdsOf(tx, tenantId, objectId);
  const held = await directoryRoleIdsOf(tx, tenantId, principalIds);
  return held.some((id) => consentingRoles.has(id));
}
