import { BlockList, isIP } from 'node:net';
import { networkInterfaces } from 'node:os';

/** Where a resource file may be fetched from: everywhere but these. */
export interface EgressRule {
  /** Ports on which Batten itself listens on this machine. */
  readonly refusedPorts: readonly number[];
  /** Addresses of this machine, loopback aside. */
  readonly ownAddresses: readonly string[];
}

/**
 * Why a connection to an address is refused; undefined when it is allowed. Judged on the address
 * that is connected to, after names were resolved, for each redirect again. Link-local addresses
 * hold the metadata service of clouds.
 */
export function egressRefusal(
  address: string,
  port: number,
  rule: EgressRule,
): 'linkLocal' | 'batten' | 'notUnicast' | undefined {
  const plain = withoutMapping(address);
  const family = isIP(plain) === 6 ? 'ipv6' : 'ipv4';
  if (isIP(plain) === 0) return 'notUnicast';
  if (linkLocal.check(plain, family)) return 'linkLocal';
  if (notUnicast.check(plain, family)) return 'notUnicast';
  const own = loopback.check(plain, family) || rule.ownAddresses.includes(plain);
  return own && rule.refusedPorts.includes(port) ? 'batten' : undefined;
}

/** True for an address that only this machine has; also of the other end of a connection. */
export function isLoopbackAddress(address: string): boolean {
  const plain = withoutMapping(address);
  return isIP(plain) !== 0 && loopback.check(plain, isIP(plain) === 6 ? 'ipv6' : 'ipv4');
}

/** The addresses of this machine's interfaces. */
export function ownAddresses(): readonly string[] {
  return Object.values(networkInterfaces()).flatMap((addresses) =>
    (addresses ?? []).map((one) => one.address),
  );
}

/** IPv4 written as IPv6 (mapped, or through NAT64's own prefix) means the IPv4 address. */
function withoutMapping(address: string): string {
  const text = (address.split('%')[0] ?? '').toLowerCase();
  if (isIP(text) !== 6) return text;
  const groups = expand(text);
  const head = groups.slice(0, 6).join(':');
  if (head !== '0:0:0:0:0:ffff' && head !== '64:ff9b:0:0:0:0' && head !== '0:0:0:0:0:0')
    return text;
  const [high = 0, low = 0] = groups.slice(6).map((group) => Number.parseInt(group, 16));
  if (head === '0:0:0:0:0:0' && high === 0 && low <= 1) return text;
  return [high >> 8, high & 255, low >> 8, low & 255].join('.');
}

/** The eight groups of an IPv6 address without leading zeros. */
function expand(address: string): readonly string[] {
  const dotted = /^(.*:)(\d+)\.(\d+)\.(\d+)\.(\d+)$/.exec(address);
  let text = address;
  if (dotted !== null) {
    const [a = 0, b = 0, c = 0, d = 0] = dotted.slice(2).map(Number);
    text = `${dotted[1]}${(a * 256 + b).toString(16)}:${(c * 256 + d).toString(16)}`;
  }
  const [head = '', tail] = text.split('::');
  const left = head === '' ? [] : head.split(':');
  const right = tail === undefined || tail === '' ? [] : tail.split(':');
  const middle = tail === undefined ? [] : Array(8 - left.length - right.length).fill('0');
  return [...left, ...middle, ...right].map((group) => Number.parseInt(group, 16).toString(16));
}

const linkLocal = new BlockList();
linkLocal.addSubnet('169.254.0.0', 16, 'ipv4');
linkLocal.addSubnet('fe80::', 10, 'ipv6');
// Metadata services outside of the link-local range.
linkLocal.addAddress('168.63.129.16', 'ipv4');
linkLocal.addAddress('fd00:ec2::254', 'ipv6');

const notUnicast = new BlockList();
notUnicast.addSubnet('0.0.0.0', 8, 'ipv4');
notUnicast.addSubnet('224.0.0.0', 3, 'ipv4');
notUnicast.addAddress('::', 'ipv6');
notUnicast.addSubnet('ff00::', 8, 'ipv6');

const loopback = new BlockList();
loopback.addSubnet('127.0.0.0', 8, 'ipv4');
loopback.addAddress('::1', 'ipv6');
