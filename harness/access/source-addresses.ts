import { isIPv4, isIPv6 } from 'node:net';

/** Addresses from one to another, both among them, of one family. */
interface Range {
  readonly family: 4 | 6;
  readonly first: bigint;
  readonly last: bigint;
}

/** A set of IPv4 and IPv6 addresses. */
export type Addresses = readonly Range[];

const BITS = { 4: 32, 6: 128 } as const;

/** All addresses. */
export const EVERY_ADDRESS: Addresses = ([4, 6] as const).map((family) => ({
  family,
  first: 0n,
  last: (1n << BigInt(BITS[family])) - 1n,
}));

/**
 * The addresses of a CIDR block or of one address, as Vault reads them: bits behind the prefix count for nothing, and an
 * IPv4 address in IPv6 (`::ffff:10.0.0.0/104`) is the IPv4 one.
 * @returns undefined for anything else
 */
export function addressesIn(cidr: string): Addresses | undefined {
  const [, address = '', prefix] = /^([^/]*)(?:\/(\d{1,3}))?$/.exec(cidr.trim()) ?? [];
  const family = isIPv4(address) ? 4 : isIPv6(address) && !address.includes('%') ? 6 : undefined;
  if (family === undefined) return undefined;
  const [value, length] = [numberOf(address, family), Number(prefix ?? BITS[family])];
  if (length > BITS[family]) return undefined;
  const isMapped = family === 6 && value >> 32n === MAPPED;
  if (!isMapped) return [block(family, value, length)];
  return length < MAPPED_BITS ? undefined : [block(4, value & 0xffff_ffffn, length - MAPPED_BITS)];
}

/** RFC 4291, section 2.5.5.2. */
const MAPPED = 0xffffn;
const MAPPED_BITS = 96;

function block(family: 4 | 6, value: bigint, length: number): Range {
  const rest = BigInt(BITS[family] - length);
  const first = (value >> rest) << rest;
  return { family, first, last: first + (1n << rest) - 1n };
}

/** All addresses of CIDR blocks; none of them is every address. Blocks that can't be read are left out. */
export function boundAddresses(cidrs: readonly string[] = []): Addresses {
  return cidrs.length === 0 ? EVERY_ADDRESS : cidrs.flatMap((cidr) => addressesIn(cidr) ?? []);
}

/** The addresses of one set that are not in another. */
export function addressesOutside(addresses: Addresses, others: Addresses): Addresses {
  return others.reduce<Addresses>(
    (left, other) =>
      left.flatMap((range) => {
        if (range.family !== other.family || other.last < range.first || range.last < other.first) return [range];
        return [
          { ...range, last: other.first - 1n },
          { ...range, first: other.last + 1n },
        ].filter(({ first, last }) => first <= last);
      }),
    addresses,
  );
}

/** Whether an address is in a set. */
export function hasAddress(addresses: Addresses, address: string): boolean {
  const [one] = addressesIn(address) ?? [];
  return one !== undefined && addressesOutside([one], addresses).length === 0;
}

/** One that can be connected from, and those of documentation (RFC 5737, RFC 3849). */
const READABLE = ['127.0.0.1', '192.0.2.1', '2001:db8::1'];

/** An address of a set, one of this host where there is one; undefined of an empty set. */
export function anAddress(addresses: Addresses): string | undefined {
  const readable = READABLE.find((one) => hasAddress(addresses, one));
  if (readable !== undefined) return readable;
  const isLoopback = ({ family, first }: Range): boolean => family === 4 && first >> 24n === 127n;
  // The first address of a block names the network.
  const isWide = ({ first, last }: Range): boolean => first < last;
  const ranges = [...addresses.filter(isLoopback), ...addresses];
  const range = ranges.find((one) => isLoopback(one) && isWide(one)) ?? ranges.find(isWide) ?? ranges[0];
  if (range === undefined) return undefined;
  const value = isWide(range) ? range.first + 1n : range.first;
  return range.family === 4 ? textOfIPv4(value) : textOfIPv6(value);
}

function numberOf(address: string, family: 4 | 6): bigint {
  if (family === 4) return address.split('.').reduce((value, part) => (value << 8n) + BigInt(part), 0n);
  // A URL has the shortest form, without an IPv4 address at its end.
  const short = new URL(`http://[${address}]`).hostname.slice(1, -1);
  const [before = [], after = []] = short.split('::').map((part) => part.split(':').filter((group) => group !== ''));
  const groups = [...before, ...Array<string>(8 - before.length - after.length).fill('0'), ...after];
  return groups.reduce((value, group) => (value << 16n) + BigInt(`0x${group}`), 0n);
}

function textOfIPv4(value: bigint): string {
  return [24n, 16n, 8n, 0n].map((shift) => (value >> shift) & 0xffn).join('.');
}

function textOfIPv6(value: bigint): string {
  const groups = [112n, 96n, 80n, 64n, 48n, 32n, 16n, 0n].map((shift) => ((value >> shift) & 0xffffn).toString(16));
  return new URL(`http://[${groups.join(':')}]`).hostname.slice(1, -1);
}
