import { type Value, ValueProblem } from '../values.js';
import { define } from './definition.js';

interface Network {
  readonly address: bigint;
  readonly prefix: number;
  readonly bits: 32 | 128;
}

/** @see https://developer.hashicorp.com/terraform/language/functions#ip-network-functions */
export const networkFunctions = {
  cidrhost: define(['string', 'integer'], (text, number) => {
    const { address, prefix, bits } = networkOf(text);
    const size = 1n << BigInt(bits - prefix);
    const host = number < 0 ? size + BigInt(number) : BigInt(number);
    if (host < 0n || host >= size) throw new ValueProblem(`"${text}" has no host ${number}`);
    return addressText(address + host, bits);
  }),
  cidrnetmask: define(['string'], (text) => {
    const { prefix, bits } = networkOf(text);
    if (bits === 128) throw new ValueProblem('only IPv4 networks have a mask');
    return addressText(maskOf(prefix, bits), bits);
  }),
  cidrsubnet: define(['string', 'integer', 'integer'], subnet),
  cidrsubnets: define(['string', '...integer'], (text, extra) => {
    const { address, prefix, bits } = networkOf(text);
    let next = address;
    return extra.map((more) => {
      const length = prefix + more;
      if (more < 1 || length > bits) throw new ValueProblem(`"${text}" has no room for ${more} more bits`);
      const size = 1n << BigInt(bits - length);
      const start = ((next + size - 1n) / size) * size;
      next = start + size;
      if (next > address + (1n << BigInt(bits - prefix))) throw new ValueProblem(`"${text}" has no room for that`);
      return `${addressText(start, bits)}/${length}`;
    });
  }),
};

function subnet(text: string, more: number, number: number): Value {
  const { address, prefix, bits } = networkOf(text);
  const length = prefix + more;
  if (more < 0 || length > bits) throw new ValueProblem(`"${text}" has no room for ${more} more bits`);
  const count = 1n << BigInt(more);
  const at = number < 0 ? count + BigInt(number) : BigInt(number);
  if (at < 0n || at >= count)
    throw new ValueProblem(`a prefix that is ${more} bits longer has no network number ${number}`);
  return `${addressText(address + (at << BigInt(bits - length)), bits)}/${length}`;
}

function networkOf(text: string): Network {
  const [, written = '', length = ''] = /^([^/]+)\/(\d{1,3})$/.exec(text) ?? [];
  const bits = written.includes(':') ? 128 : 32;
  const address = bits === 32 ? ofIpv4(written) : ofIpv6(written);
  const prefix = Number(length);
  if (address === undefined || length === '' || prefix > bits)
    throw new ValueProblem(`"${text}" is not a network such as 10.0.0.0/8`);
  return { address: address & maskOf(prefix, bits), prefix, bits };
}

function maskOf(prefix: number, bits: number): bigint {
  return ((1n << BigInt(prefix)) - 1n) << BigInt(bits - prefix);
}

function ofIpv4(text: string): bigint | undefined {
  const parts = text.split('.');
  if (parts.length !== 4 || !parts.every((part) => /^\d{1,3}$/.test(part) && Number(part) < 256)) return undefined;
  return parts.reduce((address, part) => (address << 8n) + BigInt(part), 0n);
}

function ofIpv6(text: string): bigint | undefined {
  const [before = '', after, ...more] = text.split('::');
  const left = before === '' ? [] : before.split(':');
  const right = after === undefined || after === '' ? [] : after.split(':');
  const missing = 8 - left.length - right.length;
  if (more.length > 0 || (after === undefined ? missing !== 0 : missing < 1)) return undefined;
  const groups = [...left, ...Array<string>(missing).fill('0'), ...right];
  if (!groups.every((group) => /^[\da-f]{1,4}$/i.test(group))) return undefined;
  return groups.reduce((address, group) => (address << 16n) + BigInt(`0x${group}`), 0n);
}

function addressText(address: bigint, bits: 32 | 128): string {
  if (bits === 32) return [24n, 16n, 8n, 0n].map((shift) => String((address >> shift) & 255n)).join('.');
  const groups = Array.from({ length: 8 }, (_, at) => ((address >> BigInt(112 - at * 16)) & 0xffffn).toString(16));
  // The longest run of zeros is left out, as RFC 5952 has it.
  let [start, length] = [-1, 1];
  for (let at = 0; at < 8; at++) {
    let end = at;
    while (groups[end] === '0') end++;
    if (end - at > length) [start, length] = [at, end - at];
  }
  if (start < 0) return groups.join(':');
  return `${groups.slice(0, start).join(':')}::${groups.slice(start + length).join(':')}`;
}
