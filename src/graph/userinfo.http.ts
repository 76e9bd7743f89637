import type { Caller } from '#directory/caller.ts';
import { pairwiseSubject } from '#directory/subject.ts';
import { findUser, type User } from '#directory/user.store.ts';
import type { Method, Operation } from '#http/operation.ts';
import { linkBase } from '#http/request.ts';
import type { JsonObject } from '#kernel/json.ts';
import { meNeedsUser } from './faults.ts';
import { may } from './permission.ts';
import { type GraphRoom, operation } from './room.ts';

/**
 * Where clients of OpenID Connect read who signed in, by a token for Graph with the scope `openid`.
 * The answer says nothing that the id token does not.
 * Source: https://learn.microsoft.com/entra/identity-platform/userinfo
 * UNVERIFIED: that an application alone is refused as at /me; one such request would settle it.
 */
export const userInfoOperations: readonly Operation<Caller, GraphRoom>[] = [
  answering('UserInfo_Get', 'GET'),
  answering('UserInfo_Post', 'POST'),
];

function answering(id: string, method: Method): Operation<Caller, GraphRoom> {
  return operation({
    id,
    method,
    path: '/oidc/userinfo',
    // Entra has no action of this name: the scope `openid` alone decides.
    permission: may('microsoft.directory/userInfo/read'),
    reply: { 200: 'json' },
    source: 'https://learn.microsoft.com/entra/identity-platform/userinfo',
    handler: async ({ caller, request }, { store }) => {
      const { tenantId, objectId } = caller;
      const user = await store.read((tx) => findUser(tx, tenantId, objectId));
      if (user === undefined) return meNeedsUser();
      const picture = `${linkBase(request.reach)}/v1.0/me/photo/$value`;
      return { status: 200, json: userInfoOf(user, caller, picture) };
    },
  });
}

/** The subject is the one in the client's id token: clients compare the two. */
function userInfoOf(user: User, caller: Caller, picture: string): JsonObject {
  const { appId, oauthScopes } = caller;
  const sub = pairwiseSubject(user.objectId, appId);
  const email = oauthScopes.includes('email') ? user.mail : undefined;
  if (!oauthScopes.includes('profile')) return { sub, email };
  const { displayName: name, surname: family_name, givenName: given_name } = user;
  return { sub, name, family_name, given_name, picture, email };
}
