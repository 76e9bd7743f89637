import { Type } from 'typebox';
import type { Caller } from '#directory/caller.ts';
import { passwordHashOf } from '#directory/password.ts';
import { isStrongPassword } from '#directory/password-rule.ts';
import {
  passwordHashOfUser,
  revokeSignIns,
  setPasswordHash,
  updateUser,
} from '#directory/user.store.ts';
import type { Call, Operation, Reply } from '#http/operation.ts';
import { strictlyAfter } from '#kernel/clock.ts';
import { type Fault, isFault } from '#kernel/fault.ts';
import { may } from './permission.ts';
import { actionResult, contextOf, noContent } from './reply.ts';
import { type GraphRoom, operation } from './room.ts';
import { currentPasswordWrong, passwordTooWeak } from './user.faults.ts';
import { userAt } from './user.http.ts';

const actions = 'microsoft.directory/users';

const passwordBody = Type.Object(
  {
    currentPassword: Type.String({ maxLength: 1_024 }),
    newPassword: Type.String({ maxLength: 1_024 }),
  },
  { additionalProperties: false },
);

const revokeMine = operation({
  id: 'me_revokeSignInSessions',
  method: 'POST',
  path: '/{graphVersion}/me/revokeSignInSessions',
  permission: may(`${actions}/invalidateAllRefreshTokens`),
  reply: { 200: 'json' },
  source: 'https://learn.microsoft.com/graph/api/user-revokesigninsessions',
  handler: async (call, room) => revoke(call, room, call.caller.objectId),
});

const revokeOf = operation({
  id: 'users_revokeSignInSessions',
  method: 'POST',
  path: '/{graphVersion}/users/{userKey}/revokeSignInSessions',
  permission: may(`${actions}/invalidateAllRefreshTokens`),
  reply: { 200: 'json' },
  source: 'https://learn.microsoft.com/graph/api/user-revokesigninsessions',
  handler: (call, room) => revoke(call, room, call.params.userKey),
});

const changePassword = operation({
  id: 'me_changePassword',
  method: 'POST',
  path: '/{graphVersion}/me/changePassword',
  permission: may(`${actions}/password/change`),
  body: passwordBody,
  reply: { 204: 'empty' },
  source: 'https://learn.microsoft.com/graph/api/user-changepassword',
  handler: async ({ caller, body, request }, room) => {
    const { tenantId, objectId } = caller;
    const { currentPassword, newPassword } = body;
    const known = await room.store.read((tx) => passwordHashOfUser(tx, tenantId, objectId));
    const who = { tenantId, userId: objectId };
    const checked = await room.checkPassword(who, currentPassword, request.remoteAddress);
    // A locked account is told nothing else: who guesses learns no more than on the pages.
    if (isFault(checked)) return currentPasswordWrong();
    if (!isStrongPassword(newPassword)) return passwordTooWeak();
    const hash = await passwordHashOf(newPassword, room.random);
    const at = room.clock.civil();
    const refused = await room.store.write(async (tx) => {
      const user = await userAt(tx, tenantId, objectId);
      if (isFault(user)) return user;
      // Someone may have set another one meanwhile.
      if ((await passwordHashOfUser(tx, tenantId, objectId)) !== known) {
        return currentPasswordWrong();
      }
      const { mustChangePassword: _, ...rest } = user;
      const signInSessionsValidFrom = strictlyAfter(user.signInSessionsValidFrom, at);
      await updateUser(tx, { ...rest, lastPasswordChangeAt: at, signInSessionsValidFrom });
      await setPasswordHash(tx, user, hash);
      return undefined;
    });
    return refused ?? noContent;
  },
});

/** What ends sign-ins: revoking them, and a new password. */
export const signInSessionOperations: readonly Operation<Caller, GraphRoom>[] = [
  revokeMine,
  revokeOf,
  changePassword,
];

/** Ends every session and every refresh token of a user. Recorded: msal and Graph PowerShell, 2022; the answer is always true. */
async function revoke(
  { caller, request, version }: Call<Caller>,
  { store, clock }: GraphRoom,
  key: string,
): Promise<Reply | Fault> {
  const at = clock.civil();
  const refused = await store.write(async (tx) => {
    const user = await userAt(tx, caller.tenantId, key);
    if (isFault(user)) return user;
    await revokeSignIns(tx, user.tenantId, user.objectId, at);
    return undefined;
  });
  return (
    refused ?? actionResult(request, contextOf(request, version, 'Edm.Boolean'), { value: true })
  );
}
