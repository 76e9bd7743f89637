import { type Static, Type } from 'typebox';
import {
  description,
  keyCredentialBody,
  passwordCredentialList,
  vacant,
  webAddress,
} from './application-body.ts';
import { ownId } from './own-id.ts';
import { ownersBind, referenceList } from './reference.ts';

const closed = { additionalProperties: false } as const;
const texts = Type.Array(Type.String({ maxLength: 2_048 }), { maxItems: 1_000 });

/** What is kept and read back and decides nothing. */
const profile = {
  alternativeNames: Type.Optional(texts),
  description: Type.Optional(description),
  homepage: Type.Optional(webAddress),
  loginUrl: Type.Optional(webAddress),
  logoutUrl: Type.Optional(webAddress),
  // As long as a description. Source: https://learn.microsoft.com/graph/api/resources/serviceprincipal
  notes: Type.Optional(description),
  notificationEmailAddresses: Type.Optional(texts),
  tags: Type.Optional(texts),
};

/** Properties that decide something which Batten does not do; set to anything they are refused with 501. */
const unsupported = {
  addIns: Type.Optional(vacant),
  preferredSingleSignOnMode: Type.Optional(vacant),
  preferredTokenSigningKeyThumbprint: Type.Optional(vacant),
  replyUrls: Type.Optional(vacant),
  samlSingleSignOnSettings: Type.Optional(vacant),
  servicePrincipalType: Type.Optional(vacant),
  tokenEncryptionKeyId: Type.Optional(vacant),
};

const writable = {
  ...profile,
  ...unsupported,
  '@odata.type': Type.Optional(Type.String()),
  accountEnabled: Type.Optional(Type.Boolean()),
  appRoleAssignmentRequired: Type.Optional(Type.Boolean()),
  displayName: Type.Optional(Type.String({ minLength: 1, maxLength: 256 })),
  keyCredentials: Type.Optional(Type.Array(keyCredentialBody, { maxItems: 1_200 })),
  passwordCredentials: Type.Optional(passwordCredentialList),
};

/** Names of the properties that are kept in `ServicePrincipal.profile`. */
export const servicePrincipalProfileNames: readonly string[] = Object.keys(profile);

/** Names of the properties that are refused as not implemented when they say something. */
export const unsupportedServicePrincipalNames: readonly string[] = Object.keys(unsupported);

/**
 * Body of POST /servicePrincipals. Everything but the appId has a default.
 * Source: https://learn.microsoft.com/graph/api/serviceprincipal-post-serviceprincipals
 */
export const newServicePrincipalBody = Type.Object(
  { ...writable, appId: Type.String(), [ownersBind]: Type.Optional(referenceList) },
  closed,
);

export type NewServicePrincipalBody = Static<typeof newServicePrincipalBody>;

/** Body of PATCH /servicePrincipals/{id}. */
export const servicePrincipalChangeBody = Type.Object({ ...ownId, ...writable }, closed);

export type ServicePrincipalChangeBody = Static<typeof servicePrincipalChangeBody>;
