import {
  createPrivateKey,
  generateKeyPair as generateKeyPairCallback,
  generateKeyPairSync,
  randomBytes,
} from 'node:crypto';
import { promisify } from 'node:util';
import { type CertificateFlaw, certificate, flawedCertificates, type Signatory } from './certificate.js';

const generateKeyPair = promisify(generateKeyPairCallback);
/** What this host calls itself, and what its containers call it. */
export const localNames: readonly string[] = ['127.0.0.1', '::1', 'localhost', 'host.docker.internal'];
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
  /** Signs a certificate for the names of one host, good for 90 days. */
  identify(...names: readonly string[]): HostIdentity;
  /** What another process makes the same CA of. */
  readonly secrets: AuthoritySecrets;
}

/** All of a CA; secrets. */
export interface AuthoritySecrets {
  readonly commonName: string;
  readonly caPem: string;
  readonly caKey: string;
  readonly serverKey: string;
  /** Seconds since 1970. */
  readonly notBefore: number;
  readonly notAfter: number;
}

/**
 * A CA with ECDSA on P-256 that counts for 90 days.
 * @param secrets of one that there is; default a new one
 */
export async function certificateAuthority(secrets?: AuthoritySecrets): Promise<CertificateAuthority> {
  const all = secrets ?? (await newAuthority());
  const { commonName, caPem, serverKey: key, notBefore, notAfter } = all;
  const ca = { commonName, privateKey: createPrivateKey(all.caKey) };
  const server = { commonName: 'vaultproof', privateKey: createPrivateKey(key) };
  return {
    caPem,
    secrets: all,
    identify: (...names) => {
      const good = { subject: server, issuer: ca, names, notBefore, notAfter };
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

async function newAuthority(): Promise<AuthoritySecrets> {
  const [ca, server] = await Promise.all([signatory(caName()), signatory('vaultproof')]);
  const now = Math.floor(Date.now() / 1000);
  const validity = { notBefore: now - EARLIER_SECONDS, notAfter: now + 90 * DAY_SECONDS };
  const caPem = certificate({ subject: ca, issuer: ca, names: 'authority', ...validity });
  return { commonName: ca.commonName, caPem, caKey: pemOf(ca), serverKey: pemOf(server), ...validity };
}

function pemOf({ privateKey }: Signatory): string {
  return privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
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
