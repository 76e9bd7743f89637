import { type Static, Type } from 'typebox';
import { ownId } from './own-id.ts';
import { ownersBind, referenceList } from './reference.ts';

/**
 * The writable properties of an application as Graph takes them. What is listed here is honoured or kept; what Graph has beside
 * it is refused by name.
 * Source: https://learn.microsoft.com/graph/api/resources/application
 */
const closed = { additionalProperties: false } as const;

const text = Type.Union([Type.String({ maxLength: 4_096 }), Type.Null()]);
const texts = Type.Array(Type.String({ maxLength: 2_048 }), { maxItems: 1_000 });
const guid = Type.String({ pattern: '^[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$' });
const flag = Type.Union([Type.Boolean(), Type.Null()]);

/**
 * An address that people may be shown or sent to: of the web, and nothing that runs.
 * UNVERIFIED: that Graph refuses other schemes here; an application with such a privacy statement would settle it.
 */
export const webAddress = Type.Union([
  Type.String({ maxLength: 2_048, pattern: '^(?:[hH][tT][tT][pP][sS]?://[!-~]+)?$' }),
  Type.Null(),
]);

const optionalClaimList = Type.Array(
  Type.Object(
    {
      '@odata.type': Type.Optional(Type.String()),
      name: Type.String({ minLength: 1, maxLength: 256 }),
      source: Type.Optional(text),
      essential: Type.Optional(Type.Boolean()),
      additionalProperties: Type.Optional(Type.Array(Type.String({ maxLength: 256 }))),
    },
    closed,
  ),
  { maxItems: 200 },
);

const optionalClaims = Type.Object(
  {
    '@odata.type': Type.Optional(Type.String()),
    idToken: Type.Optional(Type.Union([optionalClaimList, Type.Null()])),
    accessToken: Type.Optional(Type.Union([optionalClaimList, Type.Null()])),
    saml2Token: Type.Optional(Type.Union([optionalClaimList, Type.Null()])),
  },
  closed,
);

/** Nothing at all, in whatever form clients write it: what Batten does not do yet may be said to be absent. */
export const vacant = Type.Union([
  Type.Null(),
  Type.Literal(false),
  Type.Array(Type.Unknown(), { maxItems: 0 }),
  Type.Record(Type.String(), Type.Array(Type.Unknown(), { maxItems: 0 })),
]);

/** Text of a name, as long as Entra allows: 256 characters. */
const displayName = Type.String({ minLength: 1, maxLength: 256 });

const appRole = Type.Object(
  {
    id: guid,
    allowedMemberTypes: Type.Array(
      Type.Union([Type.Literal('User'), Type.Literal('Application')]),
      {
        minItems: 1,
      },
    ),
    displayName: Type.String({ minLength: 1, maxLength: 100 }),
    description: Type.String({ minLength: 1, maxLength: 4_096 }),
    isEnabled: Type.Optional(Type.Boolean()),
    origin: Type.Optional(text),
    value: Type.Optional(text),
  },
  closed,
);

const delegatedPermission = Type.Object(
  {
    id: guid,
    value: Type.Union([Type.String({ maxLength: 120 }), Type.Null()]),
    type: Type.Union([Type.Literal('User'), Type.Literal('Admin')]),
    isEnabled: Type.Optional(Type.Boolean()),
    adminConsentDisplayName: Type.Optional(text),
    adminConsentDescription: Type.Optional(text),
    userConsentDisplayName: Type.Optional(text),
    userConsentDescription: Type.Optional(text),
  },
  closed,
);

const requiredResourceAccess = Type.Object(
  {
    resourceAppId: guid,
    resourceAccess: Type.Array(
      Type.Object(
        { id: guid, type: Type.Union([Type.Literal('Scope'), Type.Literal('Role')]) },
        closed,
      ),
    ),
  },
  closed,
);

const api = Type.Object(
  {
    requestedAccessTokenVersion: Type.Optional(
      Type.Union([Type.Literal(1), Type.Literal(2), Type.Null()]),
    ),
    oauth2PermissionScopes: Type.Optional(Type.Array(delegatedPermission, { maxItems: 1_000 })),
    knownClientApplications: Type.Optional(Type.Array(guid)),
    preAuthorizedApplications: Type.Optional(
      Type.Array(Type.Object({ appId: guid, delegatedPermissionIds: Type.Array(guid) }, closed)),
    ),
    acceptMappedClaims: Type.Optional(vacant),
  },
  closed,
);

const web = Type.Object(
  {
    homePageUrl: Type.Optional(webAddress),
    logoutUrl: Type.Optional(webAddress),
    redirectUris: Type.Optional(texts),
    implicitGrantSettings: Type.Optional(
      Type.Object(
        {
          enableIdTokenIssuance: Type.Optional(flag),
          enableAccessTokenIssuance: Type.Optional(flag),
        },
        closed,
      ),
    ),
    redirectUriSettings: Type.Optional(Type.Array(Type.Unknown())),
  },
  closed,
);

const redirecting = Type.Object({ redirectUris: Type.Optional(texts) }, closed);

/** One certificate of an application or service principal, as az and the SDKs send it. */
export const keyCredentialBody = Type.Object(
  {
    '@odata.type': Type.Optional(Type.String()),
    customKeyIdentifier: Type.Optional(text),
    displayName: Type.Optional(text),
    startDateTime: Type.Optional(text),
    endDateTime: Type.Optional(text),
    key: Type.Optional(Type.Union([Type.String({ maxLength: 32_768 }), Type.Null()])),
    keyId: Type.Optional(Type.Union([guid, Type.Null()])),
    type: Type.String(),
    usage: Type.String(),
  },
  closed,
);

export type KeyCredentialBody = Static<typeof keyCredentialBody>;

/** One secret as clients send it; only name and times are theirs to choose. */
export const passwordCredentialBody = Type.Object(
  {
    '@odata.type': Type.Optional(Type.String()),
    customKeyIdentifier: Type.Optional(Type.Null()),
    displayName: Type.Optional(text),
    startDateTime: Type.Optional(text),
    endDateTime: Type.Optional(text),
    hint: Type.Optional(text),
    keyId: Type.Optional(text),
    secretText: Type.Optional(Type.Null()),
  },
  closed,
);

/** The secrets that an object is to have; texts of new ones are refused where they are read. */
export const passwordCredentialList = Type.Array(
  Type.Object({ ...passwordCredentialBody.properties, secretText: Type.Optional(text) }, closed),
  { maxItems: 1_200 },
);

export type PasswordListBody = Static<typeof passwordCredentialList>[number];

/** What the people who use an application are told of it. Source: https://learn.microsoft.com/graph/api/resources/application */
export const description = Type.Union([Type.String({ maxLength: 1_024 }), Type.Null()]);

/** What is kept and read back and decides nothing. */
const profile = {
  applicationTemplateId: Type.Optional(text),
  defaultRedirectUri: Type.Optional(text),
  description: Type.Optional(description),
  info: Type.Optional(Type.Union([Type.Record(Type.String(), webAddress), Type.Null()])),
  isDeviceOnlyAuthSupported: Type.Optional(flag),
  nativeAuthenticationApisEnabled: Type.Optional(text),
  notes: Type.Optional(text),
  parentalControlSettings: Type.Optional(Type.Record(Type.String(), Type.Unknown())),
  samlMetadataUrl: Type.Optional(webAddress),
  serviceManagementReference: Type.Optional(text),
  tags: Type.Optional(texts),
};

/** Properties that decide something which Batten does not do; set to anything they are refused with 501. */
const unsupported = {
  addIns: Type.Optional(vacant),
  requestSignatureVerification: Type.Optional(vacant),
  servicePrincipalLockConfiguration: Type.Optional(vacant),
  tokenEncryptionKeyId: Type.Optional(vacant),
};

const writable = {
  ...profile,
  ...unsupported,
  '@odata.type': Type.Optional(Type.String()),
  api: Type.Optional(Type.Union([api, Type.Null()])),
  appRoles: Type.Optional(Type.Array(appRole, { maxItems: 1_200 })),
  groupMembershipClaims: Type.Optional(text),
  identifierUris: Type.Optional(texts),
  isFallbackPublicClient: Type.Optional(flag),
  keyCredentials: Type.Optional(Type.Array(keyCredentialBody, { maxItems: 1_200 })),
  optionalClaims: Type.Optional(Type.Union([optionalClaims, Type.Null()])),
  passwordCredentials: Type.Optional(passwordCredentialList),
  publicClient: Type.Optional(Type.Union([redirecting, Type.Null()])),
  requiredResourceAccess: Type.Optional(Type.Array(requiredResourceAccess, { maxItems: 50 })),
  signInAudience: Type.Optional(
    Type.Union([
      Type.Literal('AzureADMyOrg'),
      Type.Literal('AzureADMultipleOrgs'),
      Type.Literal('AzureADandPersonalMicrosoftAccount'),
    ]),
  ),
  spa: Type.Optional(Type.Union([redirecting, Type.Null()])),
  web: Type.Optional(Type.Union([web, Type.Null()])),
};

/** Names of the properties that are kept in `Application.profile`. */
export const profileNames: readonly string[] = Object.keys(profile);

/** Names of the properties that are refused as not implemented when they say something. */
export const unsupportedApplicationNames: readonly string[] = [
  ...Object.keys(unsupported),
  'api.acceptMappedClaims',
];

/** Body of POST /applications. */
export const newApplicationBody = Type.Object(
  { ...writable, displayName, [ownersBind]: Type.Optional(referenceList) },
  closed,
);

/** Body of PATCH /applications/{id}. */
export const applicationChangeBody = Type.Object(
  { ...ownId, ...writable, displayName: Type.Optional(displayName) },
  closed,
);

export type ApplicationChangeBody = Static<typeof applicationChangeBody>;

export type NewApplicationBody = Static<typeof newApplicationBody>;
