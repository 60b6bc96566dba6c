import { UsageError } from '../errors/index.js';
import { type KnownOptions, refuseUnknownOptions } from '../internal/known-options.js';
import { printedAs } from '../internal/printable.js';
import { type Clock, startClock } from './clock.js';
import type { SigningAlgorithm } from './keys/algorithms.js';
import { type KeyRing, keyRing } from './keys/key-ring.js';
import { generateSigningKey, type SigningKey } from './keys/signing-key.js';
import {
  type SignedIn,
  type SignIdToken,
  type SignInClaims,
  type SignInOptions,
  type SignIns,
  signIns,
} from './sign-ins.js';
import {
  completeClaims,
  type Signer,
  type SignOptions,
  signCompact,
  type TokenClaims,
  type TokenHeader,
} from './tokens/claims.js';
import { type ClaimsTemplate, checkClaimsTemplate, fillChecked } from './tokens/claims-template.js';

const signOptions: KnownOptions<SignOptions> = { alg: true, key: true, header: true };

/** The claims that every token of an issuer has besides those that are asked for, or instead of them. */
export interface OwnClaims {
  get(): ClaimsTemplate;
  /**
   * Gives every token that is signed from now on these claims; those that were set before are gone.
   * @throws TypeError for an invalid placeholder
   */
  set(template: ClaimsTemplate): void;
  clear(): void;
}

/** Claims that are made for an issuer, and how they are signed by default; {@link SignOptions} come first. */
export interface TokenBuilder {
  (issuer: Issuer): TokenClaims;
  /** The algorithm that signs; an issuer that never had a key for it makes one. */
  readonly alg?: SigningAlgorithm;
  readonly header?: TokenHeader;
}

/** Who signs: a URL that is the `iss`, keys with a life of their own, and a clock. It knows nothing of HTTP. */
export interface Issuer {
  /** The `iss` of its tokens, without a slash at the end. */
  readonly url: string;
  readonly keys: KeyRing;
  readonly clock: Clock;
  /** Default none. */
  readonly claims: OwnClaims;
  /**
   * Signs a token; see {@link TokenClaims} for the defaults.
   * @throws TypeError for claims that no token should have
   * @throws VaultproofError `no_active_key`
   */
  sign(claims: TokenClaims | TokenBuilder, options?: SignOptions): Promise<string>;
  /**
   * Signs someone in at this issuer, as a browser does that is sent to its `authorization_endpoint`: the client, such as a Vault
   * with an OIDC auth method, exchanges the code that it gets for an ID token with these claims, signed by RS256 by default. It may be
   * called with a vendor's URL where an environment impersonates that vendor.
   * @param authUrl where the client sends the browser to, such as `auth_url` of Vault's `auth/oidc/oidc/auth_url`
   * @throws TypeError for a URL that is no sign-in at this issuer, a response type other than `code`, and claims that no token
   * should have
   * @see https://openid.net/specs/openid-connect-core-1_0.html#CodeFlowAuth
   * @example
   * const { callbackUrl } = await env.issuer.signIn(authUrl, { sub: 'ada', groups: ['vault-admins'] });
   */
  signIn(authUrl: string, claims: SignInClaims, options?: SignInOptions): Promise<SignedIn>;
  /** What clients learn of those who signed in, for the endpoints. */
  readonly signIns: Pick<SignIns, 'exchange' | 'userinfo'>;
  /** Who signs what has this `iss`: itself, or the issuer that answers for a vendor in its place. */
  signerOf(iss: unknown): Promise<Issuer>;
}

/** What an issuer begins with. */
export interface IssuerSetup {
  /** The algorithms to generate a key for, the first one signing by default; default `['ES256']`, none with `keys`. */
  readonly algorithms?: readonly SigningAlgorithm[] | undefined;
  /** Keys to begin with, published and active, the first one signing by default. */
  readonly keys?: readonly SigningKey[] | undefined;
  /** Makes the keys of `algorithms`, and one that a vendor's token asks for; default {@link generateSigningKey}. */
  readonly generateKey?: ((alg: SigningAlgorithm) => Promise<SigningKey>) | undefined;
  /** Default: a clock that uses the system's time. */
  readonly clock?: Clock | undefined;
  /** Claims that every token has, see {@link OwnClaims}; default none. */
  readonly claims?: ClaimsTemplate | undefined;
}

/** Who signs in an issuer's place what has another `iss`; undefined for the issuer itself. */
export type Delegate = (iss: unknown) => Promise<Issuer> | undefined;

/**
 * Makes an issuer with keys.
 * @param delegate default nothing has another issuer sign it
 *
 * @example
 * const issuer = await createIssuer('https://issuer.example');
 * const jwt = await issuer.sign({ sub: 'app', aud: 'vault' });
 */
export async function createIssuer(url: string, setup: IssuerSetup = {}, delegate?: Delegate): Promise<Issuer> {
  const {
    keys = [],
    algorithms = keys.length > 0 ? [] : ['ES256'],
    generateKey = (alg) => generateSigningKey(alg),
    clock = startClock(),
    claims: initial = {},
  } = setup;
  const ring = keyRing(clock);
  const generated = await Promise.all(algorithms.map((alg) => generateKey(alg)));
  const all = [...keys, ...generated];
  // From the beginning of time, so that a clock that is moved back still has them.
  for (const key of all) ring.add(key, { publishAt: 0, activateAt: 0 });
  if (all[0]) ring.activate(all[0].kid, 0);
  let template = checkClaimsTemplate(initial);
  const making = new Map<SigningAlgorithm, Promise<void>>();
  /** Makes the key that a vendor's token asks for; the others go on signing by default. */
  const addKey = async (alg: SigningAlgorithm): Promise<void> => {
    ring.add(await generateKey(alg), { publishAt: 0, activateAt: 0, byDefault: false });
  };
  const keyFor = async (alg: SigningAlgorithm | undefined, preset: SigningAlgorithm | undefined): Promise<Signer> => {
    if (alg === undefined && preset !== undefined && !ring.list().some(({ key }) => key.alg === preset)) {
      const made = making.get(preset) ?? addKey(preset);
      making.set(preset, made);
      await made;
    }
    return ring.active(alg ?? preset);
  };
  const sign: Issuer['sign'] = async (claims, options = {}) => {
    refuseUnknownOptions('sign', options, signOptions);
    const other = delegate?.((typeof claims === 'function' ? claims(issuer) : claims)?.iss);
    if (other) return (await other).sign(claims, options);
    const builder: Partial<TokenBuilder> = typeof claims === 'function' ? claims : {};
    const { header } = options;
    const key = options.key ?? (await keyFor(options.alg, builder.alg));
    const asked = typeof claims === 'function' ? claims(issuer) : claims;
    if ((header?.['alg'] ?? key.alg) !== key.alg) {
      throw new UsageError(`the key signs with "${key.alg}", and a header can't change that: use a hostile token`);
    }
    const now = clock.now();
    const own = fillChecked(template, { claims: asked, issuer: url, now });
    const complete = completeClaims({ ...asked, ...own }, { issuer: url, now });
    return signCompact(key, complete, { ...builder.header, ...header });
  };
  // OpenID Connect's default for ID tokens (Core, section 2).
  const signIdToken: SignIdToken = (said, options) =>
    sign(
      Object.assign(() => said, { alg: 'RS256' as const }),
      options,
    );
  const { signIn, ...grants } = signIns({ url, clock, sign: signIdToken });
  const issuer: Issuer = {
    url,
    keys: ring,
    clock,
    claims: {
      get: () => template,
      set: (claims) => {
        template = structuredClone(checkClaimsTemplate(claims));
      },
      clear: () => {
        template = {};
      },
    },
    signerOf: async (iss) => delegate?.(iss) ?? issuer,
    sign,
    signIn: async (authUrl, claims, options) => {
      const other = await delegate?.(authUrl);
      return other ? other.signIn(authUrl, claims, options) : signIn(authUrl, claims, options);
    },
    signIns: grants,
  };
  return printedAs(issuer, () => describeIssuer(issuer));
}

/** An issuer in one line: its URL, and the keys that it publishes. */
export function describeIssuer({ url, keys }: Pick<Issuer, 'url' | 'keys'>): string {
  const published = keys.published().map(({ alg, kid }) => `${alg} ${kid}`);
  return `Issuer(${[url, ...published].join(', ')})`;
}
