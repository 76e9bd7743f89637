import { pairwiseSubject } from '#directory/subject.ts';
import { findUser, type User } from '#directory/user.store.ts';
import { type Call, operationsOf, type Reply } from '#http/operation.ts';
import { type Fault, isFault } from '#kernel/fault.ts';
import type { JsonObject } from '#kernel/json.ts';
import { type Anyone, jsonContentType } from './dialect.ts';
import { malformedRequest } from './faults.ts';
import { userAssertionOutsideTime } from './on-behalf-of.faults.ts';
import { type AuthorityRoom, cloudOf } from './room.ts';
import { namedTenancy } from './tenancy.ts';
import { notForUserInfo } from './user-info.faults.ts';
import { openUserInfoToken } from './user-info-token.ts';
import { disabledUser, unknownUser } from './user-tokens.faults.ts';

const operation = operationsOf<Anyone, AuthorityRoom>();

/**
 * Where clients of the v1 endpoints read who signed in, by the token of a sign-in that named no
 * resource. That of v2 is Graph's.
 * Source: https://learn.microsoft.com/entra/identity-platform/userinfo
 */
export const userInfoOperations = [
  answering('Authority_GetUserInfo', 'GET'),
  answering('Authority_PostUserInfo', 'POST'),
];

function answering(id: string, method: 'GET' | 'POST') {
  return operation({
    id,
    method,
    path: '/{tenant}/openid/userinfo',
    permission: 'anonymous',
    reply: { 200: 'json' },
    source: 'https://openid.net/specs/openid-connect-core-1_0.html#UserInfo',
    handler: (call, room) => tellUser(call, room),
  });
}

async function tellUser(
  { params, request }: Call<Anyone, 'tenant'>,
  room: AuthorityRoom,
): Promise<Reply | Fault> {
  const cloud = cloudOf(room.clouds, request.reach);
  const text = /^bearer (\S+)$/i.exec(request.headers['authorization'] ?? '')?.[1];
  if (text === undefined) return malformedRequest();
  const token = openUserInfoToken(text, cloud.name, room.seal);
  const now = room.clock.civil();
  const found = await room.store.read(async (tx) => {
    const tenancy = await namedTenancy(tx, params.tenant);
    if (isFault(tenancy)) return tenancy;
    if (token === undefined) return notForUserInfo();
    const { tenantId, userId, expiresAt } = token;
    const isElsewhere = tenancy.kind === 'tenant' && tenancy.tenant.tenantId !== tenantId;
    if (isElsewhere) return notForUserInfo();
    // UNVERIFIED: how Entra refuses one whose time is over; waiting an hour would settle it.
    if (now >= expiresAt) return userAssertionOutsideTime(now, expiresAt);
    const user = await findUser(tx, tenantId, userId);
    if (user === undefined) return unknownUser(userId, tenantId);
    return user.accountEnabled ? userInfoOf(user, token.clientId) : disabledUser();
  });
  if (isFault(found)) return found;
  return { status: 200, contentType: jsonContentType, json: found };
}

/**
 * What the id token of the v1 endpoints says of the person, by the same names; the subject is the
 * client's own. Clients read `upn` here for want of `email`.
 * Source: https://www.drupal.org/project/openid_connect (its client for Microsoft)
 * UNVERIFIED: which claims beside `sub`, the names and `upn` Entra repeats; one answer would settle
 * it.
 */
function userInfoOf(user: User, clientId: string): JsonObject {
  return {
    family_name: user.surname,
    given_name: user.givenName,
    name: user.displayName,
    oid: user.objectId,
    sub: pairwiseSubject(user.objectId, clientId),
    tid: user.tenantId,
    unique_name: user.userPrincipalName,
    upn: user.userPrincipalName,
  };
}
