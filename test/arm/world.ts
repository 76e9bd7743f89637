import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { armMigrations } from '#arm/migrations.ts';
import { putResourceGroup } from '#arm/resource-group.store.ts';
import { scopeFault } from '#arm/scope-fault.ts';
import { addSubscription } from '#arm/subscription.store.ts';
import { armSurface } from '#arm/surface.ts';
import { signAccessToken } from '#authority/access-token.ts';
import { openForeignKeys } from '#authority/foreign-key.ts';
import { openSigningKeys } from '#authority/keys.ts';
import { authorityMigrations } from '#authority/migrations.ts';
import type { BatchAccount } from '#batch/account.ts';
import { accountKind } from '#batch/account-kind.ts';
import { accountOperations } from '#batch/account-operations.ts';
import { accountMigrations } from '#batch/migrations/account.ts';
import { clouds } from '#cloud/cloud.ts';
import { addGroup, addMember } from '#directory/group.store.ts';
import { directoryMigrations } from '#directory/migrations.ts';
import { addServicePrincipal } from '#directory/service-principal.store.ts';
import { addTenant } from '#directory/tenant.store.ts';
import { addUser } from '#directory/user.store.ts';
import { openGuard } from '#guard/authorize.ts';
import { type BoundOperation, bind } from '#http/operation.ts';
import type { HttpRequest, Reach } from '#http/request.ts';
import { parseQuery, parseTarget } from '#http/target.ts';
import { identityMigrations } from '#identity/migrations.ts';
import { identityKind } from '#identity/resource-kind.ts';
import { identityOperations } from '#identity/resource-operations.ts';
import { fixedClock } from '#kernel/clock.ts';
import { type Instant, instantOfSeconds, secondsOf } from '#kernel/instant.ts';
import type { JsonObject } from '#kernel/json.ts';
import { silentLog } from '#kernel/log.ts';
import { guidOfText, machineRandom, seededRandom } from '#kernel/random.ts';
import { sealWith } from '#kernel/seal.ts';
import { rbacMigrations } from '#rbac/migrations.ts';
import { rbacOperations } from '#rbac/operations.ts';
import { openPolicies } from '#rbac/policy.ts';
import { addRoleAssignment } from '#rbac/role-assignment.store.ts';
import type { RecordedEvent } from '#record/record.ts';
import { SqliteStore } from '#store/sqlite.ts';
import type { WriteTransaction } from '#store/store.ts';

/** Ids of the world, the same in every run. */
export const ids = {
  tenant: guidOfText('tenant'),
  otherTenant: guidOfText('other tenant'),
  subscription: guidOfText('subscription'),
  otherSubscription: guidOfText('other subscription'),
  foreignSubscription: guidOfText('foreign subscription'),
  /** Owner of both subscriptions of the tenant. */
  owner: guidOfText('owner'),
  /** Has no role anywhere. */
  stranger: guidOfText('stranger'),
  /** A user with Reader on the group rg1, through two groups. */
  reader: guidOfText('reader'),
  foreigner: guidOfText('foreigner'),
  disabled: guidOfText('disabled'),
  innerGroup: guidOfText('inner group'),
  outerGroup: guidOfText('outer group'),
};

/** Built-in roles by their ids. */
export const roles = {
  owner: '8e3af657-a8ff-443c-a75c-2fe8c4bcb635',
  contributor: 'b24988ac-6180-42a0-ab88-20f7382dd24c',
  reader: 'acdd72a7-3385-48ef-bd42-f606fba81ae7',
  accessAdministrator: '18d7d88d-d35e-4fb5-a5c3-7773c20a72d9',
  jobSubmitter: '48e5e92e-a480-4e71-aa9c-2778f4c13781',
};

export const subscription = `/subscriptions/${ids.subscription}`;
export const group = `${subscription}/resourceGroups/rg1`;
export const identity = `${group}/providers/Microsoft.ManagedIdentity/userAssignedIdentities/runner`;
export const account = `${group}/providers/Microsoft.Batch/batchAccounts/contoso`;

/** A reply as a client sees it. */
export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  /** The body; undefined when it is empty. */
  readonly json: Body | undefined;
}

/** JSON whose parts a test looks at by name. */
export interface Body {
  readonly [name: string]: unknown;
  readonly error?: { readonly code: string; readonly message: string; readonly target?: string };
  readonly value?: readonly Body[];
  readonly properties?: Body;
  readonly id?: string;
  readonly name?: string;
}

export interface Ask {
  /** The caller's object id; absent, nobody's token is sent. */
  readonly as?: string;
  /** A token as it stands, instead of one for `as`. */
  readonly token?: string;
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
  readonly reach?: Partial<Reach>;
}

/** Resource Manager with a directory of a few principals, its clock standing still. */
export interface World {
  readonly store: SqliteStore;
  readonly clock: ReturnType<typeof fixedClock>;
  readonly recorded: RecordedEvent[];
  /** Accounts whose content was to be removed. */
  readonly emptied: BatchAccount[];
  /** Every operation of the surface. */
  readonly operations: readonly BoundOperation<never>[];
  /** Sends a request; `api-version` is part of the target. */
  ask(method: string, target: string, how?: Ask): Promise<Answer>;
  /** A token that this Batten issued, with some claims changed. */
  token(objectId: string, more?: JsonObject, cloud?: string): Promise<string>;
  write(body: (transaction: WriteTransaction) => Promise<void>): Promise<void>;
  close(): Promise<void>;
}

/** 2027-01-15T08:00:00Z. */
const startsAt = instantOfSeconds(1_800_000_000);

export async function openWorld(): Promise<World> {
  const folder = await mkdtemp(join(tmpdir(), 'batten-arm-'));
  const store = new SqliteStore(join(folder, 'batten.db'), [
    ...directoryMigrations,
    ...rbacMigrations,
    ...authorityMigrations,
    ...armMigrations,
    ...identityMigrations,
    ...accountMigrations,
  ]);
  const clock = fixedClock(startsAt);
  const random = seededRandom('arm');
  const seal = sealWith(random.bytes(32), random);
  const keys = await openSigningKeys({ store, seal, clock, random: machineRandom() });
  const policies = openPolicies({ store });
  const recorded: RecordedEvent[] = [];
  const recorder = { note: (event: RecordedEvent) => void recorded.push(event) };
  const emptied: BatchAccount[] = [];
  const onAccountDeleted = async (_: WriteTransaction, one: BatchAccount): Promise<void> => {
    emptied.push(one);
  };
  const foreignKeys = openForeignKeys({
    clock,
    fetchDocument: async () => ({ kind: 'failure', reason: 'ECONNREFUSED' }),
  });
  const ground = { store, keys, foreignKeys, policies, recorder, clock };
  const guard = openGuard({ ...ground, log: silentLog });
  const parts = { store, seal, clock, random, guard, policies, clouds, log: silentLog };
  const surface = armSurface({
    ...parts,
    operations: [
      ...bind(rbacOperations, { ...parts, scopeFault }),
      ...bind(accountOperations, { ...parts, onAccountDeleted }),
      ...bind(identityOperations, parts),
    ],
    resourceKinds: [accountKind(onAccountDeleted), identityKind],
  });
  await store.write(fill);
  const token = (objectId: string, more: JsonObject = {}, cloud = 'public'): Promise<string> => {
    const isUser = objectId === ids.reader;
    const tid = objectId === ids.foreigner ? ids.otherTenant : ids.tenant;
    const now = secondsOf(clock.civil());
    const claims = {
      aud: 'https://management.azure.com/',
      iss: `https://sts.windows.net/${tid}/`,
      iat: now,
      nbf: now,
      exp: now + 3600,
      appid: guidOfText('app', objectId),
      oid: objectId,
      tid,
      ver: '1.0',
      ...(isUser ? { scp: 'user_impersonation' } : { idtyp: 'app' }),
      ...more,
    };
    return signAccessToken(claims, 1, keys.signingKey(cloud));
  };
  return {
    store,
    clock,
    recorded,
    emptied,
    operations: surface.operations,
    token,
    async ask(method, target, how = {}) {
      const bearer = how.token ?? (how.as === undefined ? undefined : await token(how.as));
      const request = requestOf(method, target, how, bearer, clock.civil(), random.guid());
      const reply = await surface.handle(request);
      const { status, headers = {}, json } = reply;
      return { status, headers, json: json as Body | undefined };
    },
    write: (body) => store.write(body),
    async close() {
      await store.close();
      await rm(folder, { recursive: true });
    },
  };
}

function requestOf(
  method: string,
  target: string,
  how: Ask,
  bearer: string | undefined,
  at: Instant,
  requestId: string,
): HttpRequest {
  const parsed = parseTarget(target);
  const query = parsed === undefined ? undefined : parseQuery(parsed.query);
  if (parsed === undefined || query === undefined) throw new Error(`${target} is no target`);
  const text = typeof how.body === 'string' ? how.body : JSON.stringify(how.body);
  return {
    method,
    target: parsed,
    route: parsed,
    query,
    headers: {
      ...(bearer === undefined ? {} : { authorization: `Bearer ${bearer}` }),
      ...how.headers,
    },
    reach: {
      surface: 'arm',
      cloud: 'public',
      origin: 'https://management.azure.com',
      host: 'management.azure.com',
      base: [],
      labels: {},
      explicit: false,
      ...how.reach,
    },
    requestId,
    receivedAt: at,
    receivedReal: at,
    remoteAddress: '127.0.0.1',
    stream: Readable.from(how.body === undefined ? [] : [Buffer.from(text)]),
  };
}

async function fill(tx: WriteTransaction): Promise<void> {
  const { tenant, otherTenant, reader, innerGroup, outerGroup } = ids;
  const at = { createdAt: startsAt };
  await addTenant(tx, {
    tenantId: tenant,
    displayName: 'Contoso',
    domains: ['contoso.example'],
    ...at,
  });
  await addTenant(tx, {
    tenantId: otherTenant,
    displayName: 'Other',
    domains: ['other.example'],
    ...at,
  });
  await addApplicationPrincipal(tx, tenant, ids.owner, true);
  await addApplicationPrincipal(tx, tenant, ids.stranger, true);
  await addApplicationPrincipal(tx, tenant, ids.disabled, false);
  await addApplicationPrincipal(tx, otherTenant, ids.foreigner, true);
  await addUser(tx, {
    tenantId: tenant,
    objectId: reader,
    userPrincipalName: 'reader@contoso.example',
    displayName: 'Reader',
    accountEnabled: true,
    ...at,
  });
  for (const objectId of [innerGroup, outerGroup]) {
    const names = { displayName: objectId, mailNickname: objectId };
    await addGroup(tx, { tenantId: tenant, objectId, ...names, ...at });
  }
  await addMember(tx, tenant, innerGroup, reader);
  await addMember(tx, tenant, outerGroup, innerGroup);
  for (const [subscriptionId, tenantId] of [
    [ids.subscription, tenant],
    [ids.otherSubscription, tenant],
    [ids.foreignSubscription, otherTenant],
  ] as const) {
    await addSubscription(tx, { subscriptionId, tenantId, displayName: 'Pay-As-You-Go', ...at });
  }
  const { subscription: subscriptionId } = ids;
  const place = { subscriptionId, location: 'westeurope', tags: {}, ...at };
  for (const name of ['rg1', 'rg10']) await putResourceGroup(tx, { ...place, name });
  await giveRole(tx, ids.owner, roles.owner, subscription);
  await giveRole(tx, ids.owner, roles.owner, `/subscriptions/${ids.otherSubscription}`);
  await giveRole(tx, outerGroup, roles.reader, group);
}

async function addApplicationPrincipal(
  tx: WriteTransaction,
  tenantId: string,
  objectId: string,
  accountEnabled: boolean,
): Promise<void> {
  const appId = guidOfText('app', objectId);
  await addServicePrincipal(tx, {
    tenantId,
    objectId,
    appId,
    displayName: objectId,
    appDisplayName: objectId,
    accountEnabled,
    appRoleAssignmentRequired: false,
    servicePrincipalNames: [appId],
    appOwnerTenantId: tenantId,
    servicePrincipalType: 'Application',
    appRoles: [],
    oauth2PermissionScopes: [],
    replyUrls: [],
    createdAt: startsAt,
    profile: {},
  });
}

/** Gives a role as a seed file would. */
export async function giveRole(
  tx: WriteTransaction,
  principalId: string,
  roleDefinitionId: string,
  scope: string,
): Promise<void> {
  await addRoleAssignment(tx, ids.tenant, {
    id: guidOfText('assignment', principalId, roleDefinitionId, scope),
    scope,
    principalId,
    principalType: 'ServicePrincipal',
    roleDefinitionId,
    createdAt: startsAt,
    updatedAt: startsAt,
  });
}

/** Every row of the tables that a refusal must leave alone, as one text. */
export async function contentOf(world: World): Promise<string> {
  const tables = [
    'role_definition',
    'role_assignment',
    'resource_group',
    'batch_account',
    'user_assigned_identity',
    'service_principal',
    'long_running_operation',
  ];
  return world.store.read(async (tx) => {
    const rows: unknown[] = [];
    for (const table of tables) {
      rows.push(
        await tx.all({ name: `test.${table}`, sql: `SELECT * FROM ${table} ORDER BY 1, 2` }),
      );
    }
    return JSON.stringify(rows);
  });
}
