import { fold, isGuid } from '#kernel/ids.ts';
import { type Instant, instant } from '#kernel/instant.ts';
import { type ReadTransaction, statement, type WriteTransaction } from '#store/store.ts';

/** One Entra tenant. */
export interface Tenant {
  /** A GUID in lower case. */
  readonly tenantId: string;
  readonly displayName: string;
  /** Verified domains, the default one first. */
  readonly domains: readonly string[];
  readonly createdAt: Instant;
}

/** Stores a tenant with its domains. Throws when the id or a domain already belongs to a tenant. */
export async function addTenant(tx: WriteTransaction, tenant: Tenant): Promise<void> {
  const tenantId = fold(tenant.tenantId);
  await tx.run(insertTenant, tenantId, tenant.displayName, tenant.createdAt);
  for (const [position, domain] of tenant.domains.entries()) {
    await tx.run(insertDomain, fold(domain), tenantId, position, domain);
  }
}

/** The tenant with this id or one of whose domains this is; either in any case. */
export function findTenant(tx: ReadTransaction, idOrDomain: string): Promise<Tenant | undefined> {
  const folded = fold(idOrDomain);
  return tx.remembered(['tenant', folded], async () => {
    const byDomain = isGuid(folded) ? undefined : await tx.one(selectDomainOwner, folded);
    const row = await tx.one(selectTenant, byDomain?.tenant_id ?? folded);
    return row === undefined ? undefined : tenantOf(tx, row);
  });
}

/** Every tenant, in the order in which they were made. */
export async function listTenants(tx: ReadTransaction): Promise<readonly Tenant[]> {
  const tenants: Tenant[] = [];
  for (const row of await tx.all(selectTenants)) tenants.push(await tenantOf(tx, row));
  return tenants;
}

type TenantRow = { tenant_id: string; display_name: string; created_at: number };

async function tenantOf(tx: ReadTransaction, row: TenantRow): Promise<Tenant> {
  const domains = await tx.all(selectDomains, row.tenant_id);
  return {
    tenantId: row.tenant_id,
    displayName: row.display_name,
    domains: domains.map((one) => one.domain),
    createdAt: instant(row.created_at),
  };
}

const insertTenant = statement(
  'tenant.insert',
  'INSERT INTO tenant (tenant_id, display_name, created_at) VALUES (?, ?, ?)',
);

const insertDomain = statement(
  'tenant.insertDomain',
  'INSERT INTO tenant_domain (domain_folded, tenant_id, position, domain) VALUES (?, ?, ?, ?)',
);

const selectTenant = statement<TenantRow>(
  'tenant.select',
  'SELECT tenant_id, display_name, created_at FROM tenant WHERE tenant_id = ?',
);

const selectTenants = statement<TenantRow>(
  'tenant.selectAll',
  'SELECT tenant_id, display_name, created_at FROM tenant ORDER BY created_at, tenant_id',
);

const selectDomains = statement<{ domain: string }>(
  'tenant.selectDomains',
  'SELECT domain FROM tenant_domain WHERE tenant_id = ? ORDER BY position',
);

const selectDomainOwner = statement<{ tenant_id: string }>(
  'tenant.selectDomainOwner',
  'SELECT tenant_id FROM tenant_domain WHERE domain_folded = ?',
);
