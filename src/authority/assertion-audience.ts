import type { Cloud } from '#cloud/cloud.ts';
import type { Tenant } from '#directory/tenant.store.ts';
import type { Reach } from '#http/request.ts';
import { fold } from '#kernel/ids.ts';
import { isLoginHostOf } from './instance.ts';

/** Paths of an authority that an assertion may be made for, below the tenant. */
const ownPaths: ReadonlySet<string> = new Set(['oauth2/v2.0/token', 'oauth2/token', 'v2.0', '']);

/**
 * True when an assertion with this audience was made for the tenant: its token endpoint, v1 or v2,
 * or its issuer, at any login host of the cloud or at the host as reached, with the tenant named by
 * id, by domain, by an alias, or left out in the adfs form.
 */
export function isOwnAudience(
  audience: string,
  place: { readonly cloud: Cloud; readonly reach: Reach; readonly tenant: Tenant },
): boolean {
  const match = /^https:\/\/([^/]+)\/([^/]+)\/?(.*)$/.exec(fold(audience));
  if (match === null) return false;
  const [, hostAndPort = '', named = '', rest = ''] = match;
  const host = hostAndPort.replace(/:443$/, '');
  const path = rest.endsWith('/') ? rest.slice(0, -1) : rest;
  return isOwnHost(host, place) && isOwnTenant(named, place.tenant) && ownPaths.has(path);
}

function isOwnHost(
  host: string,
  { cloud, reach }: { readonly cloud: Cloud; readonly reach: Reach },
): boolean {
  if (host === cloud.stsHost || isLoginHostOf(cloud.name, host)) return true;
  return reach.explicit && host === new URL(reach.origin).host;
}

function isOwnTenant(named: string, tenant: Tenant): boolean {
  const names = [tenant.tenantId, ...tenant.domains, 'common', 'organizations', 'adfs'];
  return names.some((name) => fold(name) === named);
}
