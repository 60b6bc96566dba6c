/** App Mesh's one-time codes: SHA1, 30 s, six digits (RFC 6238), one step to either side. */
export const totpParameters = { algorithm: 'SHA1', period: 30, digits: 6 } as const;
const WINDOW_STEPS = 1;
/** The hash's length, as RFC 4226, section 4, recommends. */
const SECRET_BYTES = 20;

/** What an authenticator app is given. */
export interface TotpEnrolment {
  /** Base32, without padding. */
  readonly secret: string;
  /** `otpauth://totp/AppMesh:<user>?...`, as in a QR code. */
  readonly uri: string;
}

/**
 * A new secret for a user's one-time codes.
 * @see https://github.com/google/google-authenticator/wiki/Key-Uri-Format
 * @example
 * const { secret, uri } = await enrolTotp('alice');
 */
export async function enrolTotp(user: string): Promise<TotpEnrolment> {
  const { Secret, TOTP } = await import('otpauth');
  const secret = new Secret({ size: SECRET_BYTES });
  const uri = new TOTP({ issuer: 'AppMesh', label: user, secret, ...totpParameters }).toString();
  return { secret: secret.base32, uri };
}

/**
 * The code that counts at a time.
 * @param now seconds since 1970
 * @example
 * const { secret } = await enrolTotp('alice');
 * const code = await totpCode(secret, issuer.clock.now());
 */
export async function totpCode(secret: string, now: number): Promise<string> {
  const { Secret, TOTP } = await import('otpauth');
  return TOTP.generate({ secret: Secret.fromBase32(secret), timestamp: now * 1000, ...totpParameters });
}

/**
 * The step of 30 s that a code is for, this one or one beside it; undefined for a code that is not good now.
 * @param now seconds since 1970
 */
export async function matchTotp(secret: string, code: string, now: number): Promise<number | undefined> {
  if (secret === '' || !/^[0-9]{6}$/.test(code)) return undefined;
  const { Secret, TOTP } = await import('otpauth');
  const delta = TOTP.validate({
    token: code,
    secret: Secret.fromBase32(secret),
    timestamp: now * 1000,
    window: WINDOW_STEPS,
    ...totpParameters,
  });
  return delta === null ? undefined : Math.floor(now / totpParameters.period) + delta;
}
