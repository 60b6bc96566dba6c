import { BlockList } from 'node:net';
import { expect, test } from 'vitest';
import {
  type Addresses,
  addressesIn,
  addressesOutside,
  anAddress,
  boundAddresses,
  EVERY_ADDRESS,
  hasAddress,
} from '../../../harness/access/source-addresses.js';
import { randomBy } from '../../support/random.js';

const outside = (...[some, ...others]: string[][]): Addresses =>
  others.reduce<Addresses>((left, one) => addressesOutside(left, boundAddresses(one)), boundAddresses(some));

test.each<[string, string[], string[], string | undefined]>([
  ['the same block', ['10.0.0.0/8'], ['10.0.0.0/8'], undefined],
  ['a block in two halves', ['10.0.0.0/8'], ['10.0.0.0/9', '10.128.0.0/9'], undefined],
  ['a block in a wider one', ['10.1.0.0/16'], ['10.0.0.0/8'], undefined],
  ['a wider block', ['10.0.0.0/8'], ['10.0.0.0/16'], '10.1.0.1'],
  ['one address', ['10.0.0.1'], ['10.0.0.0/32'], '10.0.0.1'],
  ['all but the last address', ['10.0.0.0/30'], ['10.0.0.0/31', '10.0.0.2'], '10.0.0.3'],
  ['bits behind the prefix', ['10.9.9.9/8'], ['10.0.0.0/8'], undefined],
  ['an address of this host first', ['10.0.0.0/8', '127.0.0.0/8'], ['127.0.0.1/32'], '127.0.0.3'],
  ['IPv6', ['2001:db8::/32'], ['2001:db8::/33'], '2001:db8:8000::1'],
  ['IPv6 in another spelling', ['2001:DB8::/32'], ['2001:0db8:0:0:0:0:0:0/32'], undefined],
  ['an IPv4 address in IPv6', ['::ffff:10.0.0.0/104'], ['10.0.0.0/8'], undefined],
  ['all of IPv4 and all of IPv6 for no bound', [], ['0.0.0.0/0', '::/0'], undefined],
  ['IPv6 for no bound, where all of IPv4 is bound', [], ['0.0.0.0/0'], '2001:db8::1'],
])('of %s', (_what, some, others, found) => {
  expect(anAddress(outside(some, others))).toBe(found);
});

test.each([
  ...['localhost', '127.0.0.1:80', '10.0.0.0/33', '010.0.0.0/8', '/tmp/socket', 'fe80::1%eth0', '', '::1/129'],
  '::ffff:10.0.0.0/90',
])('%j is no block', (text) => {
  expect(addressesIn(text)).toBeUndefined();
});

test('what is left of blocks at random is what a block list says', () => {
  const random = randomBy(1);
  const isIn = (list: BlockList, address: string): boolean =>
    list.check(address, address.includes(':') ? 'ipv6' : 'ipv4');
  const blocks = (): string[] =>
    Array.from({ length: random.below(4) }, () =>
      random.oneIn(3)
        ? `2001:db8:${random.below(4)}::${random.below(4)}/${random.pick([32, 47, 48, 126, 128])}`
        : `10.0.${random.below(4)}.${random.below(8)}/${random.pick([8, 16, 22, 23, 24, 29, 30, 31, 32])}`,
    );
  const listOf = (cidrs: readonly string[]): BlockList => {
    const list = new BlockList();
    for (const cidr of cidrs) {
      const [address = '', prefix] = cidr.split('/');
      list.addSubnet(address, Number(prefix), address.includes(':') ? 'ipv6' : 'ipv4');
    }
    return list;
  };
  let shown = 0;
  for (let count = 0; count < 3_000; count++) {
    const [some, others] = [blocks(), blocks()];
    const left = addressesOutside(
      boundAddresses(some),
      others.flatMap((one) => addressesIn(one) ?? []),
    );
    const [all, not] = [listOf(some), listOf(others)];
    const found = anAddress(left);
    if (found !== undefined) {
      shown++;
      expect([some, others, found, some.length === 0 || isIn(all, found), isIn(not, found)]).toEqual([
        ...[some, others, found, true, false],
      ]);
    }
    for (let index = 0; index < 5; index++) {
      const address = random.oneIn(2)
        ? `10.0.${random.below(4)}.${random.below(8)}`
        : `2001:db8:${random.below(4)}::${random.below(4)}`;
      const expected = (some.length === 0 || isIn(all, address)) && !isIn(not, address);
      expect([some, others, address, hasAddress(left, address)]).toEqual([some, others, address, expected]);
    }
  }
  expect(shown).toBeGreaterThan(500);
  expect(hasAddress(EVERY_ADDRESS, '::1')).toBe(true);
});
