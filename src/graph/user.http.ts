import type { Caller } from '#directory/caller.ts';
import { findUser, type User } from '#directory/user.store.ts';
import type { Call, Operation, Reply } from '#http/operation.ts';
import { type Fault, isFault } from '#kernel/fault.ts';
import type { ReadTransaction, Store } from '#store/store.ts';
import { type Collection, collectionCount, collectionReply } from './collection.ts';
import { userDetails, userPropertiesByDefault } from './directory-object-wire.ts';
import { entityWithRelations } from './expand.ts';
import { resourceNotFound } from './faults.ts';
import { listOptions } from './listing.ts';
import { seenBy } from './object-view.ts';
import { objectKeyOf } from './odata-key.ts';
import { may } from './permission.ts';
import { userRelations } from './relations.ts';
import { type GraphRoom, operation } from './room.ts';
import { directoryRows } from './rows.ts';

const users: Collection<User> = {
  rows: directoryRows('user'),
  type: 'users',
  resource: 'User',
  filterable: [
    'id',
    'accountEnabled',
    'city',
    'companyName',
    'country',
    'createdDateTime',
    'department',
    'displayName',
    'employeeId',
    'givenName',
    'jobTitle',
    'mail',
    'mailNickname',
    'onPremisesImmutableId',
    'otherMails',
    'state',
    'surname',
    'usageLocation',
    'userPrincipalName',
    'userType',
  ],
  searchable: ['displayName', 'mail', 'mailNickname', 'userPrincipalName'],
  sortable: {
    displayName: 'unfiltered',
    userPrincipalName: 'unfiltered',
    createdDateTime: 'advanced',
  },
  byDefault: userPropertiesByDefault,
  keys: {
    userPrincipalName: async (tx, tenantId, name) => {
      const user = await findUser(tx, tenantId, name);
      return user === undefined ? [] : [user.objectId];
    },
  },
  shape: async () => userDetails,
  relations: userRelations,
};

const { byDefault: _, ...wholeUsers } = users;

/** Beta shows every property when nothing is selected. Source: https://github.com/manicminer/hamilton (users, always in beta) */
function usersIn(version: string): Collection<User> {
  return version === 'beta' ? wholeUsers : users;
}

/** Users as the caller may see them, so that nobody finds by what she may not see. */
function usersFor({ caller, version }: Pick<Call<Caller>, 'caller' | 'version'>): Collection<User> {
  const seen = seenBy(caller, { type: 'user' });
  return { ...usersIn(version), shape: async () => (user) => seen(userDetails(user)) };
}

const actions = 'microsoft.directory/users';

const list = operation({
  id: 'users_ListUser',
  method: 'GET',
  path: '/{graphVersion}/users',
  permission: may(`${actions}/standard/read`),
  query: listOptions,
  reply: { 200: 'json' },
  source: 'https://learn.microsoft.com/graph/api/user-list',
  handler: (call, { store }) => collectionReply(call, store, usersFor(call)),
});

const count = operation({
  id: 'users_Count',
  method: 'GET',
  path: '/{graphVersion}/users/$count',
  permission: may(`${actions}/standard/read`),
  query: ['$filter', '$search'],
  reply: { 200: 'stream' },
  source: 'https://learn.microsoft.com/graph/aad-advanced-queries',
  handler: (call, { store }) => collectionCount(call, store, usersFor(call)),
});

const get = operation({
  id: 'users_GetUser',
  method: 'GET',
  path: '/{graphVersion}/users/{userKey}',
  permission: may(`${actions}/standard/read`),
  query: ['$select', '$expand'],
  reply: { 200: 'json' },
  source: 'https://learn.microsoft.com/graph/api/user-get',
  handler: async (call, { store }) => {
    const { tenantId } = call.caller;
    const found = await store.read((tx) => userAt(tx, tenantId, call.params.userKey));
    return isFault(found) ? found : userReply(call, store, found);
  },
});

const me = operation({
  id: 'me_GetUser',
  method: 'GET',
  path: '/{graphVersion}/me',
  permission: may(`${actions}/standard/read`),
  query: ['$select', '$expand'],
  reply: { 200: 'json' },
  source: 'https://learn.microsoft.com/graph/api/user-get',
  handler: async (call, { store }) => {
    const { caller } = call;
    const found = await store.read((tx) => userAt(tx, caller.tenantId, caller.objectId));
    return isFault(found) ? found : userReply(call, store, found);
  },
});

/** Nobody has a manager: none can be given yet. */
const manager = operation({
  id: 'users_GetManager',
  method: 'GET',
  path: '/{graphVersion}/users/{userKey}/manager',
  permission: may(`${actions}/manager/read`),
  query: ['$select'],
  reply: { 200: 'json' },
  source: 'https://learn.microsoft.com/graph/api/user-list-manager',
  handler: async ({ caller, params }, { store }) => {
    const found = await store.read((tx) => userAt(tx, caller.tenantId, params.userKey));
    return isFault(found) ? found : resourceNotFound('manager');
  },
});

/** Operations of /users and /me. */
export const userOperations: readonly Operation<Caller, GraphRoom>[] = [
  list,
  count,
  get,
  me,
  manager,
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

/** One user with the relations that are asked for. */
function userReply(call: Call<Caller>, store: Store, user: User): Promise<Reply | Fault> {
  const object = seenBy(call.caller, { type: 'user' })(userDetails(user));
  return entityWithRelations(call, store, usersIn(call.version), userRelations, object);
}
