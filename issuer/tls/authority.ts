import { generateKeyPair as generateKeyPairCallback, randomBytes } from 'node:crypto';
import { promisify } from 'node:util';
import { certificate, type Signatory } from './certificate.js';

const generateKeyPair = promisify(generateKeyPairCallback);
const DAY_SECONDS = 86_400;
/** Clocks differ: it counts from an hour ago. */
const EARLIER_SECONDS = 3600;

/** A CA for hosts that are named later, which all have one key. Both keys are in memory alone. */
export interface CertificateAuthority {
  /** Its own certificate, PEM. */
  readonly caPem: string;
  /** Signs a certificate for a host, good for 90 days. */
  identify(host: string): { readonly key: string; readonly cert: string };
}

/** Generates a CA with ECDSA on P-256 that counts for 90 days. */
export async function certificateAuthority(): Promise<CertificateAuthority> {
  const [ca, server] = await Promise.all([
    signatory(`vaultproof CA ${randomBytes(4).toString('hex')}`),
    signatory('vaultproof'),
  ]);
  const now = Math.floor(Date.now() / 1000);
  const validity = { notBefore: now - EARLIER_SECONDS, notAfter: now + 90 * DAY_SECONDS };
  const key = server.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
  return {
    caPem: certificate({ subject: ca, issuer: ca, names: 'authority', ...validity }),
    identify: (host) => ({ key, cert: certificate({ subject: server, issuer: ca, names: [host], ...validity }) }),
  };
}

/** A name with a new P-256 key. */
export async function signatory(commonName: string): Promise<Signatory> {
  const { privateKey } = await generateKeyPair('ec', { namedCurve: 'prime256v1' });
  return { commonName, privateKey };
}
