import { type Static, Type } from 'typebox';
import { vacant } from './application-body.ts';
import { ownId } from './own-id.ts';
import { referenceList } from './reference.ts';

/**
 * The writable properties of a group as Graph takes them. Batten has security groups: what a mailbox, a rule or a label would be needed for
 * is refused by name.
 * Source: https://learn.microsoft.com/graph/api/resources/group
 */
const closed = { additionalProperties: false } as const;

const text = (maxLength: number) =>
  Type.Optional(Type.Union([Type.String({ maxLength }), Type.Null()]));

/** What is kept and read back and decides nothing. */
const profile = {
  preferredDataLocation: text(64),
  preferredLanguage: text(64),
  theme: text(64),
  visibility: Type.Optional(
    Type.Union([Type.Literal('Private'), Type.Literal('Public'), Type.Null()]),
  ),
};

/** Properties that decide something which Batten does not do; set to anything they are refused with 501. */
const unsupported = {
  assignedLabels: Type.Optional(vacant),
  classification: Type.Optional(vacant),
  groupTypes: Type.Optional(vacant),
  isAssignableToRole: Type.Optional(vacant),
  membershipRule: Type.Optional(vacant),
  membershipRuleProcessingState: Type.Optional(vacant),
  resourceBehaviorOptions: Type.Optional(vacant),
  resourceProvisioningOptions: Type.Optional(vacant),
  writebackConfiguration: Type.Optional(vacant),
};

const names = {
  displayName: Type.String({ minLength: 1, maxLength: 256 }),
  mailEnabled: Type.Boolean(),
  mailNickname: Type.String({ pattern: '^[^@()\\\\\\[\\]";:<>, ]{1,64}$' }),
  securityEnabled: Type.Boolean(),
};

const writable = {
  ...profile,
  ...unsupported,
  '@odata.type': Type.Optional(Type.String()),
  description: text(1_024),
  'members@odata.bind': Type.Optional(referenceList),
};

/** Names of the properties that are kept in `Group.profile`. */
export const groupProfileNames: readonly string[] = Object.keys(profile);

/** Names of the properties that are refused as not implemented when they say something. */
export const unsupportedGroupNames: readonly string[] = Object.keys(unsupported);

/** Body of POST /groups. Source: https://learn.microsoft.com/graph/api/group-post-groups */
export const newGroupBody = Type.Object(
  { ...writable, ...names, 'owners@odata.bind': Type.Optional(referenceList) },
  closed,
);

/** Body of PATCH /groups/{id}. */
export const groupChangeBody = Type.Object(
  {
    ...ownId,
    ...writable,
    displayName: Type.Optional(names.displayName),
    mailEnabled: Type.Optional(names.mailEnabled),
    mailNickname: Type.Optional(names.mailNickname),
    securityEnabled: Type.Optional(names.securityEnabled),
  },
  closed,
);

export type GroupChangeBody = Static<typeof groupChangeBody>;
