import { isNameConflict } from '#directory/application.store.ts';
import type { Caller } from '#directory/caller.ts';
import { deleteObject } from '#directory/deleted-object.store.ts';
import { passwordHashOf } from '#directory/password.ts';
import { findTenant } from '#directory/tenant.store.ts';
import { addUser, setPasswordHash, type User, updateUser } from '#directory/user.store.ts';
import type { Operation, Permission } from '#http/operation.ts';
import { strictlyAfter } from '#kernel/clock.ts';
import { type Fault, isFault } from '#kernel/fault.ts';
import type { ReadTransaction, WriteTransaction } from '#store/store.ts';
import { userJson } from './directory-object-wire.ts';
import { otherId } from './own-id.ts';
import { may } from './permission.ts';
import { createdObject, noContent } from './reply.ts';
import { type GraphRoom, operation } from './room.ts';
import {
  domainNotVerified,
  invalidUserPrincipalName,
  passwordMissing,
  passwordTooWeak,
  userPrincipalNameExists,
} from './user.faults.ts';
import { userAt } from './user.http.ts';
import { newUserBody, type UserChangeBody, userChangeBody } from './user-body.ts';
import {
  actionsOfAnyChange,
  actionsOfChange,
  changedUser,
  problemOfUser,
  type UserProblem,
} from './user-change.ts';

const actions = 'microsoft.directory/users';

/** What a change needs depends on what is changed: a title is not a password. */
const changes: Permission = {
  documented: actionsOfAnyChange,
  requests: ({ body, scope }) => actionsOfChange(body).map((one) => ({ ...one, scope })),
};

const create = operation({
  id: 'users_CreateUser',
  method: 'POST',
  path: '/{graphVersion}/users',
  permission: may(`${actions}/create`),
  body: newUserBody,
  reply: { 201: 'json' },
  source: 'https://learn.microsoft.com/graph/api/user-post-users',
  handler: async (call, room) => {
    const { body } = call;
    const { tenantId } = call.caller;
    const refused = await room.store.read((tx) => refusalOf(tx, tenantId, body, true));
    if (refused !== undefined) return refused;
    const passwordHash = await newHashOf(body, room);
    const at = room.clock.civil();
    const basis: User = {
      tenantId,
      objectId: room.random.guid(),
      userPrincipalName: body.userPrincipalName,
      displayName: body.displayName,
      accountEnabled: body.accountEnabled,
      createdAt: at,
    };
    const { signInSessionsValidFrom: _, ...user } = changedUser(basis, body, at);
    const stored = await room.store.write(async (tx) => {
      const added = await addUser(tx, user, passwordHash);
      return isNameConflict(added) ? userPrincipalNameExists() : added;
    });
    if (isFault(stored)) return stored;
    const { id, ...shown } = userJson(stored);
    // Recorded: only this answer begins with the id.
    return createdObject(call, 'users', { id, ...shown });
  },
});

const update = operation({
  id: 'users_UpdateUser',
  method: 'PATCH',
  path: '/{graphVersion}/users/{userKey}',
  permission: changes,
  body: userChangeBody,
  reply: { 204: 'empty' },
  source: 'https://learn.microsoft.com/graph/api/user-update',
  handler: ({ caller, body, params }, room) => changeOf(room, caller, params.userKey, body),
});

const updateMe = operation({
  id: 'me_UpdateUser',
  method: 'PATCH',
  path: '/{graphVersion}/me',
  permission: changes,
  body: userChangeBody,
  reply: { 204: 'empty' },
  source: 'https://learn.microsoft.com/graph/api/user-update',
  handler: async ({ caller, body }, room) => changeOf(room, caller, caller.objectId, body),
});

const remove = operation({
  id: 'users_DeleteUser',
  method: 'DELETE',
  path: '/{graphVersion}/users/{userKey}',
  permission: may(`${actions}/delete`),
  reply: { 204: 'empty' },
  source: 'https://learn.microsoft.com/graph/api/user-delete',
  handler: async ({ caller, params }, { store, clock }) => {
    const at = clock.civil();
    const refused = await store.write(async (tx) => {
      const found = await userAt(tx, caller.tenantId, params.userKey);
      if (isFault(found)) return found;
      // Who is restored signs in anew.
      const signInSessionsValidFrom = strictlyAfter(found.signInSessionsValidFrom, at);
      const object = { ...found, signInSessionsValidFrom };
      await deleteObject(tx, { kind: 'user', object }, at);
      return undefined;
    });
    return refused ?? noContent;
  },
});

/** What changes /users: making, changing and deleting them. */
export const userWriteOperations: readonly Operation<Caller, GraphRoom>[] = [
  create,
  update,
  updateMe,
  remove,
];

async function changeOf(room: GraphRoom, caller: Caller, key: string, body: UserChangeBody) {
  const { tenantId } = caller;
  const refused = await room.store.read(async (tx) => {
    const found = await userAt(tx, tenantId, key);
    return isFault(found) ? found : refusalOf(tx, tenantId, body, false);
  });
  if (refused !== undefined) return refused;
  const passwordHash = await newHashOf(body, room);
  const at = room.clock.civil();
  const outcome = await room.store.write((tx) => change(tx, tenantId, key, body, passwordHash, at));
  return isFault(outcome) ? outcome : noContent;
}

async function change(
  tx: WriteTransaction,
  tenantId: string,
  key: string,
  body: UserChangeBody,
  passwordHash: string | undefined,
  at: User['createdAt'],
): Promise<User | Fault> {
  const found = await userAt(tx, tenantId, key);
  if (isFault(found)) return found;
  const refused = otherId(body, found);
  if (refused !== undefined) return refused;
  const updated = await updateUser(tx, changedUser(found, body, at));
  if (isNameConflict(updated)) return userPrincipalNameExists();
  if (passwordHash !== undefined) await setPasswordHash(tx, updated, passwordHash);
  return updated;
}

/** The hash of the password that a body sets. It costs a tenth of a second, so no transaction waits for it. */
async function newHashOf(
  { passwordProfile }: UserChangeBody,
  { random }: GraphRoom,
): Promise<string | undefined> {
  const password = passwordProfile?.password ?? undefined;
  return password === undefined ? undefined : passwordHashOf(password, random);
}

async function refusalOf(
  tx: ReadTransaction,
  tenantId: string,
  body: UserChangeBody,
  isNew: boolean,
): Promise<Fault | undefined> {
  const tenant = await findTenant(tx, tenantId);
  const problem = problemOfUser(body, tenant?.domains ?? [], isNew);
  return problem === undefined ? undefined : faultOf(problem);
}

function faultOf(problem: UserProblem): Fault {
  switch (problem) {
    case 'userPrincipalName':
      return invalidUserPrincipalName();
    case 'domain':
      return domainNotVerified();
    case 'noPassword':
      return passwordMissing();
    case 'weakPassword':
      return passwordTooWeak();
  }
}
