import { addTrustedIssuer, type TrustedIssuer } from '#directory/trusted-issuer.store.ts';
import { fold } from '#kernel/ids.ts';
import type { WriteTransaction } from '#store/store.ts';
import { badSeed, type StartRefusal } from './faults.ts';
import type { SeedTenant, SeedTrustedIssuer } from './seed-schema.ts';
import { type SeededPrincipal, type TenantWork, twice } from './seed-tenant.ts';

/** Stores the outside issuers that a tenant trusts. Throws a `StartRefusal` where a name means nothing. */
export async function addSeedTrustedIssuers(
  tx: WriteTransaction,
  work: TenantWork,
  tenant: SeedTenant,
): Promise<void> {
  for (const declared of tenant.trustedIssuers ?? []) {
    const trusted = await trustedIssuerOf(declared, {
      tenantId: work.tenantId,
      find: async (name) => work.principals.get(fold(name)),
      refuse: (reason) => badSeed(work.file.path, reason),
    });
    if (!(await addTrustedIssuer(tx, trusted))) throw twice(work, declared.issuer);
  }
}

/** The tenant in which names mean principals, and how a name that means none is refused. */
export interface NamedPrincipals {
  readonly tenantId: string;
  find(name: string): Promise<SeededPrincipal | undefined>;
  refuse(reason: string): StartRefusal;
}

/** A trusted issuer with object ids where its declaration has names. Throws what `refuse` makes. */
export async function trustedIssuerOf(
  { issuer, audiences, principals = [], subjects = {}, groups }: SeedTrustedIssuer,
  names: NamedPrincipals,
): Promise<TrustedIssuer> {
  const idsOf = async (named: Readonly<Record<string, string>>, areGroups: boolean) => {
    const ids: Record<string, string> = Object.create(null);
    for (const [value, name] of Object.entries(named)) {
      const principal = await names.find(name);
      if (principal === undefined || (principal.principalType === 'Group') !== areGroups) {
        throw names.refuse(`trusted issuer ${issuer}: ${name} is not there for ${value}`);
      }
      ids[value] = principal.objectId;
    }
    return ids;
  };
  const groupIds = groups?.names === undefined ? undefined : await idsOf(groups.names, true);
  return {
    ...{ issuer, tenantId: names.tenantId, principals, audiences: { ...audiences } },
    subjects: await idsOf(subjects, false),
    ...(groups === undefined
      ? {}
      : { groups: { claim: groups.claim, ...(groupIds === undefined ? {} : { groupIds }) } }),
  };
}
