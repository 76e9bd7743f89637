import type { Caller } from '#directory/caller.ts';
import { findUser, listUsers, type User } from '#directory/user.store.ts';
import type { Call, Operation } from '#http/operation.ts';
import { queryValue } from '#http/target.ts';
import { type Fault, isFault } from '#kernel/fault.ts';
import type { JsonObject } from '#kernel/json.ts';
import type { ReadTransaction } from '#store/store.ts';
import { userDetails, userJson } from './directory-object-wire.ts';
import { meNeedsUser, resourceNotFound } from './faults.ts';
import { entityReply, type Listed, listOptions, listReply } from './listing.ts';
import { objectKeyOf } from './odata-key.ts';
import { may } from './permission.ts';
import { type GraphRoom, operation } from './room.ts';

const listed: Listed = {
  type: 'users',
  resource: 'User',
  filterable: [
    'id',
    'accountEnabled',
    'displayName',
    'givenName',
    'jobTitle',
    'mail',
    'mailNickname',
    'surname',
    'userPrincipalName',
    'userType',
  ],
};

const actions = 'microsoft.directory/users';

const list = operation({
  id: 'users_ListUser',
  method: 'GET',
  path: '/{graphVersion}/users',
  permission: may(`${actions}/standard/read`),
  query: listOptions,
  reply: { 200: 'json' },
  source: 'https://learn.microsoft.com/graph/api/user-list',
  handler: async (call, { store }) => {
    const users = await store.read((tx) => listUsers(tx, call.caller.tenantId));
    const details = new Map(users.map((one) => [one.objectId, one]));
    return listReply(call, listed, users.map(userDetails), async (page) =>
      page.map((one) => {
        const user = details.get(String(one['id']));
        return user === undefined ? one : shownUser(call, user);
      }),
    );
  },
});

const get = operation({
  id: 'users_GetUser',
  method: 'GET',
  path: '/{graphVersion}/users/{userKey}',
  permission: may(`${actions}/standard/read`),
  query: ['$select'],
  reply: { 200: 'json' },
  source: 'https://learn.microsoft.com/graph/api/user-get',
  handler: async (call, { store }) => {
    const { tenantId } = call.caller;
    const found = await store.read((tx) => userAt(tx, tenantId, call.params.userKey));
    return isFault(found) ? found : entityReply(call, listed, shownUser(call, found));
  },
});

const me = operation({
  id: 'me_GetUser',
  method: 'GET',
  path: '/{graphVersion}/me',
  permission: may(`${actions}/standard/read`),
  query: ['$select'],
  reply: { 200: 'json' },
  source: 'https://learn.microsoft.com/graph/api/user-get',
  handler: async (call, { store }) => {
    const { caller } = call;
    if (caller.principalType !== 'User') return meNeedsUser();
    const found = await store.read((tx) => userAt(tx, caller.tenantId, caller.objectId));
    return isFault(found) ? found : entityReply(call, listed, shownUser(call, found));
  },
});

// Users come from the seed file for now; these stand in the parity table with the permission that they will need.
const create = operation({
  id: 'users_CreateUser',
  method: 'POST',
  path: '/{graphVersion}/users',
  permission: may(`${actions}/create`),
  bodyKind: 'json',
  reply: { 201: 'json' },
  source: 'https://learn.microsoft.com/graph/api/user-post-users',
});

const update = operation({
  id: 'users_UpdateUser',
  method: 'PATCH',
  path: '/{graphVersion}/users/{userKey}',
  permission: may(`${actions}/basic/update`),
  bodyKind: 'json',
  reply: { 204: 'empty' },
  source: 'https://learn.microsoft.com/graph/api/user-update',
});

const remove = operation({
  id: 'users_DeleteUser',
  method: 'DELETE',
  path: '/{graphVersion}/users/{userKey}',
  permission: may(`${actions}/delete`),
  reply: { 204: 'empty' },
  source: 'https://learn.microsoft.com/graph/api/user-delete',
});

/** Operations of /users and /me. */
export const userOperations: readonly Operation<Caller, GraphRoom>[] = [
  list,
  get,
  me,
  create,
  update,
  remove,
];

/** The user that a path names: by object id or user principal name. */
export async function userAt(
  tx: ReadTransaction,
  tenantId: string,
  segment: string,
): Promise<User | Fault> {
  const key = objectKeyOf(segment);
  const found = key.by === 'id' ? await findUser(tx, tenantId, key.value) : undefined;
  return found ?? resourceNotFound(key.value);
}

/** The default properties, or all when the client selects among them. */
function shownUser(call: Call<Caller>, user: User): JsonObject {
  const selects = queryValue(call.request.query, '$select') !== undefined;
  return selects ? userDetails(user) : userJson(user);
}
