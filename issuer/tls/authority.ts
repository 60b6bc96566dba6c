import { generateKeyPair as generateKeyPairCallback, generateKeyPairSync, randomBytes } from 'node:crypto';
import { promisify } from 'node:util';
import { type CertificateFlaw, certificate, flawedCertificates, type Signatory } from './certificate.js';

const generateKeyPair = promisify(generateKeyPairCallback);
const DAY_SECONDS = 86_400;
/** Clocks differ: it counts from an hour ago. */
const EARLIER_SECONDS = 3600;

type FlawedCertificates = Readonly<Record<CertificateFlaw, string>>;

/** What the server of a host shows, and the CA that signed it, as PEM. */
export interface HostIdentity {
  readonly key: string;
  readonly cert: string;
  readonly ca: string;
  /** Certificates of the same key that a client has to refuse, signed when they are first asked for. */
  readonly flawed: FlawedCertificates;
}

/** A CA for hosts that are named later, which all have one key. Both keys are in memory alone. */
export interface CertificateAuthority {
  /** Its own certificate, PEM. */
  readonly caPem: string;
  /** Signs a certificate for a host, good for 90 days. */
  identify(host: string): HostIdentity;
}

/** Generates a CA with ECDSA on P-256 that counts for 90 days. */
export async function certificateAuthority(): Promise<CertificateAuthority> {
  const [ca, server] = await Promise.all([signatory(caName()), signatory('vaultproof')]);
  const now = Math.floor(Date.now() / 1000);
  const validity = { notBefore: now - EARLIER_SECONDS, notAfter: now + 90 * DAY_SECONDS };
  const key = server.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
  const caPem = certificate({ subject: ca, issuer: ca, names: 'authority', ...validity });
  return {
    caPem,
    identify: (host) => {
      const good = { subject: server, issuer: ca, names: [host], ...validity };
      let flawed: FlawedCertificates | undefined;
      return {
        ...{ key, cert: certificate(good), ca: caPem },
        get flawed() {
          flawed ??= flawedCertificates({ ...good, unknownCa: unknownCa() });
          return flawed;
        },
      };
    },
  };
}

/** Two CAs of one name and different keys confuse clients that trust both. */
export function caName(): string {
  return `vaultproof CA ${randomBytes(4).toString('hex')}`;
}

/** A CA that no client trusts, with a new key. */
export function unknownCa(): Signatory {
  return { commonName: caName(), privateKey: generateKeyPairSync('ec', { namedCurve: 'prime256v1' }).privateKey };
}

/** A name with a new P-256 key. */
export async function signatory(commonName: string): Promise<Signatory> {
  const { privateKey } = await generateKeyPair('ec', { namedCurve: 'prime256v1' });
  return { commonName, privateKey };
}
