import assert from 'node:assert/strict';
import { test } from 'node:test';
import { egressRefusal } from './egress.ts';

const rule = { refusedPorts: [8443], ownAddresses: ['192.0.2.2', 'fd12::2'] };

const cases: readonly [string, number, ReturnType<typeof egressRefusal>][] = [
  ['93.184.216.34', 443, undefined],
  ['2606:2800:220:1::1', 80, undefined],
  ['127.0.0.1', 8000, undefined],
  ['10.1.2.3', 80, undefined],
  ['192.168.1.1', 8443, undefined],
  ['fd12::3', 8443, undefined],
  ['127.0.0.1', 8443, 'batten'],
  ['127.9.9.9', 8443, 'batten'],
  ['192.0.2.2', 8443, 'batten'],
  ['::1', 8443, 'batten'],
  ['fd12::2', 8443, 'batten'],
  ['::ffff:127.0.0.1', 8443, 'batten'],
  ['::ffff:7f00:1', 8443, 'batten'],
  ['169.254.169.254', 80, 'linkLocal'],
  ['169.254.1.1', 8000, 'linkLocal'],
  ['168.63.129.16', 80, 'linkLocal'],
  ['fe80::1%eth0', 80, 'linkLocal'],
  ['fd00:ec2::254', 80, 'linkLocal'],
  ['::ffff:169.254.169.254', 80, 'linkLocal'],
  ['::ffff:a9fe:a9fe', 80, 'linkLocal'],
  ['64:ff9b::a9fe:a9fe', 80, 'linkLocal'],
  ['::169.254.169.254', 80, 'linkLocal'],
  ['0.0.0.0', 80, 'notUnicast'],
  ['::', 80, 'notUnicast'],
  ['::ffff:0.0.0.0', 8443, 'notUnicast'],
  ['224.0.0.1', 80, 'notUnicast'],
  ['255.255.255.255', 80, 'notUnicast'],
  ['ff02::1', 80, 'notUnicast'],
  ['localhost', 80, 'notUnicast'],
];
for (const [address, port, expected] of cases) {
  test(`${address} port ${port} is ${expected ?? 'allowed'}`, () => {
    assert.equal(egressRefusal(address, port, rule), expected);
  });
}
