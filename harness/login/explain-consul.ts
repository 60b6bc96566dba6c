import type { ErrorCode } from '../../errors/index.js';
import { type BindableNames, boundName, triedRules } from './consul-binding-rules.js';
import { selectableValues } from './consul-claims.js';
import { type ConsulRefusalPattern, consulRefusalPatterns } from './consul-refusals.js';
import { timeCheck } from './consul-times.js';
import { claimAt, type DecodedToken, decodeToken } from './decoded-token.js';
import { LoginRefusedError } from './login-refused-error.js';

type Fields = Readonly<Record<string, unknown>>;

/** What Consul holds a token against, as far as the caller may read it. */
export interface ConsulLoginConfig {
  /** The auth method's `Config`. */
  readonly config?: Fields | undefined;
  /** The names of the auth methods of type jwt. */
  readonly jwtMethods?: readonly string[] | undefined;
  /** The auth method's binding rules, as Consul lists them. */
  readonly rules?: readonly Fields[] | undefined;
  /** The names that a rule may bind, in small letters, as Consul does not tell the two cases apart. */
  readonly names?: BindableNames | undefined;
  /** The kids of the key set that Consul verifies with; undefined where there is none or it could not be had. */
  readonly kids?: readonly (string | undefined)[] | undefined;
}

/** A refused login, as Consul answered it. */
export interface RefusedConsulLogin {
  readonly jwt: string;
  readonly method: string;
  readonly status: number;
  readonly serverMessage: string;
}

/** Whether an answer says anything about the token. Consul has 500 for most refusals, and for failures of its own. */
export function isConsulVerdict(status: number, serverMessage: string): boolean {
  return status === 403 || patternOf(serverMessage) !== undefined;
}

function patternOf(serverMessage: string): ConsulRefusalPattern | undefined {
  return consulRefusalPatterns.find(({ words }) => words.test(serverMessage));
}

/**
 * Names the check that a login failed, from Consul's words, the token's claims and what is known of the configuration.
 * Consul's word stays the verdict: nothing is verified again here.
 */
export function explainConsulRefusal(login: RefusedConsulLogin, known: ConsulLoginConfig): LoginRefusedError {
  const { jwt, method, status, serverMessage } = login;
  const { config } = known;
  const token = decodeToken(jwt);
  const refused = (code: ErrorCode, sides: Partial<ConstructorParameters<typeof LoginRefusedError>[0]> = {}) =>
    new LoginRefusedError({ code, ...sides, serverMessage, status, role: undefined, method });

  const pattern = patternOf(serverMessage);
  if (pattern === undefined) {
    return /Permission denied/.test(serverMessage) ? nothingBound(refused, known, token) : refused('login_refused');
  }
  const { code } = pattern;
  if (code === 'method_not_found') return refused(code, { expected: known.jwtMethods, found: method });
  if (token === undefined && (code === 'signature_invalid' || code === 'algorithm_not_allowed')) {
    return refused('token_malformed');
  }
  if (code === 'signature_invalid' && known.kids !== undefined) {
    const kid = token?.header['kid'];
    if (!known.kids.includes(kid as string | undefined)) {
      return refused('unknown_key', { expected: known.kids, found: kid ?? null });
    }
  }
  const { claim, found, allowed } = pattern.words.exec(serverMessage)?.groups ?? {};
  if (claim !== undefined) return refused(code, { found: token && claimAt(token.claims, claim) });
  if (code === 'bind_name_invalid') return refused(code, { found, rules: rulesOf(known, token) });
  if (code === 'algorithm_not_allowed') {
    // Go writes a list of quoted words without commas.
    return refused(code, { expected: allowed?.match(/[^\s",]+/g) ?? [], found: token?.header['alg'] ?? found });
  }
  const times = token && timeCheck(code, token.claims, { discovery: /\boidc: /.test(serverMessage), config });
  if (times !== undefined) return refused(code, times);
  return refused(code, { expected: config && expectedOf(pattern, config), found: foundIn(pattern, token) });
}

/** `Permission denied` means that no rule gave the token anything: none matched, or what it names is not there. */
function nothingBound(
  refused: (code: ErrorCode, sides: Partial<ConstructorParameters<typeof LoginRefusedError>[0]>) => LoginRefusedError,
  known: ConsulLoginConfig,
  token: DecodedToken | undefined,
): LoginRefusedError {
  const rules = rulesOf(known, token);
  const dangling = rules?.filter(({ matched, exists }) => matched === true && exists === false) ?? [];
  if (dangling.length === 0) return refused('no_binding_rule_matched', { rules });
  const found = dangling.map(({ bindName, values }) => boundName(bindName, values));
  return refused('bound_name_not_found', { found, rules });
}

function rulesOf({ config, rules, names }: ConsulLoginConfig, token: DecodedToken | undefined) {
  if (config === undefined || rules === undefined || token === undefined) return undefined;
  return triedRules(rules, selectableValues(config, token.claims), names ?? {});
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

function foundIn({ found }: ConsulRefusalPattern, token: DecodedToken | undefined): unknown {
  if (found === undefined || token === undefined) return undefined;
  const values = found.map((name) =>
    name.startsWith('header:') ? token.header[name.slice('header:'.length)] : token.claims[name],
  );
  // "Nothing" is what was found, and worth saying.
  return values.find((value) => value !== undefined) ?? null;
}
