import { findTenant, listTenants, type Tenant } from '#directory/tenant.store.ts';
import type { Fault } from '#kernel/fault.ts';
import { fold, isGuid } from '#kernel/ids.ts';
import type { ReadTransaction } from '#store/store.ts';
import { hasMarkup } from './client-id.ts';
import { invalidInput, malformedTenant, unknownTenant } from './faults.ts';

/** The words that may stand where a tenant does. */
export type TenantAlias = 'common' | 'organizations' | 'consumers';

/** What the first segment of an authority path names. */
export type Tenancy =
  | { readonly kind: 'tenant'; readonly tenant: Tenant }
  | { readonly kind: 'alias'; readonly alias: TenantAlias };

/** The tenant of all personal Microsoft accounts, which `consumers` stands for. */
export const consumersTenantId = '9188040d-6c67-4c5b-b112-36a304b66dad';

/**
 * Reads a tenant id, a verified domain, or an alias, in any case. Undefined when it is none of
 * them.
 */
export async function findTenancy(tx: ReadTransaction, text: string): Promise<Tenancy | undefined> {
  const alias = aliasOf(text);
  if (alias !== undefined) return { kind: 'alias', alias };
  const tenant = await findTenant(tx, text);
  return tenant === undefined ? undefined : { kind: 'tenant', tenant };
}

/** The tenancy that a path names, or why there is none. */
export async function namedTenancy(tx: ReadTransaction, name: string): Promise<Tenancy | Fault> {
  const tenancy = await findTenancy(tx, name);
  if (tenancy !== undefined) return tenancy;
  if (hasMarkup(name)) return invalidInput();
  return isGuid(name) || /^[a-z0-9-]+(\.[a-z0-9-]+)+$/i.test(name)
    ? unknownTenant(name)
    : malformedTenant(name);
}

/** The adfs form names no tenant: it means the tenant that was made first. */
export async function adfsTenancy(tx: ReadTransaction): Promise<Tenancy | Fault> {
  const [tenant] = await listTenants(tx);
  return tenant === undefined ? unknownTenant('adfs') : { kind: 'tenant', tenant };
}

/** The alias that a segment is, if it is one. */
export function aliasOf(text: string): TenantAlias | undefined {
  const folded = fold(text);
  switch (folded) {
    case 'common':
    case 'organizations':
    case 'consumers':
      return folded;
    case consumersTenantId:
      return 'consumers';
  }
  return undefined;
}

/**
 * How endpoints of a tenancy name it: the id even when it was reached by domain, an alias as it is.
 */
export function endpointName(tenancy: Tenancy): string {
  return tenancy.kind === 'tenant' ? tenancy.tenant.tenantId : tenancy.alias;
}

/**
 * How issuers of a tenancy name it: common and organizations leave the place open for the tenant of
 * the token.
 */
export function issuerName(tenancy: Tenancy): string {
  if (tenancy.kind === 'tenant') return tenancy.tenant.tenantId;
  return tenancy.alias === 'consumers' ? consumersTenantId : '{tenantid}';
}
