import { type CloudName, knownHost } from '#cloud/cloud.ts';
import { linkBase, type Reach } from '#http/request.ts';
import type { Fault } from '#kernel/fault.ts';
import type { JsonObject } from '#kernel/json.ts';
import { missingField, unknownInstance } from './faults.ts';

interface Instance {
  readonly preferred_network: string;
  readonly preferred_cache: string;
  readonly aliases: readonly string[];
}

/** The five entries that Azure answered with in February 2025, in its order. */
const azureInstances: readonly Instance[] = [
  {
    preferred_network: 'login.microsoftonline.com',
    preferred_cache: 'login.windows.net',
    aliases: [
      'login.microsoftonline.com',
      'login.windows.net',
      'login.microsoft.com',
      'sts.windows.net',
    ],
  },
  {
    preferred_network: 'login.partner.microsoftonline.cn',
    preferred_cache: 'login.partner.microsoftonline.cn',
    aliases: ['login.partner.microsoftonline.cn', 'login.chinacloudapi.cn'],
  },
  {
    preferred_network: 'login.microsoftonline.de',
    preferred_cache: 'login.microsoftonline.de',
    aliases: ['login.microsoftonline.de'],
  },
  {
    preferred_network: 'login.microsoftonline.us',
    preferred_cache: 'login.microsoftonline.us',
    aliases: ['login.microsoftonline.us', 'login.usgovcloudapi.net'],
  },
  {
    preferred_network: 'login-us.microsoftonline.com',
    preferred_cache: 'login-us.microsoftonline.com',
    aliases: ['login-us.microsoftonline.com'],
  },
];

/** What instance discovery was asked. */
export interface InstanceQuestion {
  readonly apiVersion: string;
  readonly authorizationEndpoint: string | undefined;
}

/**
 * Tells a client whether a host is an authority, where its metadata is, and which hosts are one and
 * the same. Asked about the host as reached explicitly, it knows that one too.
 * Source: MSAL's instance discovery; recorded with api-version 1.1. UNVERIFIED: that 1.0 leaves the
 * list out, as ADAL expects.
 */
export function discoverInstance(question: InstanceQuestion, reach: Reach): JsonObject | Fault {
  const { authorizationEndpoint } = question;
  if (authorizationEndpoint === undefined) return missingField('authorization_endpoint');
  const asked = askedAuthority(authorizationEndpoint);
  if (asked === undefined) return unknownInstance();
  const own = new URL(reach.origin).host;
  const isOwn = reach.explicit && asked.host === own;
  if (!isOwn && !isAuthority(asked.host)) return unknownInstance();
  const origin = isOwn ? linkBase(reach) : `https://${asked.host}`;
  const tenant_discovery_endpoint = `${origin}/${asked.tenant}/${asked.version}.well-known/openid-configuration`;
  if (question.apiVersion === '1.0') return { tenant_discovery_endpoint };
  const ownInstance = { preferred_network: own, preferred_cache: own, aliases: [own] };
  const metadata = isOwn ? [ownInstance, ...azureInstances] : azureInstances;
  return {
    tenant_discovery_endpoint,
    'api-version': '1.1',
    metadata: metadata.map((one) => ({ ...one })),
  };
}

/** The three facts in `https://HOST/TENANT/oauth2/[v2.0/]authorize`. */
function askedAuthority(
  endpoint: string,
): { readonly host: string; readonly tenant: string; readonly version: '' | 'v2.0/' } | undefined {
  const match = /^https:\/\/([a-z0-9.:-]+)\/([^/?#]+)\/(.*)$/i.exec(endpoint);
  if (match === null) return undefined;
  const [, host = '', tenant = '', rest = ''] = match;
  const version = rest.toLowerCase().includes('v2.0/') ? 'v2.0/' : '';
  return { host: host.toLowerCase(), tenant, version };
}

function isAuthority(host: string): boolean {
  return (
    knownHost(host)?.surface === 'authority' ||
    azureInstances.some((instance) => instance.aliases.includes(host))
  );
}

/** True when two login hosts are of one cloud. */
export function isLoginHostOf(cloud: CloudName, host: string): boolean {
  const known = knownHost(host);
  return known?.surface === 'authority' && known.cloud === cloud;
}
