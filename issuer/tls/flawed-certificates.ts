import { certificate, type Signatory } from './certificate.js';

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
export interface GoodCertificate {
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
