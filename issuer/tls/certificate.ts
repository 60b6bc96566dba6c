import { createHash, createPublicKey, type KeyObject, randomBytes, sign } from 'node:crypto';
import { isIP } from 'node:net';

const ECDSA_WITH_SHA256 = '1.2.840.10045.4.3.2';
const COMMON_NAME = '2.5.4.3';
const SERVER_AUTH = '1.3.6.1.5.5.7.3.1';
const extensions = {
  subjectKeyIdentifier: '2.5.29.14',
  keyUsage: '2.5.29.15',
  subjectAltName: '2.5.29.17',
  basicConstraints: '2.5.29.19',
  authorityKeyIdentifier: '2.5.29.35',
  extendedKeyUsage: '2.5.29.37',
};

/** Who signs a certificate: a name and a P-256 key. */
export interface Signatory {
  readonly commonName: string;
  readonly privateKey: KeyObject;
}

/** What is in a certificate. */
export interface CertificateContent {
  readonly subject: Signatory;
  readonly issuer: Signatory;
  /** The host names and addresses of a server; none for an authority, which signs servers and no further authority. */
  readonly names: readonly string[] | 'authority';
  /** Seconds since 1970. */
  readonly notBefore: number;
  readonly notAfter: number;
}

/**
 * A certificate as PEM, signed with ECDSA over SHA-256.
 * @see https://www.rfc-editor.org/rfc/rfc5280#section-4.1
 */
export function certificate({ subject, issuer, names, notBefore, notAfter }: CertificateContent): string {
  const algorithm = sequence(oid(ECDSA_WITH_SHA256));
  const serial = randomBytes(16);
  // Positive, and never shorter than it looks.
  serial[0] = ((serial[0] ?? 0) & 0x7f) | 0x40;
  const content = sequence(
    context(0, integer(Buffer.from([2]))),
    integer(serial),
    algorithm,
    distinguishedName(issuer.commonName),
    sequence(time(notBefore), time(notAfter)),
    distinguishedName(subject.commonName),
    publicKeyOf(subject),
    context(
      3,
      sequence(...(names === 'authority' ? authorityExtensions(subject) : serverExtensions(subject, issuer, names))),
    ),
  );
  const signature = sign('sha256', content, { key: issuer.privateKey, dsaEncoding: 'der' });
  return pem(sequence(content, algorithm, bits(signature)));
}

function authorityExtensions(subject: Signatory): Der[] {
  return [
    extension('basicConstraints', sequence(yes, integer(Buffer.from([0]))), 'critical'),
    // keyCertSign and cRLSign, the bits 5 and 6.
    extension('keyUsage', bits(Buffer.from([0b0000_0110]), 1), 'critical'),
    extension('subjectKeyIdentifier', octets(keyIdentifier(subject))),
  ];
}

function serverExtensions(subject: Signatory, issuer: Signatory, names: readonly string[]): Der[] {
  return [
    extension('basicConstraints', sequence(), 'critical'),
    // digitalSignature, the bit 0.
    extension('keyUsage', bits(Buffer.from([0b1000_0000]), 7), 'critical'),
    extension('extendedKeyUsage', sequence(oid(SERVER_AUTH))),
    extension('subjectAltName', sequence(...names.map(generalName))),
    extension('subjectKeyIdentifier', octets(keyIdentifier(subject))),
    extension('authorityKeyIdentifier', sequence(context(0, keyIdentifier(issuer), false))),
  ];
}

function extension(name: keyof typeof extensions, value: Der, critical?: 'critical'): Der {
  return sequence(oid(extensions[name]), ...(critical ? [yes] : []), octets(value));
}

function distinguishedName(commonName: string): Der {
  return sequence(set(sequence(oid(COMMON_NAME), utf8(commonName))));
}

function publicKeyOf({ privateKey }: Signatory): Buffer {
  return createPublicKey(privateKey).export({ type: 'spki', format: 'der' });
}

/** 160 bits of the key's hash (RFC 7093, section 2, method 4). */
function keyIdentifier(signatory: Signatory): Buffer {
  return createHash('sha256').update(publicKeyOf(signatory)).digest().subarray(0, 20);
}

function generalName(name: string): Der {
  const version = isIP(name);
  if (version === 0) return der(0x82, Buffer.from(name, 'ascii'));
  return der(0x87, version === 4 ? Buffer.from(name.split('.').map(Number)) : ipv6(name));
}

/** The 16 bytes of an address; the URL parser writes it in one form, without an IPv4 end. */
function ipv6(address: string): Buffer {
  const [head = '', tail] = new URL(`http://[${address}]`).hostname.slice(1, -1).split('::');
  const groups = (part: string): string[] => (part === '' ? [] : part.split(':'));
  const [before, after] = [groups(head), groups(tail ?? '')];
  const zeros = Array.from({ length: 8 - before.length - after.length }, () => '0');
  return Buffer.from([...before, ...zeros, ...after].map((group) => group.padStart(4, '0')).join(''), 'hex');
}

function pem(content: Der): string {
  const lines = content.toString('base64').match(/.{1,64}/g) ?? [];
  return `-----BEGIN CERTIFICATE-----\n${lines.join('\n')}\n-----END CERTIFICATE-----\n`;
}

/** One value in DER: a tag, a length and what they are for (X.690). */
type Der = Buffer;

/** A value with a tag. */
function der(tag: number, ...content: readonly Uint8Array[]): Der {
  const body = Buffer.concat(content);
  return Buffer.concat([Buffer.from([tag]), length(body.length), body]);
}

function length(value: number): Buffer {
  if (value < 0x80) return Buffer.from([value]);
  const bytes = Buffer.from(value.toString(16).padStart(value > 0xff ? 4 : 2, '0'), 'hex');
  return Buffer.concat([Buffer.from([0x80 | bytes.length]), bytes]);
}

const sequence = (...content: readonly Uint8Array[]): Der => der(0x30, ...content);
const set = (...content: readonly Uint8Array[]): Der => der(0x31, ...content);
const octets = (content: Uint8Array): Der => der(0x04, content);
const utf8 = (text: string): Der => der(0x0c, Buffer.from(text));
const yes: Der = der(0x01, Buffer.from([0xff]));

/** A bit string, of which some bits at the end don't count. */
const bits = (content: Uint8Array, unused = 0): Der => der(0x03, Buffer.from([unused]), content);

/** A value of the context's own: `[number]`, which has other values in it or stands in place of one. */
const context = (number: number, content: Uint8Array, constructed = true): Der =>
  der((constructed ? 0xa0 : 0x80) | number, content);

/** A whole number that is not negative, from its bytes. */
function integer(bytes: Uint8Array): Der {
  const [first = 0] = bytes;
  return der(0x02, first > 0x7f ? Buffer.from([0]) : Buffer.alloc(0), bytes);
}

/** An object identifier from its dotted form. */
function oid(dotted: string): Der {
  const [first = 0, second = 0, ...rest] = dotted.split('.').map(Number);
  const arcs = [first * 40 + second, ...rest].flatMap((arc) => {
    const groups = [arc & 0x7f];
    for (let left = arc >>> 7; left > 0; left >>>= 7) groups.unshift((left & 0x7f) | 0x80);
    return groups;
  });
  return der(0x06, Buffer.from(arcs));
}

/** A time to the second: UTCTime up to 2049, GeneralizedTime from then on (RFC 5280, section 4.1.2.5). */
function time(seconds: number): Der {
  const date = new Date(seconds * 1000);
  const digits = date.toISOString().replace(/\.\d+Z$|[-:T]/g, '');
  const late = date.getUTCFullYear() > 2049;
  return der(late ? 0x18 : 0x17, Buffer.from(`${late ? digits : digits.slice(2)}Z`));
}

const DAY_SECONDS = 86_400;

/** Certificates that a verifier has to refuse, each for one reason. */
export const certificateFlaws = [
  'expired-certificate',
  'early-certificate',
  'other-host',
  'unknown-ca',
  'self-signed',
] as const;
export type CertificateFlaw = (typeof certificateFlaws)[number];

/** The good certificate that is to be flawed, and a CA that nobody trusts. */
interface GoodCertificate {
  readonly subject: Signatory;
  readonly issuer: Signatory;
  readonly unknownCa: Signatory;
  readonly names: readonly string[];
  readonly notBefore: number;
  readonly notAfter: number;
}

/** The same certificate with one flaw, as PEM, by flaw; all of them have the good one's key. */
export function flawedCertificates({ unknownCa, ...good }: GoodCertificate): Readonly<Record<CertificateFlaw, string>> {
  const { subject, notBefore } = good;
  return {
    'expired-certificate': certificate({ ...good, notBefore: notBefore - 2 * DAY_SECONDS, notAfter: notBefore }),
    'early-certificate': certificate({ ...good, notBefore: good.notAfter - DAY_SECONDS }),
    'other-host': certificate({ ...good, names: ['elsewhere.example'] }),
    'unknown-ca': certificate({ ...good, issuer: unknownCa }),
    'self-signed': certificate({ ...good, issuer: subject }),
  };
}
