import type { Static } from 'typebox';
import { listGroups } from '#directory/group.store.ts';
import { listServicePrincipals } from '#directory/service-principal.store.ts';
import { findTenant, listTenants } from '#directory/tenant.store.ts';
import {
  listTrustedIssuers,
  putTrustedIssuer,
  removeTrustedIssuer,
} from '#directory/trusted-issuer.store.ts';
import { findUser } from '#directory/user.store.ts';
import { sameName } from '#kernel/ids.ts';
import type { JsonObject } from '#kernel/json.ts';
import type { ReadTransaction, Store, WriteTransaction } from '#store/store.ts';
import { badSeed, issuerNotTrusted } from './faults.ts';
import { checkAgainst } from './seed.ts';
import { trustSchema } from './seed-schema.ts';
import type { SeededPrincipal } from './seed-tenant.ts';
import { trustedIssuerOf } from './seed-trusted-issuer.ts';

/**
 * What the command line may have a live server do with the outside issuers that its tenants trust:
 * nothing (they are listed), `trust` what a file says, or `remove` one. All of a file is trusted, or
 * nothing. Throws a `StartRefusal`; the next token is judged by what is true then.
 */
export async function changeTrustedIssuers(
  store: Store,
  { what, path, value }: JsonObject,
): Promise<JsonObject> {
  if (what === 'remove') await store.write((tx) => remove(tx, String(value)));
  if (what === 'trust') {
    const from = String(path);
    await checkAgainst(trustSchema, value, from);
    await store.write((tx) => trust(tx, value as unknown as Static<typeof trustSchema>, from));
  }
  const trusted = await store.read(listTrustedIssuers);
  return {
    trustedIssuers: trusted.map(({ issuer, tenantId, audiences }) => ({
      issuer,
      tenantId,
      audiences,
    })),
  };
}

async function remove(tx: WriteTransaction, issuer: string): Promise<void> {
  if (!(await removeTrustedIssuer(tx, issuer))) throw issuerNotTrusted(issuer);
}

async function trust(
  tx: WriteTransaction,
  { tenant: name, trustedIssuers }: Static<typeof trustSchema>,
  path: string,
): Promise<void> {
  const tenant = name === undefined ? (await listTenants(tx))[0] : await findTenant(tx, name);
  if (tenant === undefined) throw badSeed(path, `there is no tenant ${name ?? ''}`);
  const { tenantId } = tenant;
  for (const declared of trustedIssuers) {
    const trusted = await trustedIssuerOf(declared, {
      tenantId,
      find: (principal) => principalNamed(tx, tenantId, principal),
      refuse: (reason) => badSeed(path, reason),
    });
    if (!(await putTrustedIssuer(tx, trusted))) {
      throw badSeed(path, `another tenant trusts ${declared.issuer}`);
    }
  }
}

/** A user by name, or the one service principal or group of a display name; a name of several means none. */
async function principalNamed(
  tx: ReadTransaction,
  tenantId: string,
  name: string,
): Promise<SeededPrincipal | undefined> {
  const user = await findUser(tx, tenantId, name);
  if (user !== undefined) return { objectId: user.objectId, principalType: 'User' };
  const found: SeededPrincipal[] = [];
  for (const { displayName, objectId } of await listServicePrincipals(tx, tenantId)) {
    if (sameName(displayName, name)) found.push({ objectId, principalType: 'ServicePrincipal' });
  }
  for (const { displayName, objectId } of await listGroups(tx, tenantId)) {
    if (sameName(displayName, name)) found.push({ objectId, principalType: 'Group' });
  }
  return found.length === 1 ? found[0] : undefined;
}
