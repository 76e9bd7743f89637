import { addTrustedIssuer, type GroupRule } from '#directory/trusted-issuer.store.ts';
import { fold } from '#kernel/ids.ts';
import type { WriteTransaction } from '#store/store.ts';
import { badSeed } from './faults.ts';
import type { SeedTenant, SeedTrustedIssuer } from './seed-schema.ts';
import { type SeededPrincipal, type TenantWork, twice } from './seed-tenant.ts';

/** Stores the outside issuers that a tenant trusts. Throws a `StartRefusal` where a name means nothing. */
export async function addSeedTrustedIssuers(
  tx: WriteTransaction,
  work: TenantWork,
  tenant: SeedTenant,
): Promise<void> {
  for (const declared of tenant.trustedIssuers ?? []) {
    const { issuer, audiences, principals = [] } = declared;
    const groups = groupsOf(work, declared);
    const subjects = objectIdsOf(work, issuer, declared.subjects ?? {}, isNoGroup);
    const added = await addTrustedIssuer(tx, {
      ...{ issuer, tenantId: work.tenantId, principals, subjects },
      audiences: { ...audiences },
      ...(groups === undefined ? {} : { groups }),
    });
    if (!added) throw twice(work, issuer);
  }
}

function groupsOf(work: TenantWork, { issuer, groups }: SeedTrustedIssuer): GroupRule | undefined {
  if (groups === undefined) return undefined;
  const { claim, names } = groups;
  if (names === undefined) return { claim };
  const isGroup = ({ principalType }: SeededPrincipal): boolean => principalType === 'Group';
  return { claim, groupIds: objectIdsOf(work, issuer, names, isGroup) };
}

function isNoGroup({ principalType }: SeededPrincipal): boolean {
  return principalType !== 'Group';
}

/** The object ids of principals that the file names. */
function objectIdsOf(
  work: TenantWork,
  issuer: string,
  names: Readonly<Record<string, string>>,
  fits: (principal: SeededPrincipal) => boolean,
): Readonly<Record<string, string>> {
  const found = Object.entries(names).map(([value, name]) => {
    const principal = work.principals.get(fold(name));
    if (principal === undefined || !fits(principal)) {
      throw badSeed(work.file.path, `trusted issuer ${issuer}: ${name} is not there for ${value}`);
    }
    return [value, principal.objectId] as const;
  });
  return Object.fromEntries(found);
}
