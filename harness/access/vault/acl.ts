import { UsageError } from '../../../errors/index.js';
import { hint } from '../../../internal/did-you-mean.js';
import { byKey, type ParameterValues, type VaultPolicyRule } from '../../lint/index.js';
import { type ParameterRefusal, type RequestData, refusedParameter } from './parameters.js';
import { matchesPath, type PathPattern, pathPattern } from './path-pattern.js';
import type { VaultPolicy } from './policy.js';

const operations = ['create', 'read', 'update', 'patch', 'delete', 'list', 'scan', 'recover'] as const;

/** What a request wants to do, as Vault's policies name it; `create` is a write where nothing is yet. */
export type VaultOperation = (typeof operations)[number];

/** A request to Vault, as far as policies look at it. */
export interface VaultAccessRequest {
  readonly operation: VaultOperation;
  /** Without `/v1/`: `kv/data/app/db`. A list's ends in a slash, as Vault's clients send it. */
  readonly path: string;
  /** The body, or the query of a read; default none. */
  readonly data?: RequestData | undefined;
  /** Seconds that the answer is to be wrapped for; default it is not wrapped. */
  readonly wrapTtl?: number | undefined;
}

/** Whether policies allow a request, and if not, why. */
export type VaultVerdict =
  | { readonly allowed: true; readonly rule: MergedRule | undefined }
  | { readonly allowed: false; readonly reason: VaultRefusal; readonly rule: MergedRule | undefined };

/** `no_rule`: no rule holds for the path; `capability`: the rule that decides lacks it, or denies. */
export type VaultRefusal = 'no_rule' | 'capability' | 'wrapping_ttl' | ParameterRefusal;

/** What all policies together say of one pattern. */
export interface MergedRule extends VaultPolicyRule {
  /** The policies that have the pattern. */
  readonly policies: readonly string[];
}

/** Several policies as Vault merges them for a token. */
export interface VaultAcl {
  /** Whether the root policy is among them, which may do anything. */
  readonly isRoot: boolean;
  /** All rules, those with the same path together. */
  readonly rules: readonly MergedRule[];
  /**
   * What they grant at a path, as `sys/capabilities` answers, in the order of the alphabet: `deny` alone for nothing, `root` alone for
   * the root policy. The look-up is a list's: a rule for `kv/app` holds for `kv/app/`.
   */
  capabilities(path: string): readonly string[];
  /**
   * Whether they allow a request. Paths that only `sudo` opens need that capability besides.
   * @throws UsageError for an operation that there is not
   */
  decide(request: VaultAccessRequest): VaultVerdict;
  /** The rule that decides about an operation at a path; undefined where none holds for it. */
  ruleFor(operation: VaultOperation, path: string): MergedRule | undefined;
}

/** A rule, and the policy that has it. */
interface NamedRule {
  readonly policy: string;
  readonly rule: VaultPolicyRule;
}

/**
 * Merges policies as Vault does for a token that has them: rules for the same path together, `deny` before all others, and of several
 * paths that hold for a request the one that Vault's priority rules choose. What is undecided in a policy counts for nothing.
 * @param product OpenBao compares a parameter's value as a whole; default `vault`
 * @see https://developer.hashicorp.com/vault/docs/concepts/policies
 * @example
 * const acl = vaultAcl([readVaultPolicy('reader', 'path "kv/data/app/*" { capabilities = ["read"] }')]);
 * acl.capabilities('kv/data/app/db'); // ['read']
 */
export function vaultAcl(policies: readonly VaultPolicy[], product: 'vault' | 'openbao' = 'vault'): VaultAcl {
  const isRoot = policies.some(({ name }) => name === 'root');
  const all = policies.flatMap(({ name, rules }) => rules.map((rule): NamedRule => ({ policy: name, rule })));
  const named = byKey(all, ({ rule }) => rule.path);
  const patterns = [...named.keys()].map(pathPattern);
  const exact = new Set(patterns.filter(({ kind }) => kind === 'exact').map(({ written }) => written));
  const wild = patterns.filter(({ kind }) => kind !== 'exact');
  const rules = new Map<string, MergedRule>();

  const ruleAt = (written: string): MergedRule => {
    const rule = rules.get(written) ?? merged(named.get(written) ?? []);
    rules.set(written, rule);
    return rule;
  };
  const exactly = (path: string): string | undefined => (exact.has(path) ? path : undefined);
  const deciding = (path: string): string | undefined => {
    const [first, ...others] = wild.filter((pattern) => matchesPath(pattern, path));
    if (first === undefined) return undefined;
    return others.reduce((best, one) => (comparePriority(one, best) > 0 ? one : best), first).written;
  };
  const ruleFor: VaultAcl['ruleFor'] = (operation, asked) => {
    const path = asked.replace(/^\/+/, '');
    const bare = path.replace(/\/$/, '');
    const isListing = operation === 'list' || operation === 'scan';
    // A folder is looked for as it is named, and by the name of a secret: in Vault by that first.
    const [first, second] = product === 'vault' ? [bare, path] : [path, bare];
    const written = isListing
      ? (exactly(path) ?? exactly(bare) ?? deciding(first) ?? deciding(second))
      : (exactly(path) ?? deciding(path));
    return written === undefined ? undefined : ruleAt(written);
  };
  const decide: VaultAcl['decide'] = (request) => {
    if (!operations.includes(request.operation)) {
      throw new UsageError(`unknown operation "${request.operation}": ${hint(String(request.operation), operations)}`);
    }
    if (isRoot) return { allowed: true, rule: undefined };
    const rule = ruleFor(request.operation, request.path);
    const reason = rule === undefined ? 'no_rule' : refusalOf(request, rule, product);
    return reason === undefined ? { allowed: true, rule } : { allowed: false, reason, rule };
  };
  return {
    isRoot,
    get rules() {
      return [...named.keys()].map(ruleAt);
    },
    ruleFor,
    decide,
    capabilities: (path) => {
      if (isRoot) return ['root'];
      const { capabilities = [] } = ruleFor('list', path) ?? {};
      return capabilities.length === 0 ? ['deny'] : capabilities.toSorted();
    },
  };
}

function refusalOf(
  { operation, data = {}, wrapTtl }: VaultAccessRequest,
  rule: MergedRule,
  product: 'vault' | 'openbao',
): VaultRefusal | undefined {
  if (!rule.capabilities.includes(operation)) return 'capability';
  const { minWrappingTtl: min, maxWrappingTtl: max } = rule;
  const isTooLong = max > 0 && (wrapTtl === undefined || wrapTtl > max);
  const isTooShort = min > 0 && (wrapTtl === undefined || wrapTtl < min);
  if (isTooLong || isTooShort) return 'wrapping_ttl';
  const hasParameters = operation !== 'list' && operation !== 'scan' && operation !== 'delete';
  return hasParameters ? refusedParameter(data, rule, product === 'vault') : undefined;
}

/** Rules with the same path as one, in the order of their policies. */
function merged(named: readonly NamedRule[]): MergedRule {
  const rules = named.map(({ rule }) => rule);
  const [first] = rules as [VaultPolicyRule];
  const policies = [...new Set(named.map(({ policy }) => policy))];
  if (rules.length === 1) return { ...first, policies };
  const isDenied = rules.some(({ capabilities }) => capabilities.includes('deny'));
  const smallest = (ttls: readonly number[]): number => ttls.filter((ttl) => ttl > 0).toSorted((a, b) => a - b)[0] ?? 0;
  return {
    path: first.path,
    policies,
    capabilities: isDenied ? ['deny'] : [...new Set(rules.flatMap(({ capabilities }) => capabilities))],
    minWrappingTtl: smallest(rules.map(({ minWrappingTtl }) => minWrappingTtl)),
    maxWrappingTtl: smallest(rules.map(({ maxWrappingTtl }) => maxWrappingTtl)),
    allowedParameters: together(rules.map(({ allowedParameters }) => allowedParameters)),
    deniedParameters: together(rules.map(({ deniedParameters }) => deniedParameters)),
    requiredParameters: [...new Set(rules.flatMap(({ requiredParameters }) => requiredParameters))],
    // A rule without event types keeps others from adding some.
    subscribeEventTypes:
      first.subscribeEventTypes.length === 0
        ? []
        : [...new Set(rules.flatMap(({ subscribeEventTypes }) => subscribeEventTypes))],
    needsApproval: rules.some(({ needsApproval }) => needsApproval),
  };
}

/** The values that any rule lists for a parameter; a rule that lists none for it allows, or denies, any. */
function together(all: readonly ParameterValues[]): ParameterValues {
  const found = new Map<string, ReturnType<ParameterValues['get']> & object>();
  for (const parameters of all) {
    for (const [name, values] of parameters) {
      const known = found.get(name);
      const isAny = values.length === 0 || known?.length === 0;
      found.set(name, isAny ? [] : [...(known ?? []), ...values]);
    }
  }
  return found;
}

/**
 * Which of two patterns with wildcards, both of which hold for a path, decides: positive for the first one. It is the one
 * whose first wildcard comes later, then one without a `*` at its end, then the one with fewer `+`, then the longer one,
 * then the later one by its bytes. An exact one comes before all of them.
 * @see https://developer.hashicorp.com/vault/docs/concepts/policies#priority-matching
 */
function comparePriority(one: PathPattern, other: PathPattern): number {
  return (
    firstWildcard(one) - firstWildcard(other) ||
    Number(other.isPrefix) - Number(one.isPrefix) ||
    pluses(other) - pluses(one) ||
    Buffer.byteLength(one.text) - Buffer.byteLength(other.text) ||
    Buffer.compare(Buffer.from(one.text), Buffer.from(other.text))
  );
}

function firstWildcard({ kind, text }: PathPattern): number {
  return Buffer.byteLength(kind === 'segments' ? text.slice(0, text.indexOf('+')) : text);
}

function pluses({ kind, segments }: PathPattern): number {
  return kind === 'segments' ? segments.filter((segment) => segment === '+').length : 0;
}
