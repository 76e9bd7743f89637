import { putResourceGroup } from '#arm/resource-group.store.ts';
import { addSubscription } from '#arm/subscription.store.ts';
import { addAccount, newAccount } from '#batch/account.store.ts';
import { passwordHashOf } from '#directory/password.ts';
import { newSecretText } from '#directory/secret.ts';
import type { Clock } from '#kernel/clock.ts';
import { fold, isGuid, sameName } from '#kernel/ids.ts';
import { type Instant, instant } from '#kernel/instant.ts';
import { guidOfText, type Random } from '#kernel/random.ts';
import type { Seal } from '#kernel/seal.ts';
import { addRoleAssignment } from '#rbac/role-assignment.store.ts';
import { builtInRole, builtInRoles } from '#rbac/role-definition.ts';
import { resourceScope, subscriptionOf } from '#rbac/scope.ts';
import type { Store, WriteTransaction } from '#store/store.ts';
import { appliedSeed, keepAppliedSeed } from './applied-seed.store.ts';
import { badSeed } from './faults.ts';
import { keepReadyIdentity, type ReadyIdentity } from './ready-identity.store.ts';
import { isReadyUser, parseSeed, type SeedFile, withoutReadyIdentity } from './seed.ts';
import { addSeedTenant, tenantIdOf } from './seed-directory.ts';
import type { Seed, SeedRoleAssignment, SeedSubscription } from './seed-schema.ts';
import type { SeededTenant } from './seed-tenant.ts';

export interface SeedParts {
  readonly store: Store;
  readonly seal: Seal;
  readonly random: Random;
  readonly clock: Clock;
  /** False beyond loopback, unless asked for: then nothing is made whose password nobody wrote down. */
  readonly hasReadyIdentity: boolean;
}

/** What a seed is applied with: its text, what chance gave, and the moment. */
export interface SeedWork {
  readonly file: SeedFile;
  readonly seed: Seed;
  readonly at: Instant;
  readonly random: Random;
  readonly seal: Seal;
  /** Password and secret of the ready identity. */
  readonly password: string;
  readonly secretText: string;
  /** Hashes of the users' passwords by folded user principal name. */
  readonly passwordHashes: ReadonlyMap<string, string>;
}

/**
 * Fills an empty data folder from a seed file, in one transaction: either everything of it is there, or nothing. On a folder that was
 * filled before nothing happens; naming another file than the one it was filled from is refused. Throws a `StartRefusal`.
 */
export async function applySeed(parts: SeedParts, file: SeedFile, isNamed: boolean): Promise<void> {
  const applied = await parts.store.read(appliedSeed);
  if (applied !== undefined) {
    if (isNamed && applied !== file.digest) {
      throw badSeed(
        file.path,
        'the data folder was already filled from another seed; choose another folder with --data',
      );
    }
    return;
  }
  const parsed = await parseSeed(file);
  const seed = parts.hasReadyIdentity ? parsed : withoutReadyIdentity(parsed);
  const work = await prepare(parts, file, seed);
  await parts.store.write((tx) => fill(tx, work));
}

/** Everything that takes time, or chance, before the transaction. */
async function prepare(parts: SeedParts, file: SeedFile, seed: Seed): Promise<SeedWork> {
  const { random } = parts;
  const users = seed.tenants.flatMap((tenant) => tenant.users ?? []);
  const readyUser = users.find((user) => isReadyUser(seed, user.userPrincipalName));
  const password = readyUser?.password ?? newPassword(random);
  const passwordHashes = new Map<string, string>();
  for (const user of users) {
    const written = user === readyUser ? password : user.password;
    if (written === undefined) continue;
    passwordHashes.set(fold(user.userPrincipalName), await passwordHashOf(written, random));
  }
  const application = seed.tenants[0]?.applications?.find(
    (one) => one.displayName === seed.ready?.application,
  );
  const secretText = application?.secrets?.[0]?.value ?? newSecretText(random);
  const at = parts.clock.civil();
  return { file, seed, at, random, seal: parts.seal, password, secretText, passwordHashes };
}

/** 16 random letters and digits with one sign: what Entra's rules for passwords ask for. */
function newPassword(random: Random): string {
  const letters = 'ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz23456789-------';
  const picked = [...random.bytes(14)].map((byte) => letters[byte % letters.length] ?? '');
  return `B${picked.join('')}9-`;
}

async function fill(tx: WriteTransaction, work: SeedWork): Promise<void> {
  const tenants: SeededTenant[] = [];
  // Lists are in the order of creation, and the file's order should be seen in them: its first
  // tenant is the one that paths mean which name none.
  const inOrder = (position: number): SeedWork => ({ ...work, at: instant(work.at + position) });
  for (const [position, tenant] of work.seed.tenants.entries()) {
    tenants.push(await addSeedTenant(tx, inOrder(position), tenant));
  }
  for (const [position, subscription] of (work.seed.subscriptions ?? []).entries()) {
    await addSeedSubscription(tx, inOrder(position), tenants, subscription);
  }
  for (const assignment of work.seed.roleAssignments ?? []) {
    await addSeedAssignment(tx, work, tenants, assignment);
  }
  const identity = readyIdentityOf(work, tenants);
  if (identity !== undefined) await keepReadyIdentity(tx, work.seal, identity);
  await keepAppliedSeed(tx, work.file.digest, work.at);
}

async function addSeedSubscription(
  tx: WriteTransaction,
  work: SeedWork,
  tenants: readonly SeededTenant[],
  subscription: SeedSubscription,
): Promise<void> {
  const subscriptionId = fold(subscription.id);
  const { tenantId } = tenantNamed(work, tenants, subscription.tenant);
  const { displayName } = subscription;
  await addSubscription(tx, { subscriptionId, tenantId, displayName, createdAt: work.at });
  for (const group of subscription.resourceGroups ?? []) {
    const { name, location, tags = {} } = group;
    await putResourceGroup(tx, { subscriptionId, name, location, tags, createdAt: work.at });
    for (const account of group.batchAccounts ?? []) {
      const place = { tenantId, subscriptionId, resourceGroup: name };
      const named = { name: account.name, location: account.location ?? location };
      await addAccount(tx, work.seal, work.random, newAccount({ ...place, ...named }, work.at));
    }
  }
}

async function addSeedAssignment(
  tx: WriteTransaction,
  work: SeedWork,
  tenants: readonly SeededTenant[],
  assignment: SeedRoleAssignment,
): Promise<void> {
  const { scope } = assignment;
  const subscription = (work.seed.subscriptions ?? []).find(
    ({ id }) => fold(id) === subscriptionOf(scope),
  );
  const tenant = tenantNamed(work, tenants, assignment.tenant ?? subscription?.tenant);
  const principal = tenant.principals.get(fold(assignment.principal));
  if (principal === undefined) {
    throw badSeed(work.file.path, `roleAssignments: there is no principal ${assignment.principal}`);
  }
  const role = isGuid(assignment.role)
    ? builtInRole(assignment.role)
    : builtInRoles.find((one) => sameName(one.roleName, assignment.role));
  if (role === undefined) {
    throw badSeed(work.file.path, `roleAssignments: there is no built-in role ${assignment.role}`);
  }
  await addRoleAssignment(tx, tenant.tenantId, {
    id: guidOfText('role-assignment', resourceScope(scope), principal.objectId, role.id),
    scope: scope.length > 1 ? scope.replace(/\/+$/, '') : scope,
    principalId: principal.objectId,
    principalType: principal.principalType,
    roleDefinitionId: role.id,
    createdAt: work.at,
    updatedAt: work.at,
  });
}

/** The tenant of a domain or an id; the first when none is named. */
function tenantNamed(
  work: SeedWork,
  tenants: readonly SeededTenant[],
  name: string | undefined,
): SeededTenant {
  const wanted = work.seed.tenants.findIndex(
    (tenant) =>
      name === undefined ||
      tenant.domains.some((domain) => sameName(domain, name)) ||
      sameName(tenantIdOf(tenant), name),
  );
  const found = tenants[wanted];
  if (found === undefined) throw badSeed(work.file.path, `there is no tenant ${name ?? ''}`);
  return found;
}

/** What `up` shows and `env` hands out. */
function readyIdentityOf(
  work: SeedWork,
  tenants: readonly SeededTenant[],
): ReadyIdentity | undefined {
  const { ready } = work.seed;
  const tenant = tenants[0];
  if (ready === undefined || tenant === undefined) return undefined;
  const application = tenant.applications.get(ready.application);
  const group = (work.seed.subscriptions ?? [])
    .find(({ id }) => sameName(id, ready.subscription))
    ?.resourceGroups?.find((one) =>
      (one.batchAccounts ?? []).some(({ name }) => sameName(name, ready.batchAccount)),
    );
  const account = group?.batchAccounts?.find(({ name }) => sameName(name, ready.batchAccount));
  if (application === undefined || group === undefined || account === undefined) {
    throw badSeed(work.file.path, 'ready: its application or its Batch account is not in the file');
  }
  if (ready.user !== undefined && !tenant.principals.has(fold(ready.user))) {
    throw badSeed(work.file.path, `ready: there is no user ${ready.user}`);
  }
  return {
    tenantId: tenant.tenantId,
    domain: tenant.domain,
    applicationName: ready.application,
    clientId: application.appId,
    clientSecret: work.secretText,
    ...(ready.user === undefined ? {} : { userPrincipalName: ready.user, password: work.password }),
    subscriptionId: fold(ready.subscription),
    resourceGroup: group.name,
    location: account.location ?? group.location,
    batchAccount: account.name,
  };
}
