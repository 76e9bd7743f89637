import { findGroup, type Group } from '#directory/group.store.ts';
import { guidBytes } from '#directory/guid-bytes.ts';
import { findServicePrincipal, type ServicePrincipal } from '#directory/service-principal.store.ts';
import { findUser, type User } from '#directory/user.store.ts';
import type { Json, JsonObject } from '#kernel/json.ts';
import type { ReadTransaction } from '#store/store.ts';
import { wholeSeconds } from './application-wire.ts';
import { servicePrincipalJson } from './service-principal-wire.ts';
import { userProfileNames } from './user-body.ts';

/** A user as Graph shows one unless more is selected; Graph writes the id last. Recorded: azure-cli role tests, 2023. */
export function userJson(user: User): JsonObject {
  return {
    businessPhones: user.profile?.['businessPhones'] ?? [],
    displayName: user.displayName,
    givenName: user.givenName ?? null,
    jobTitle: user.jobTitle ?? null,
    mail: user.mail ?? null,
    mobilePhone: user.profile?.['mobilePhone'] ?? null,
    officeLocation: user.profile?.['officeLocation'] ?? null,
    preferredLanguage: user.profile?.['preferredLanguage'] ?? null,
    surname: user.surname ?? null,
    userPrincipalName: user.userPrincipalName,
    id: user.objectId,
  };
}

/** The names of what is shown unless more is selected. */
export const userPropertiesByDefault: readonly string[] = [
  'businessPhones',
  'displayName',
  'givenName',
  'jobTitle',
  'mail',
  'mobilePhone',
  'officeLocation',
  'preferredLanguage',
  'surname',
  'userPrincipalName',
  'id',
];

/** What can be selected beside what is shown by default. */
export function userDetails(user: User): JsonObject {
  const kept = userProfileNames.map((name): [string, Json] => [name, user.profile?.[name] ?? null]);
  return {
    ...userJson(user),
    ...Object.fromEntries(kept.filter(([name]) => !userPropertiesByDefault.includes(name))),
    accountEnabled: user.accountEnabled,
    createdDateTime: wholeSeconds(user.createdAt),
    lastPasswordChangeDateTime: wholeSeconds(user.lastPasswordChangeAt ?? user.createdAt),
    mailNickname: user.mailNickname ?? null,
    otherMails: user.profile?.['otherMails'] ?? [],
    signInSessionsValidFromDateTime: wholeSeconds(user.signInSessionsValidFrom ?? user.createdAt),
    userType: 'Member',
  };
}

/** A security group with every property and null that Graph writes, in its order. Recorded: azure-cli role tests, 2022. */
export function groupJson(group: Group): JsonObject {
  const createdDateTime = wholeSeconds(group.createdAt);
  return {
    id: group.objectId,
    deletedDateTime: null,
    classification: null,
    createdDateTime,
    creationOptions: [],
    description: group.description ?? null,
    displayName: group.displayName,
    expirationDateTime: null,
    groupTypes: [],
    isAssignableToRole: null,
    mail: null,
    mailEnabled: false,
    mailNickname: group.mailNickname,
    membershipRule: null,
    membershipRuleProcessingState: null,
    onPremisesDomainName: null,
    onPremisesLastSyncDateTime: null,
    onPremisesNetBiosName: null,
    onPremisesSamAccountName: null,
    onPremisesSecurityIdentifier: null,
    onPremisesSyncEnabled: null,
    preferredDataLocation: group.profile?.['preferredDataLocation'] ?? null,
    preferredLanguage: group.profile?.['preferredLanguage'] ?? null,
    proxyAddresses: [],
    renewedDateTime: createdDateTime,
    resourceBehaviorOptions: [],
    resourceProvisioningOptions: [],
    securityEnabled: true,
    securityIdentifier: securityIdentifierOf(group.objectId),
    theme: group.profile?.['theme'] ?? null,
    visibility: group.profile?.['visibility'] ?? null,
    onPremisesProvisioningErrors: [],
    serviceProvisioningErrors: [],
  };
}

/** The kinds of directory objects that Batten has, by their names in requests. */
export type DirectoryObjectKind = 'user' | 'group' | 'servicePrincipal';

/** A directory object with its type, as lists of mixed objects show it, and with all that can be selected of it. */
export interface DirectoryObject {
  readonly kind: DirectoryObjectKind;
  readonly json: JsonObject;
}

/** What is shown of an object with its type when nothing is selected: of a user in v1.0 the little that a list of users shows. */
export function shownByDefault(object: JsonObject, version: string): JsonObject {
  if (object['@odata.type'] !== '#microsoft.graph.user' || version === 'beta') return object;
  const isShown = (name: string) => name.startsWith('@') || userPropertiesByDefault.includes(name);
  return Object.fromEntries(Object.entries(object).filter(([name]) => isShown(name)));
}

/** The user, group or service principal of a tenant with this object id. */
export async function directoryObject(
  tx: ReadTransaction,
  tenantId: string,
  objectId: string,
): Promise<DirectoryObject | undefined> {
  const principal = await findServicePrincipal(tx, tenantId, objectId);
  if (principal !== undefined) return servicePrincipalObject(principal);
  const group = await findGroup(tx, tenantId, objectId);
  if (group !== undefined) return typed('group', groupJson(group));
  const user = await findUser(tx, tenantId, objectId);
  if (user === undefined || user.objectId !== objectId.toLowerCase()) return undefined;
  const { id = '', ...rest } = userDetails(user);
  return typed('user', { id, ...rest });
}

/** The directory objects of these ids, in their order; unknown ids are left out. */
export async function directoryObjects(
  tx: ReadTransaction,
  tenantId: string,
  objectIds: readonly string[],
): Promise<readonly DirectoryObject[]> {
  const found: DirectoryObject[] = [];
  for (const id of objectIds) {
    const object = await directoryObject(tx, tenantId, id);
    if (object !== undefined) found.push(object);
  }
  return found;
}

function servicePrincipalObject(principal: ServicePrincipal): DirectoryObject {
  return typed('servicePrincipal', servicePrincipalJson(principal));
}

function typed(kind: DirectoryObjectKind, json: JsonObject): DirectoryObject {
  return { kind, json: { '@odata.type': `#microsoft.graph.${kind}`, ...json } };
}

/** The Windows form of an object id: its four 32-bit words. */
export function securityIdentifierOf(objectId: string): string {
  const bytes = guidBytes(objectId);
  return `S-1-12-1-${[0, 4, 8, 12].map((at) => bytes.readUInt32LE(at)).join('-')}`;
}
