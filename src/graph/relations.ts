import {
  appRoleAssignmentsOf,
  appRoleAssignmentsTo,
} from '#directory/app-role-assignment.store.ts';
import { listFederatedCredentials } from '#directory/federated-credential.store.ts';
import { groupIdsOf, memberIdsOf } from '#directory/group.store.ts';
import { ownerIdsOf } from '#directory/owner.store.ts';
import type { JsonObject } from '#kernel/json.ts';
import type { ReadTransaction } from '#store/store.ts';
import { assignmentJson } from './app-role-assignment-wire.ts';
import { directoryObjects } from './directory-object-wire.ts';
import type { Relations } from './expand.ts';
import { federatedCredentialJson } from './federated-credential-wire.ts';

type IdsOf = (
  tx: ReadTransaction,
  tenantId: string,
  objectId: string,
) => Promise<readonly string[]>;

function objectsBy(idsOf: IdsOf): Relations[string] {
  return async (tx, tenantId, objectId) => {
    const found = await directoryObjects(tx, tenantId, await idsOf(tx, tenantId, objectId));
    return found.map((one) => one.json);
  };
}

function assignmentsBy(list: typeof appRoleAssignmentsOf): Relations[string] {
  return async (tx, tenantId, objectId) => {
    const shown: JsonObject[] = [];
    for (const one of await list(tx, tenantId, objectId)) shown.push(await assignmentJson(tx, one));
    return shown;
  };
}

const owners = objectsBy(ownerIdsOf);
const memberOf = objectsBy(groupIdsOf);
const appRoleAssignments = assignmentsBy(appRoleAssignmentsOf);

/** What `$expand` may show within an application. */
export const applicationRelations: Relations = {
  owners,
  federatedIdentityCredentials: async (tx, tenantId, appObjectId) =>
    (await listFederatedCredentials(tx, { tenantId, appObjectId })).map(federatedCredentialJson),
};

/** What `$expand` may show within a service principal. */
export const servicePrincipalRelations: Relations = {
  owners,
  memberOf,
  appRoleAssignments,
  appRoleAssignedTo: assignmentsBy(appRoleAssignmentsTo),
};

/** What `$expand` may show within a user. */
export const userRelations: Relations = { memberOf, appRoleAssignments };

/** What `$expand` may show within a group. */
export const groupRelations: Relations = {
  owners,
  memberOf,
  appRoleAssignments,
  members: objectsBy(memberIdsOf),
};
