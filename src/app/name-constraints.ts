import { isIP } from 'node:net';

/** The names for which an issuing certificate may sign, as an X.509 extension says it. */
export interface NameConstraints {
  /** Each permits itself and every name below it. */
  readonly permittedDomains: readonly string[];
  /** IPv4 or IPv6 addresses with their prefix length; with none, no address at all is permitted. */
  readonly permittedAddresses: readonly { readonly address: string; readonly prefix: number }[];
}

/** Object identifier of the extension `nameConstraints`. */
export const nameConstraintsId = '2.5.29.30';

const tag = { sequence: 0x30, permitted: 0xa0, excluded: 0xa1, dnsName: 0x82, ipAddress: 0x87 };

/**
 * Encodes the extension's value in DER. A form of name without permitted subtree would be unconstrained, so where no address is
 * permitted all are excluded.
 * Source: https://www.rfc-editor.org/rfc/rfc5280#section-4.2.1.10
 */
export function encodeNameConstraints(constraints: NameConstraints): Uint8Array {
  const domains = constraints.permittedDomains.map((domain) =>
    subtree(tag.dnsName, Buffer.from(domain, 'ascii')),
  );
  const addresses = constraints.permittedAddresses.map(({ address, prefix }) =>
    subtree(tag.ipAddress, addressWithMask(address, prefix)),
  );
  const everyAddress = [
    subtree(tag.ipAddress, Buffer.alloc(8)),
    subtree(tag.ipAddress, Buffer.alloc(32)),
  ];
  return encode(tag.sequence, [
    encode(tag.permitted, [...domains, ...addresses]),
    ...(addresses.length === 0 ? [encode(tag.excluded, everyAddress)] : []),
  ]);
}

function subtree(nameTag: number, name: Uint8Array): Uint8Array {
  return encode(tag.sequence, [encode(nameTag, [name])]);
}

function addressWithMask(address: string, prefix: number): Uint8Array {
  const bytes = isIP(address) === 4 ? address.split('.').map(Number) : loopbackSix(address);
  const mask = bytes.map((_byte, index) => {
    const bits = Math.min(8, Math.max(0, prefix - index * 8));
    return (0xff << (8 - bits)) & 0xff;
  });
  return Uint8Array.from([...bytes, ...mask]);
}

/** Only the loopback address is ever needed of IPv6. */
function loopbackSix(address: string): readonly number[] {
  if (address !== '::1') throw new Error(`only ::1 is encoded, not ${address}`);
  return [...Array<number>(15).fill(0), 1];
}

/** One DER value: tag, length in the definite form, content. */
function encode(valueTag: number, parts: readonly Uint8Array[]): Uint8Array {
  const content = Buffer.concat(parts);
  const short = content.length < 0x80;
  const lengthBytes = content.length < 0x100 ? 1 : 2;
  const head = short
    ? [valueTag, content.length]
    : lengthBytes === 1
      ? [valueTag, 0x81, content.length]
      : [valueTag, 0x82, content.length >> 8, content.length & 0xff];
  return Buffer.concat([Uint8Array.from(head), content]);
}
