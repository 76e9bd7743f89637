import type { ForeignKeys } from '#authority/foreign-key.ts';
import {
  type ClaimedToken,
  judgeTokenTime,
  proveForeignToken,
  readClaimedToken,
} from '#authority/foreign-token.ts';
import type { Caller } from '#directory/caller.ts';
import { findGroup } from '#directory/group.store.ts';
import { principalIdsOf } from '#directory/principal.store.ts';
import {
  findServicePrincipal,
  findServicePrincipalByAppId,
  type ServicePrincipal,
} from '#directory/service-principal.store.ts';
import {
  findTrustedIssuer,
  type PrincipalRule,
  type TrustedIssuer,
} from '#directory/trusted-issuer.store.ts';
import { findUser, type User } from '#directory/user.store.ts';
import type { HttpRequest } from '#http/request.ts';
import { isGuid, sameName } from '#kernel/ids.ts';
import type { ReadTransaction, Store } from '#store/store.ts';
import type { BearerProblem, RefusedToken } from './bearer.ts';
import { callerOfPrincipal } from './principal-caller.ts';

/** Groups of one token that are looked at, as many as Entra puts into one. */
const groupsMax = 200;

/** What telling callers of other issuers takes. */
export interface OutsideParts {
  readonly store: Store;
  readonly foreignKeys: ForeignKeys;
}

/**
 * Who sent a request whose token an outside issuer signed: one that a tenant trusts, for an audience
 * that counts at this surface, in its time (real, since another dated it), for a principal that the
 * tenant's directory has. Undefined when nobody trusts the issuer. Nobody is asked for the keys of a
 * token that would not do anyway.
 */
export async function outsideCaller(
  parts: OutsideParts,
  text: string,
  request: HttpRequest,
): Promise<Caller | BearerProblem | undefined> {
  const claimed = readClaimedToken(text);
  if (claimed === undefined) return undefined;
  const trusted = await parts.store.read((tx) => findTrustedIssuer(tx, claimed.issuer));
  if (trusted === undefined) return undefined;
  const problem = await problemOf(parts, claimed, trusted, request);
  return problem ?? parts.store.read((tx) => callerOf(tx, claimed, trusted));
}

async function problemOf(
  { foreignKeys }: OutsideParts,
  claimed: ClaimedToken,
  trusted: TrustedIssuer,
  request: HttpRequest,
): Promise<BearerProblem | undefined> {
  const refused = refusedOf(claimed, trusted);
  const allowed = trusted.audiences[request.reach.surface] ?? [];
  if (!claimed.audiences.some((one) => allowed.includes(one))) {
    return { ...refused, problem: 'wrongAudience', allowedAudiences: allowed };
  }
  const unproved = await proveForeignToken(claimed, foreignKeys, 'trustedIssuer');
  if (unproved?.problem === 'unreachable') {
    return { ...refused, problem: 'issuerUnreachable', reason: unproved.reason };
  }
  if (unproved !== undefined) return { ...refused, problem: 'badSignature' };
  const now = request.receivedReal;
  const { notBefore = now, expiresAt } = claimed;
  switch (judgeTokenTime(claimed, now)) {
    case 'early':
      return { ...refused, problem: 'notYetValid', notBefore, now };
    case 'late':
      return { ...refused, problem: 'expired', expiresAt, now };
    case undefined:
      return undefined;
  }
}

async function callerOf(
  tx: ReadTransaction,
  claimed: ClaimedToken,
  trusted: TrustedIssuer,
): Promise<Caller | BearerProblem> {
  const principal = await principalOf(tx, claimed, trusted);
  const refused = refusedOf(claimed, trusted);
  if (principal === undefined) return { ...refused, problem: 'unknownPrincipal' };
  if (!principal.accountEnabled) return { ...refused, problem: 'disabled' };
  const { claims } = claimed;
  const scopes = textOf(claims['scp']) ?? textOf(claims['scope']) ?? '';
  const clientId = textOf(claims['azp']) ?? textOf(claims['client_id']) ?? '';
  return callerOfPrincipal(tx, principal, {
    appId: 'appId' in principal ? principal.appId : clientId,
    oauthScopes: scopes.split(' ').filter((one) => one !== ''),
    appRoles: [],
    claims,
    groupIds: await groupIdsOf(tx, claimed, trusted),
  });
}

/** The principal that a token is about: by its subject where it is listed, else by the first rule whose claim it has. */
async function principalOf(
  tx: ReadTransaction,
  { subject, claims }: ClaimedToken,
  { tenantId, subjects, principals }: TrustedIssuer,
): Promise<User | ServicePrincipal | undefined> {
  const listed = Object.hasOwn(subjects, subject) ? subjects[subject] : undefined;
  if (listed !== undefined) return principalNamed(tx, tenantId, 'objectId', listed);
  const rule = principals.find(({ claim }) => claims[claim] !== undefined);
  const value = rule === undefined ? undefined : textOf(claims[rule.claim]);
  if (rule === undefined || value === undefined) return undefined;
  return principalNamed(tx, tenantId, rule.names, value);
}

async function principalNamed(
  tx: ReadTransaction,
  tenantId: string,
  names: PrincipalRule['names'],
  value: string,
): Promise<User | ServicePrincipal | undefined> {
  switch (names) {
    case 'objectId':
      if (!isGuid(value)) return undefined;
      return (
        (await findUser(tx, tenantId, value)) ?? (await findServicePrincipal(tx, tenantId, value))
      );
    case 'userPrincipalName': {
      const user = await findUser(tx, tenantId, value);
      // A user can be found by her object id too, which is no name.
      return user !== undefined && sameName(user.userPrincipalName, value) ? user : undefined;
    }
    case 'appId':
      return isGuid(value) ? findServicePrincipalByAppId(tx, tenantId, value) : undefined;
  }
}

/** The groups that the issuer puts the holder into, with the groups that these are in. */
async function groupIdsOf(
  tx: ReadTransaction,
  { claims }: ClaimedToken,
  { tenantId, groups }: TrustedIssuer,
): Promise<readonly string[]> {
  const listed = groups === undefined ? undefined : claims[groups.claim];
  if (groups === undefined || !Array.isArray(listed)) return [];
  const found = new Set<string>();
  for (const value of listed.slice(0, groupsMax)) {
    const groupId = typeof value === 'string' ? groupIdOf(value, groups.groupIds) : undefined;
    const group = groupId === undefined ? undefined : await findGroup(tx, tenantId, groupId);
    if (group === undefined) continue;
    for (const id of await principalIdsOf(tx, tenantId, group.objectId)) found.add(id);
  }
  return [...found];
}

function groupIdOf(
  value: string,
  groupIds: Readonly<Record<string, string>> | undefined,
): string | undefined {
  if (groupIds === undefined) return isGuid(value) ? value : undefined;
  return Object.hasOwn(groupIds, value) ? groupIds[value] : undefined;
}

function refusedOf(
  { audiences, issuer, claims }: ClaimedToken,
  { tenantId }: TrustedIssuer,
): RefusedToken {
  const [audience = ''] = audiences;
  // Nothing of it may be true, so what is recorded of it is flat and short.
  const flat = Object.entries(claims).filter(([, value]) => typeof value !== 'object');
  return { kind: 'bearerProblem', audience, issuer, tenantId, claims: Object.fromEntries(flat) };
}

function textOf(claim: unknown): string | undefined {
  return typeof claim === 'string' && claim !== '' ? claim : undefined;
}
