import { createPrivateKey, type KeyObject, X509Certificate } from 'node:crypto';
import { isIP } from 'node:net';
import { UsageError, VaultproofError } from '../../errors/index.js';
import { printedAs } from '../../internal/printable.js';
import { caName, localNames, signatory, unknownCa } from './authority.js';
import { type CertificateFlaw, certificate, flawedCertificates } from './certificate.js';

/** What a server shows who it is with, as PEM, and what its clients verify that with. */
export interface TlsIdentity {
  /** The private key; a secret. */
  readonly key: string;
  /** The server's certificate, and any between it and the CA. */
  readonly cert: string;
  /** The CA, for `jwks_ca_pem`, `JWKSCACert` and `curl --cacert`. */
  readonly ca: string;
  /** Certificates of the same key that a client has to refuse, for TLS faults; undefined for an identity of one's own. */
  readonly flawed?: Readonly<Record<CertificateFlaw, string>>;
}

/** What a generated identity is for. */
export interface TlsIdentityOptions {
  /** Host names and addresses besides 127.0.0.1, ::1, localhost and host.docker.internal. */
  readonly names?: readonly string[] | undefined;
  /** The time, in seconds since 1970; default the system's, which is what a client goes by. */
  readonly now?: number | undefined;
}

const HOST_NAME =
  /^(?=.{1,253}$)(?:\*\.)?[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9])?(?:\.[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?)*$/i;
const DAY_SECONDS = 86_400;
/** Clocks differ: it counts from an hour ago. */
const EARLIER_SECONDS = 3600;
const SERVER_DAYS = 90;
const CA_DAYS = 365;

/**
 * Generates a CA and a server's certificate that it signs, both with ECDSA on P-256. The CA's key is forgotten, so it
 * signs nothing else but the flawed ones of the same server. The certificate counts for 90 days, the CA for a year.
 * @throws TypeError for what is neither a host name nor an address
 * @example
 * await using issuer = await startIssuer({ tls: await generateTlsIdentity() });
 */
export async function generateTlsIdentity(options: TlsIdentityOptions = {}): Promise<TlsIdentity> {
  const { names = [], now = Math.floor(Date.now() / 1000) } = options;
  const wrong = names.find((name) => isIP(name) === 0 && !HOST_NAME.test(name));
  if (wrong !== undefined) throw new UsageError(`"${wrong}" is neither a host name nor an address`);
  const all = [...new Set([...localNames, ...names])];
  const [ca, server] = await Promise.all([signatory(caName()), signatory('vaultproof issuer')]);
  const notBefore = now - EARLIER_SECONDS;
  const good = { subject: server, issuer: ca, names: all, notBefore, notAfter: now + SERVER_DAYS * DAY_SECONDS };
  let flawed: TlsIdentity['flawed'];
  return printed({
    key: server.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
    cert: certificate(good),
    ca: certificate({ subject: ca, issuer: ca, names: 'authority', notBefore, notAfter: now + CA_DAYS * DAY_SECONDS }),
    // Few ask for them, and a server that starts waits for its certificate.
    get flawed() {
      flawed ??= flawedCertificates({ ...good, unknownCa: unknownCa() });
      return flawed;
    },
  });
}

/**
 * Checks an identity of one's own: a key, its certificate, and the CA, by default the last certificate of the chain.
 * @throws VaultproofError `tls_invalid` for what is no PEM or doesn't belong together
 * @example
 * const tls = checkTlsIdentity({ key: await readFile('key.pem', 'utf8'), cert: await readFile('cert.pem', 'utf8') });
 */
export function checkTlsIdentity(given: Omit<TlsIdentity, 'ca' | 'flawed'> & { readonly ca?: string }): TlsIdentity {
  const { key, cert } = given;
  const chain = certificates('certificate', cert);
  const ca = given.ca ?? chain.at(-1)?.toString() ?? '';
  const authorities = certificates('CA', ca);
  const [server] = chain;
  if (!server?.checkPrivateKey(privateKey(key))) {
    throw new VaultproofError('tls_invalid', 'the TLS key does not match the certificate: give a matching pair');
  }
  const verifies = (one: X509Certificate, by: X509Certificate): boolean =>
    one.checkIssued(by) && one.verify(by.publicKey);
  const issuers = [...chain.slice(1), ...authorities];
  const reaches = (one: X509Certificate, left: readonly X509Certificate[]): boolean =>
    authorities.some((authority) => authority.raw.equals(one.raw) || verifies(one, authority)) ||
    left.some(
      (by) =>
        verifies(one, by) &&
        reaches(
          by,
          left.filter((other) => other !== by),
        ),
    );
  if (!reaches(server, issuers)) {
    throw new VaultproofError('tls_invalid', 'the TLS certificate is not signed by the CA: give the CA that signed it');
  }
  return printed({ key, cert, ca });
}

/** The key stays enumerable, since an identity is there to be handed on, be it with another certificate. */
function printed(identity: TlsIdentity): TlsIdentity {
  return printedAs(identity, () => `TlsIdentity(${new X509Certificate(identity.cert).subjectAltName ?? ''})`);
}

function certificates(what: string, text: string): X509Certificate[] {
  const blocks = text.match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g) ?? [];
  try {
    if (blocks.length > 0) return blocks.map((block) => new X509Certificate(block));
  } catch (cause) {
    throw new VaultproofError('tls_invalid', `the TLS ${what} can't be read, give it as PEM`, { cause });
  }
  throw new VaultproofError('tls_invalid', `the TLS ${what} contains no certificate: give it as PEM`);
}

function privateKey(text: string): KeyObject {
  try {
    return createPrivateKey(text);
  } catch {
    // The cause is left out: it may have some of the key.
    throw new VaultproofError('tls_invalid', "the TLS key can't be read, give it as PEM without a passphrase");
  }
}
