import { isIP } from 'node:net';
import { knownHost } from '#cloud/cloud.ts';
import type { Reach } from '#http/request.ts';
import { decodeSegment } from '#http/target.ts';
import { fold, isGuid } from '#kernel/ids.ts';

/** First segments that mean a surface when Batten is reached by an explicit address. */
const explicitWords: Readonly<Record<string, string>> = {
  common: 'authority',
  organizations: 'authority',
  consumers: 'authority',
  adfs: 'authority',
  subscriptions: 'arm',
  providers: 'arm',
  tenants: 'arm',
  'v1.0': 'graph',
  beta: 'graph',
  oidc: 'graph',
};

/** Surfaces whose first segment is their own name and whose second names what they serve. */
const namedSurfaces: Readonly<Record<string, string>> = {
  batch: 'account',
  storage: 'account',
  ml: 'workspace',
};

/**
 * Which surface of which cloud a Host and the first raw segments mean. Azure's own names decide by host; this machine's names (explicit)
 * by the first segment. Undefined when nothing fits, which is answered with 421.
 */
export function reachOf(
  machineNames: readonly string[],
): (host: string, segments: readonly string[]) => Reach | undefined {
  const hosts = new Map<string, NamedHost>();
  return (hostAndPort, segments) => {
    const named = hosts.get(hostAndPort) ?? namedHost(hostAndPort, machineNames);
    if (hosts.size >= hostsMax) hosts.clear();
    hosts.set(hostAndPort, named);
    if (named.kind === 'azure') return named.reach;
    if (named.kind === 'unknown') return undefined;
    const place = explicitPlace(segments);
    return place && { ...place, cloud: 'public', ...named.address, explicit: true };
  };
}

/** Hosts that are remembered; then all are forgotten. */
const hostsMax = 500;

/** What a Host alone says. */
type NamedHost =
  | { readonly kind: 'azure'; readonly reach: Reach }
  | { readonly kind: 'machine'; readonly address: Pick<Reach, 'origin' | 'host'> }
  | { readonly kind: 'unknown' };

function namedHost(hostAndPort: string, machineNames: readonly string[]): NamedHost {
  const address = { origin: httpsOrigin(hostAndPort), host: withoutPort(hostAndPort) };
  const known = knownHost(address.host);
  if (known !== undefined) {
    const { surface, cloud, labels } = known;
    const reach = { surface, cloud, labels, ...address, base: [], explicit: false };
    return { kind: 'azure', reach };
  }
  const bare = address.host.replace(/^\[|\]$/g, '');
  const isMachine = machineNames.includes(address.host) || isIP(bare) !== 0;
  return isMachine ? { kind: 'machine', address } : { kind: 'unknown' };
}

function explicitPlace(
  segments: readonly string[],
): Pick<Reach, 'surface' | 'base' | 'labels'> | undefined {
  const whole = { base: [], labels: {} };
  const [first = '', second = ''] = segments.slice(0, 2).map(fold);
  const label = namedSurfaces[first];
  if (label !== undefined) {
    const name = decodeSegment(segments[1] ?? '');
    if (name === undefined || name === '') return undefined;
    return { surface: first, base: segments.slice(0, 2), labels: { [label]: fold(name) } };
  }
  if (first === 'portal') return { surface: 'portal', base: segments.slice(0, 1), labels: {} };
  if (first === 'api' && second === 'registeredapplications') return { surface: 'graph', ...whole };
  if (first === 'metadata' && second === 'endpoints') return { surface: 'arm', ...whole };
  if (first === 'metadata' && second === 'identity') return { surface: 'identity', ...whole };
  const word = explicitWords[first];
  if (word !== undefined) return { surface: word, ...whole };
  if (isGuid(first) || looksLikeDomain(first)) return { surface: 'authority', ...whole };
  // Resource Manager collapses slashes at the front of a path, so the word may come later.
  const later = first === '' ? segments.find((segment) => segment !== '') : undefined;
  const isArm = later !== undefined && explicitWords[fold(later)] === 'arm';
  return isArm ? { surface: 'arm', ...whole } : undefined;
}

function looksLikeDomain(segment: string): boolean {
  return /^[a-z0-9-]+(\.[a-z0-9-]+)+$/.test(segment) && !/^\./.test(segment);
}

/** The origin as clients and URLs write it: without the port that https has anyway. */
export function httpsOrigin(hostAndPort: string): string {
  return `https://${hostAndPort.replace(/:443$/, '')}`;
}

function withoutPort(hostAndPort: string): string {
  return hostAndPort.replace(/:\d+$/, '');
}
