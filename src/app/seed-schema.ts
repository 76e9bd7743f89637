import { type Static, Type } from 'typebox';

const closed = { additionalProperties: false } as const;
const guid = Type.String({
  pattern: '^[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$',
  description: 'A GUID. Where it is left out, one is derived from the names, always the same.',
});
const text = Type.String({ minLength: 1, maxLength: 256 });
const location = Type.String({
  pattern: '^[a-z0-9]+$',
  description: 'An Azure region: westeurope.',
});
const tags = Type.Record(Type.String(), Type.String());

const user = Type.Object(
  {
    userPrincipalName: Type.String({ pattern: '^[^@\\s]+@[^@\\s]+$' }),
    displayName: text,
    id: Type.Optional(guid),
    password: Type.Optional(
      Type.String({
        minLength: 8,
        maxLength: 256,
        description: 'Without one nobody signs in as this user.',
      }),
    ),
    directoryRoles: Type.Optional(Type.Array(text)),
  },
  closed,
);

const group = Type.Object(
  {
    displayName: text,
    id: Type.Optional(guid),
    description: Type.Optional(text),
    members: Type.Optional(
      Type.Array(text, { description: 'Users by name, groups and applications by display name.' }),
    ),
  },
  closed,
);

const secret = Type.Object(
  {
    displayName: Type.Optional(text),
    value: Type.String({ minLength: 16, maxLength: 256 }),
    endsInDays: Type.Optional(
      Type.Integer({ minimum: 1, maximum: 3650, description: '180 when left out.' }),
    ),
  },
  closed,
);

const permission = Type.Object(
  {
    resource: Type.String({
      description: 'Display name or appId: Microsoft Graph, Microsoft Azure Batch, ...',
    }),
    delegated: Type.Optional(
      Type.Array(text, { description: 'Delegated permissions: user_impersonation.' }),
    ),
    application: Type.Optional(
      Type.Array(text, { description: 'App roles: Application.ReadWrite.All.' }),
    ),
    consent: Type.Optional(
      Type.Boolean({
        description:
          'True: an administrator has consented. False when left out: it is only asked for.',
      }),
    ),
  },
  closed,
);

const application = Type.Object(
  {
    displayName: text,
    appId: Type.Optional(guid),
    id: Type.Optional(guid),
    signInAudience: Type.Optional(
      Type.Union([
        Type.Literal('AzureADMyOrg'),
        Type.Literal('AzureADMultipleOrgs'),
        Type.Literal('AzureADandPersonalMicrosoftAccount'),
      ]),
    ),
    identifierUris: Type.Optional(Type.Array(text)),
    publicClient: Type.Optional(Type.Boolean()),
    redirectUris: Type.Optional(Type.Array(text)),
    secrets: Type.Optional(Type.Array(secret)),
    permissions: Type.Optional(Type.Array(permission)),
    servicePrincipal: Type.Optional(Type.Boolean({ description: 'True when left out.' })),
    servicePrincipalId: Type.Optional(guid),
    directoryRoles: Type.Optional(Type.Array(text)),
  },
  closed,
);

const tenantSettings = Type.Object(
  {
    classicRedirectUris: Type.Optional(
      Type.Boolean({
        description:
          'Allows http redirect addresses beyond loopback, as until 2020; otherwise false.',
      }),
    ),
    userConsent: Type.Optional(
      Type.Boolean({ description: 'Whether users may consent for themselves; otherwise true.' }),
    ),
  },
  closed,
);

const claim = Type.String({ minLength: 1, maxLength: 256, description: 'Name of a claim.' });
const audiences = Type.Optional(Type.Array(text, { minItems: 1 }));

const trustedIssuer = Type.Object(
  {
    issuer: Type.String({
      pattern: '^https://[^\\s?#]+$',
      description: 'Exactly as in the tokens and in its metadata: a slash at the end matters.',
    }),
    audiences: Type.Object(
      { batch: audiences, arm: audiences, graph: audiences },
      {
        ...closed,
        description:
          'Audiences of its tokens that count at each surface; none are taken at one left out.',
      },
    ),
    principals: Type.Optional(
      Type.Array(
        Type.Object(
          {
            claim,
            names: Type.Union([
              Type.Literal('objectId'),
              Type.Literal('userPrincipalName'),
              Type.Literal('appId'),
            ]),
          },
          closed,
        ),
        { description: 'Who a token is about: the first of these claims that it has decides.' },
      ),
    ),
    subjects: Type.Optional(
      Type.Record(Type.String(), text, {
        description:
          'Principals by subject, before the claims: users by name, applications by display name.',
      }),
    ),
    groups: Type.Optional(
      Type.Object(
        {
          claim,
          names: Type.Optional(
            Type.Record(Type.String(), text, {
              description: 'Groups by value of the claim; without it a value is the id of a group.',
            }),
          ),
        },
        closed,
      ),
    ),
  },
  {
    ...closed,
    description:
      'An OpenID Connect issuer whose access tokens this tenant accepts; one tenant at most trusts it.',
  },
);

const tenant = Type.Object(
  {
    displayName: text,
    domains: Type.Array(Type.String({ pattern: '^[a-z0-9-]+(\\.[a-z0-9-]+)+$' }), { minItems: 1 }),
    id: Type.Optional(guid),
    settings: Type.Optional(tenantSettings),
    users: Type.Optional(Type.Array(user)),
    groups: Type.Optional(Type.Array(group)),
    applications: Type.Optional(Type.Array(application)),
    trustedIssuers: Type.Optional(Type.Array(trustedIssuer)),
  },
  closed,
);

const batchAccount = Type.Object(
  { name: Type.String({ pattern: '^[a-z0-9]{3,24}$' }), location: Type.Optional(location) },
  closed,
);

const resourceGroup = Type.Object(
  {
    name: Type.String({ pattern: '^[-\\w.()]{1,89}[-\\w()]$' }),
    location,
    tags: Type.Optional(tags),
    batchAccounts: Type.Optional(Type.Array(batchAccount)),
  },
  closed,
);

const subscription = Type.Object(
  {
    id: guid,
    displayName: text,
    tenant: Type.Optional(
      Type.String({ description: 'A domain of it; the first tenant when left out.' }),
    ),
    resourceGroups: Type.Optional(Type.Array(resourceGroup)),
  },
  closed,
);

const roleAssignment = Type.Object(
  {
    principal: Type.String({ description: 'User by name, group or application by display name.' }),
    role: Type.String({ description: 'Name or id of a built-in role.' }),
    scope: Type.String({ pattern: '^/' }),
    tenant: Type.Optional(Type.String()),
  },
  closed,
);

const ready = Type.Object(
  {
    user: Type.Optional(
      Type.String({
        description: 'Name of the user, who gets a random password if none is written.',
      }),
    ),
    application: Type.String({
      description:
        'Display name of the application, which gets a random secret if none is written.',
    }),
    subscription: guid,
    batchAccount: Type.String(),
  },
  {
    ...closed,
    description:
      'What `batten up` shows and `batten env` hands out; all of it of the first tenant.',
  },
);

/** The schema of seed files; `seed/schema.json` is its printed form. */
export const seedSchema = Type.Object(
  {
    $schema: Type.Optional(Type.String()),
    tenants: Type.Array(tenant, { minItems: 1 }),
    subscriptions: Type.Optional(Type.Array(subscription)),
    roleAssignments: Type.Optional(Type.Array(roleAssignment)),
    ready: Type.Optional(ready),
  },
  {
    ...closed,
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    title: 'Batten seed file',
    description: 'What a data folder holds after its first start.',
  },
);

/** What `batten issuers trust` reads: the part of a seed about outside issuers, and whose it is. */
export const trustSchema = Type.Object(
  {
    tenant: Type.Optional(
      Type.String({ description: 'A domain or the id; the first tenant when left out.' }),
    ),
    trustedIssuers: Type.Array(trustedIssuer, { minItems: 1 }),
  },
  closed,
);

/** A seed file that fits the schema. */
export type Seed = Static<typeof seedSchema>;
export type SeedTenant = Seed['tenants'][number];
export type SeedApplication = NonNullable<SeedTenant['applications']>[number];
export type SeedTrustedIssuer = NonNullable<SeedTenant['trustedIssuers']>[number];
export type SeedSubscription = NonNullable<Seed['subscriptions']>[number];
export type SeedRoleAssignment = NonNullable<Seed['roleAssignments']>[number];
