/** One value in DER: a tag, a length and what they are for (X.690). */
export type Der = Buffer;

/** A value with a tag. */
export function der(tag: number, ...content: readonly Uint8Array[]): Der {
  const body = Buffer.concat(content);
  return Buffer.concat([Buffer.from([tag]), length(body.length), body]);
}

function length(value: number): Buffer {
  if (value < 0x80) return Buffer.from([value]);
  const bytes = Buffer.from(value.toString(16).padStart(value > 0xff ? 4 : 2, '0'), 'hex');
  return Buffer.concat([Buffer.from([0x80 | bytes.length]), bytes]);
}

export const sequence = (...content: readonly Uint8Array[]): Der => der(0x30, ...content);
export const set = (...content: readonly Uint8Array[]): Der => der(0x31, ...content);
export const octets = (content: Uint8Array): Der => der(0x04, content);
export const utf8 = (text: string): Der => der(0x0c, Buffer.from(text));
export const yes: Der = der(0x01, Buffer.from([0xff]));

/** A bit string, of which some bits at the end don't count. */
export const bits = (content: Uint8Array, unused = 0): Der => der(0x03, Buffer.from([unused]), content);

/** A value of the context's own: `[number]`, which has other values in it or stands in place of one. */
export const context = (number: number, content: Uint8Array, constructed = true): Der =>
  der((constructed ? 0xa0 : 0x80) | number, content);

/** A whole number that is not negative, from its bytes. */
export function integer(bytes: Uint8Array): Der {
  const [first = 0] = bytes;
  return der(0x02, first > 0x7f ? Buffer.from([0]) : Buffer.alloc(0), bytes);
}

/** An object identifier from its dotted form. */
export function oid(dotted: string): Der {
  const [first = 0, second = 0, ...rest] = dotted.split('.').map(Number);
  const arcs = [first * 40 + second, ...rest].flatMap((arc) => {
    const groups = [arc & 0x7f];
    for (let left = arc >>> 7; left > 0; left >>>= 7) groups.unshift((left & 0x7f) | 0x80);
    return groups;
  });
  return der(0x06, Buffer.from(arcs));
}

/** A time to the second: UTCTime up to 2049, GeneralizedTime from then on (RFC 5280, section 4.1.2.5). */
export function time(seconds: number): Der {
  const date = new Date(seconds * 1000);
  const digits = date.toISOString().replace(/\.\d+Z$|[-:T]/g, '');
  const late = date.getUTCFullYear() > 2049;
  return der(late ? 0x18 : 0x17, Buffer.from(`${late ? digits : digits.slice(2)}Z`));
}
