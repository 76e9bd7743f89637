import { type Static, Type } from 'typebox';
import { vacant } from './application-body.ts';
import { ownId } from './own-id.ts';

/**
 * The writable properties of a user as Graph takes them. What is listed here is honoured or kept; what Graph has beside it is refused by
 * name.
 * Source: https://learn.microsoft.com/graph/api/resources/user
 */
const closed = { additionalProperties: false } as const;

const text = (maxLength: number) =>
  Type.Optional(Type.Union([Type.String({ maxLength }), Type.Null()]));
const texts = Type.Optional(Type.Array(Type.String({ maxLength: 250 }), { maxItems: 250 }));

/** What is kept and read back and decides nothing. */
const profile = {
  ageGroup: text(64),
  // A list in which there is room for one number.
  businessPhones: Type.Optional(Type.Array(Type.String({ maxLength: 64 }), { maxItems: 1 })),
  city: text(128),
  companyName: text(64),
  consentProvidedForMinor: text(64),
  country: text(128),
  department: text(64),
  employeeId: text(16),
  employeeType: text(256),
  faxNumber: text(64),
  mobilePhone: text(64),
  officeLocation: text(128),
  onPremisesImmutableId: text(256),
  otherMails: texts,
  // Passwords never expire here; a password that is weaker than the rule is not taken.
  passwordPolicies: Type.Optional(
    Type.Union([Type.Literal('None'), Type.Literal('DisablePasswordExpiration'), Type.Null()]),
  ),
  postalCode: text(40),
  preferredLanguage: text(64),
  showInAddressList: Type.Optional(Type.Union([Type.Boolean(), Type.Null()])),
  state: text(128),
  streetAddress: text(1_024),
  usageLocation: Type.Optional(Type.Union([Type.String({ pattern: '^[A-Z]{2}$' }), Type.Null()])),
};

/** Properties that decide something which Batten does not do; set to anything they are refused with 501. */
const unsupported = {
  authorizationInfo: Type.Optional(vacant),
  customSecurityAttributes: Type.Optional(vacant),
  employeeHireDate: Type.Optional(vacant),
  employeeLeaveDateTime: Type.Optional(vacant),
  employeeOrgData: Type.Optional(vacant),
  identities: Type.Optional(vacant),
  onPremisesExtensionAttributes: Type.Optional(vacant),
};

const passwordProfile = Type.Object(
  {
    '@odata.type': Type.Optional(Type.String()),
    password: Type.Optional(Type.Union([Type.String({ maxLength: 1_024 }), Type.Null()])),
    forceChangePasswordNextSignIn: Type.Optional(Type.Boolean()),
    forceChangePasswordNextSignInWithMfa: Type.Optional(Type.Literal(false)),
  },
  closed,
);

const names = {
  accountEnabled: Type.Boolean(),
  displayName: Type.String({ minLength: 1, maxLength: 256 }),
  mailNickname: Type.String({ pattern: '^[^@()\\\\\\[\\]";:<>, ]{1,64}$' }),
  userPrincipalName: Type.String({ minLength: 1, maxLength: 1_024 }),
};

const writable = {
  ...profile,
  ...unsupported,
  '@odata.type': Type.Optional(Type.String()),
  givenName: text(64),
  jobTitle: text(128),
  mail: text(254),
  passwordProfile: Type.Optional(passwordProfile),
  surname: text(64),
  userType: Type.Optional(Type.Union([Type.Literal('Member'), Type.Null()])),
};

/** Names of the properties that are kept in `User.profile`. */
export const userProfileNames: readonly string[] = Object.keys(profile);

/** Names of the properties that are refused as not implemented when they say something. */
export const unsupportedUserNames: readonly string[] = [
  ...Object.keys(unsupported),
  'passwordProfile.forceChangePasswordNextSignInWithMfa',
];

/** Body of POST /users. Source: https://learn.microsoft.com/graph/api/user-post-users */
export const newUserBody = Type.Object({ ...writable, ...names }, closed);

/** Body of PATCH /users/{id}. */
export const userChangeBody = Type.Object(
  {
    ...ownId,
    ...writable,
    accountEnabled: Type.Optional(names.accountEnabled),
    displayName: Type.Optional(names.displayName),
    mailNickname: Type.Optional(names.mailNickname),
    userPrincipalName: Type.Optional(names.userPrincipalName),
  },
  closed,
);

export type UserChangeBody = Static<typeof userChangeBody>;
