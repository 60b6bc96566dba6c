import { type BindableNames, type TriedBindingRule, triedRules } from './consul-binding.js';
import { type ConsulRefusalPattern, consulRefusalPatterns } from './consul-refusals.js';
import { selectableValues } from './consul-selector-verdict.js';
import { LoginRefusedError, type Refusal } from './login-refused-error.js';
import { type Leeways, timeCheck } from './time-check.js';
import {
  claimAt,
  mistypedClaim,
  type Reading,
  type ReadToken,
  readToken,
  registeredClaim,
  unquoted,
} from './token-claims.js';
import { signatureCause } from './verification-keys.js';

type Fields = Readonly<Record<string, unknown>>;

/** What Consul holds a token against, as far as the caller may read it. */
export interface ConsulLoginConfig {
  /** The auth method's `Config`. */
  readonly config?: Fields | undefined;
  /** The types of the auth methods, such as `jwt`, by name. */
  readonly methods?: Readonly<Record<string, string>> | undefined;
  /** The auth method's binding rules, as Consul lists them. */
  readonly rules?: readonly Fields[] | undefined;
  /** The names that a rule may bind, in lower case, because Consul ignores case. */
  readonly names?: BindableNames | undefined;
  /** The kids of the key set that Consul verifies with; undefined where there is none or it could not be had. */
  readonly kids?: readonly (string | undefined)[] | undefined;
  /** What Consul's clock said when it refused, in seconds since 1970; undefined where that is not known. */
  readonly now?: number | undefined;
}

/** A refused login, as Consul answered it. */
interface RefusedConsulLogin {
  readonly jwt: string;
  readonly method: string;
  readonly status: number;
  readonly serverMessage: string;
}

/** Whether an answer says anything about the token. Consul has 500 for most refusals, and for failures of its own. */
export function isConsulRefusal(status: number, serverMessage: string): boolean {
  return status === 403 || patternOf(serverMessage) !== undefined;
}

function patternOf(serverMessage: string): ConsulRefusalPattern | undefined {
  return consulRefusalPatterns.find(({ words }) => words.test(serverMessage));
}

/** What is said of a refusal besides the server's answer. */
type Explanation = Pick<Refusal, 'code' | 'claim' | 'expected' | 'found' | 'note' | 'rules'>;

/**
 * Names the check that a login failed, from Consul's words, the token's claims and what is known of the configuration.
 * Consul's word stays the verdict: nothing is verified again here.
 */
export function explainConsulRefusal(login: RefusedConsulLogin, known: ConsulLoginConfig): LoginRefusedError {
  const { jwt, method, status, serverMessage } = login;
  const explanation = wrongMethod(login, known) ?? explained(serverMessage, method, known, readToken(jwt));
  return new LoginRefusedError({ ...explanation, serverMessage, status, role: undefined, method });
}

/** A method of another type has words of its own for a token that it can't read. */
function wrongMethod({ method }: RefusedConsulLogin, { methods }: ConsulLoginConfig): Explanation | undefined {
  const type = methods !== undefined && Object.hasOwn(methods, method) ? methods[method] : undefined;
  if (type === undefined || type === 'jwt') return undefined;
  return { code: 'method_type_mismatch', expected: 'jwt', found: type };
}

function explained(
  serverMessage: string,
  method: string,
  known: ConsulLoginConfig,
  token: ReadToken | undefined,
): Explanation {
  const pattern = patternOf(serverMessage);
  if (pattern === undefined) {
    return /Permission denied/.test(serverMessage) ? nothingBound(known, token) : { code: 'login_refused' };
  }
  const { code } = pattern;
  const reading = readingOf(serverMessage, known);
  const said = pattern.words.exec(serverMessage)?.groups ?? {};
  switch (code) {
    case 'method_not_found':
      return { code, expected: jwtMethodsOf(known), found: method };
    case 'algorithm_not_allowed': {
      if (token === undefined) return { code: 'token_malformed' };
      // Go writes a list of quoted words without commas.
      return { code, expected: said['allowed']?.match(/[^\s",]+/g) ?? [], found: token.header['alg'] ?? null };
    }
    case 'signature_invalid':
      return signatureCause(token, keysOf(known), reading);
    case 'token_malformed': {
      const aboutClaims = /unmarshal claims/.test(serverMessage);
      const mistyped = token && aboutClaims ? mistypedClaim(token, reading, serverMessage) : undefined;
      return mistyped ? { code: 'claim_type_mismatch', ...mistyped } : { code };
    }
    case 'bind_name_invalid':
      return badBindName(said['found'], known, token);
    default:
      return aboutClaim(pattern, said, reading, known, token);
  }
}

function jwtMethodsOf({ methods }: ConsulLoginConfig): string[] | undefined {
  return methods && Object.keys(methods).filter((name) => methods[name] === 'jwt');
}

function aboutClaim(
  pattern: ConsulRefusalPattern,
  { claim: quoted, rawClaim }: Readonly<Record<string, string>>,
  reading: Reading,
  { config, now }: ConsulLoginConfig,
  token: ReadToken | undefined,
): Explanation {
  const { code } = pattern;
  const times = token && timeCheck(code, token, reading, config && leewaysOf(config), now);
  if (times !== undefined) return { code, ...times };
  const claim = quoted === undefined ? rawClaim : unquoted(quoted);
  if (claim !== undefined) return { code, claim, found: token && (claimAt(token.claims, claim) ?? null) };
  if (pattern.claim === undefined) return { code };
  const seen = token && registeredClaim(token, pattern.claim, reading);
  return {
    code,
    claim: seen?.name ?? pattern.claim,
    expected: config && expectedOf(pattern, config),
    found: seen?.value,
    note: seen?.note,
  };
}

/** A leeway of the API is in nanoseconds. */
function leewaysOf(config: Fields): Leeways {
  const seconds = (name: string): number => Number(config[name] ?? 0) / 1e9;
  return {
    clockSkew: seconds('ClockSkewLeeway'),
    expiration: seconds('ExpirationLeeway'),
    notBefore: seconds('NotBeforeLeeway'),
  };
}

/** By discovery a library for OpenID Connect reads the claims, and its words have a beginning of their own. */
function readingOf(serverMessage: string, { config = {} }: ConsulLoginConfig): Reading {
  const discovery = serverMessage.includes('error validating signature: ') || isDiscovery(config);
  return { names: pemsOf(config).length > 0 ? 'exact' : 'in order', discovery };
}

function pemsOf(config: Fields = {}): string[] {
  const pems = config['JWTValidationPubKeys'];
  return Array.isArray(pems) ? pems.map(String) : [];
}

function keysOf({ config, kids }: ConsulLoginConfig): Parameters<typeof signatureCause>[1] {
  const pems = pemsOf(config);
  // With static keys Consul does not look at JWTSupportedAlgs.
  return { kids, pems: pems.length > 0 ? pems : undefined };
}

function isDiscovery(config: Fields): boolean {
  return (config['OIDCDiscoveryURL'] ?? '') !== '';
}

function expectedOf({ code, expected }: ConsulRefusalPattern, config: Fields): unknown {
  if (expected === undefined) return undefined;
  // Discovery compares `iss` with its own URL, and leaves BoundIssuer alone.
  if (code === 'issuer_mismatch' && isDiscovery(config)) return config['OIDCDiscoveryURL'];
  return config[expected] ?? (expected === 'BoundAudiences' ? [] : undefined);
}

/** `Permission denied` means that no rule gave the token anything: none matched, or what it names is not there. */
function nothingBound(known: ConsulLoginConfig, token: ReadToken | undefined): Explanation {
  const rules = rulesOf(known, token);
  const dangling = rules?.filter(({ matched, exists }) => matched === true && exists === false) ?? [];
  if (dangling.length === 0) return { code: 'no_binding_rule_matched', rules };
  return { code: 'bound_name_not_found', found: dangling.map(({ name }) => name), rules };
}

/** One rule makes a name that Consul does not take, and the whole login is refused. */
function badBindName(quoted: string | undefined, known: ConsulLoginConfig, token: ReadToken | undefined): Explanation {
  const rules = rulesOf(known, token);
  const found = quoted === undefined ? undefined : unquoted(quoted);
  const culprits = rules?.filter(({ matched, name, bindType }) => {
    if (matched === false) return false;
    return found === undefined ? bindType === 'templated-policy' : name === found && bindType !== 'templated-policy';
  });
  const [culprit, another] = culprits ?? [];
  const isFixed = culprit !== undefined && another === undefined && !culprit.template.includes('${');
  return {
    code: 'bind_name_invalid',
    found: found ?? (another === undefined ? culprit?.name : undefined),
    note: isFixed ? 'the name is fixed in the rule and uses no claim' : undefined,
    rules: culprits?.length ? culprits : rules,
  };
}

function rulesOf(
  { config, rules, names }: ConsulLoginConfig,
  token: ReadToken | undefined,
): TriedBindingRule[] | undefined {
  if (config === undefined || rules === undefined || token === undefined) return undefined;
  return triedRules(
    rules,
    { config, claims: token.claims, values: selectableValues(config, token.claims) },
    names ?? {},
  );
}
