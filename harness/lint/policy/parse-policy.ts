import { goDurationInSeconds } from '../../../internal/go-duration.js';
import { isRecord } from '../../../internal/json.js';
import { DEEPEST, isTooDeep } from '../../terraform-json/document.js';
import { isKnown, UNKNOWN } from '../document/document.js';
import { type HclObject, type HclValue, isObject, PolicySyntaxError, parseHcl } from './hcl.js';

/** What a policy grants at the paths that a pattern holds for, and what a request must be like. */
export interface VaultPolicyRule {
  /** Without a slash before it: `kv/data/+/db`, `kv/data/app/*`. */
  readonly path: string;
  /** `deny` alone where it is among them. */
  readonly capabilities: readonly string[];
  /** Seconds; 0 for no bound. */
  readonly minWrappingTtl: number;
  /** Seconds; 0 for no bound. */
  readonly maxWrappingTtl: number;
  /** Values by the parameter's name in lower case; no values stand for any. */
  readonly allowedParameters: ParameterValues;
  readonly deniedParameters: ParameterValues;
  readonly requiredParameters: readonly string[];
  readonly subscribeEventTypes: readonly string[];
  /** Whether a control group must agree to a request, or a second factor is asked for. */
  readonly needsApproval: boolean;
}

/** One path of a policy, and what it grants there: no capabilities where they are not known. */
export type PolicyPath = Pick<VaultPolicyRule, 'path' | 'capabilities'>;

/** A rule as it is written: parts of it may not be known. */
export interface PolicyRule extends VaultPolicyRule {
  /** Whether all of it but the path is known. */
  readonly isKnown: boolean;
  /** When OpenBao drops the rule; undefined for never. */
  readonly expiration: string | undefined;
}

/** Values that a policy lists for parameters. */
export type ParameterValues = ReadonlyMap<string, readonly HclValue[]>;

/** The products whose policies are read. */
type Product = 'vault' | 'openbao';

const CAPABILITIES = ['deny', 'create', 'read', 'update', 'delete', 'list', 'sudo', 'patch'];
const CAPABILITIES_OF: Readonly<Record<Product, readonly string[]>> = {
  vault: [...CAPABILITIES, 'subscribe', 'recover'],
  openbao: [...CAPABILITIES, 'scan'],
};
const PATH_KEYS = [
  ...['comment', 'policy', 'capabilities', 'allowed_parameters', 'denied_parameters', 'required_parameters'],
  ...['min_wrapping_ttl', 'max_wrapping_ttl', 'mfa_methods', 'control_group'],
];
const PATH_KEYS_OF: Readonly<Record<Product, readonly string[]>> = {
  vault: [...PATH_KEYS, 'subscribe_event_types'],
  openbao: [...PATH_KEYS, 'pagination_limit', 'expiration', 'list_scan_response_keys_filter_path'],
};
/** What `policy = "..."` grants, which Vault still takes. */
const OLD_POLICIES: Readonly<Record<string, readonly string[]>> = {
  deny: ['deny'],
  read: ['read', 'list'],
  write: ['create', 'read', 'update', 'delete', 'list'],
  sudo: ['create', 'read', 'update', 'delete', 'list', 'sudo'],
};

/**
 * Reads an ACL policy, in HCL or JSON, by Vault's or OpenBao's rules.
 * @throws PolicySyntaxError for what the server refuses, with the line where it is HCL's syntax, and for a text that is cut
 * off in JSON or after a "=", which Vault takes for as much as there is
 * @see https://developer.hashicorp.com/vault/docs/concepts/policies
 */
export function parsePolicy(text: string, product: Product = 'vault'): readonly PolicyRule[] {
  const { items } = /^\s*\{/.test(text) ? parseJson(text) : parseHcl(text);
  return items.flatMap(({ keys, value }) => {
    const [key = '', path = 'path'] = keys;
    if (key === 'name' || key === UNKNOWN) return [];
    if (key !== 'path') throw new PolicySyntaxError(`"${key}" is neither "path" nor "name"`);
    return [ruleOf(path, value, product)];
  });
}

function ruleOf(written: string, body: HclValue, product: Product): PolicyRule {
  if (!isObject(body)) throw new PolicySyntaxError(`path "${written}" is not followed by an object`);
  const path = withoutSlash(written);
  if (path.includes('+*')) throw new PolicySyntaxError(`path "${path}" contains "+*", which Vault forbids`);
  checkTemplates(path);
  for (const { keys } of body.items) {
    const [key = ''] = keys;
    if (!PATH_KEYS_OF[product].includes(key) && isKnown(key))
      throw new PolicySyntaxError(`path "${path}" has the unknown argument "${key}"`);
  }
  const values = new Map(body.items.map(({ keys, value }) => [keys[0] ?? '', value]));
  const granted = capabilitiesOf(values, path, product);
  const expiration = values.get('expiration');
  const rule = {
    path,
    capabilities: values.has(UNKNOWN) ? [] : granted,
    isKnown: !values.has(UNKNOWN) && [...values.values()].every(isKnownValue),
    subscribeEventTypes: texts(values.get('subscribe_event_types') ?? [], path, 'subscribe_event_types'),
    needsApproval: values.has('control_group') || values.has('mfa_methods'),
    expiration: typeof expiration === 'string' && expiration !== '' ? expiration : undefined,
  };
  // Vault looks no further at a path that it denies.
  if (granted[0] === 'deny') return { ...rule, ...NO_BOUNDS };
  const [minWrappingTtl, maxWrappingTtl] = ['min_wrapping_ttl', 'max_wrapping_ttl'].map((name) =>
    seconds(values.get(name), path, name),
  ) as [number, number];
  if (minWrappingTtl !== 0 && maxWrappingTtl !== 0 && maxWrappingTtl < minWrappingTtl)
    throw new PolicySyntaxError(`path "${path}" has a "max_wrapping_ttl" that is less than "min_wrapping_ttl"`);
  return {
    ...rule,
    minWrappingTtl,
    maxWrappingTtl,
    allowedParameters: parametersOf(body, path, 'allowed_parameters'),
    deniedParameters: parametersOf(body, path, 'denied_parameters'),
    requiredParameters: texts(values.get('required_parameters') ?? [], path, 'required_parameters'),
  };
}

const NO_BOUNDS = {
  minWrappingTtl: 0,
  maxWrappingTtl: 0,
  allowedParameters: new Map<string, readonly HclValue[]>(),
  deniedParameters: new Map<string, readonly HclValue[]>(),
  requiredParameters: [],
} as const;

/** None where they are not known. */
function capabilitiesOf(values: ReadonlyMap<string, HclValue>, path: string, product: Product): readonly string[] {
  const old = values.get('policy');
  const granted = typeof old === 'string' && old !== '' && isKnown(old) ? OLD_POLICIES[old] : [];
  if (!granted)
    throw new PolicySyntaxError(
      `path "${path}" has the unknown policy "${String(old)}"; expected "deny", "read", "write" or "sudo"`,
    );
  const capabilities = [...texts(values.get('capabilities') ?? [], path, 'capabilities'), ...granted];
  const deny = capabilities.indexOf('deny');
  const strange = capabilities.find(
    (one, index) => !CAPABILITIES_OF[product].includes(one) && (deny === -1 || index < deny),
  );
  if (strange !== undefined && isKnown(strange))
    throw new PolicySyntaxError(`path "${path}" has the unknown capability "${strange}"`);
  return isKnown(old) ? effective(capabilities) : [];
}

/** A policy's path as Vault takes it: without one slash at its beginning. */
export function withoutSlash(path: string): string {
  return path.replace(/^\//, '');
}

/** What capabilities grant: `deny` goes before all others, and an unknown one may be that. */
export function effective(capabilities: readonly string[]): readonly string[] {
  if (capabilities.includes('deny')) return ['deny'];
  return capabilities.every(isKnown) ? capabilities : [];
}

function texts(value: HclValue, path: string, name: string): readonly string[] {
  if (value === UNKNOWN) return [UNKNOWN];
  if (Array.isArray(value) && value.every((one) => typeof one === 'string')) return value;
  throw new PolicySyntaxError(`path "${path}" has "${name}", which is not a list of strings`);
}

/** Names in lower case; what is listed for one in several blocks is listed together. */
function parametersOf(body: HclObject, path: string, name: string): ParameterValues {
  const found = new Map<string, readonly HclValue[]>();
  for (const { keys, value } of body.items) {
    if (keys[0] !== name || value === UNKNOWN) continue;
    if (!isObject(value)) throw new PolicySyntaxError(`path "${path}" has "${name}", which is not an object`);
    for (const {
      keys: [parameter = ''],
      value: values,
    } of value.items) {
      if (parameter === UNKNOWN) continue;
      if (values !== UNKNOWN && !Array.isArray(values) && !isObject(values))
        throw new PolicySyntaxError(`path "${path}" has values for "${parameter}" in "${name}" that are not a list`);
      const key = parameter.toLowerCase();
      found.set(key, [...(found.get(key) ?? []), ...[values].flat()]);
    }
  }
  return found;
}

/** As Vault reads durations: a number, or a text, of seconds, or with a unit. */
function seconds(value: HclValue | undefined, path: string, name: string): number {
  if (value === undefined || value === '' || !isKnownValue(value)) return 0;
  if (typeof value === 'number') return Math.trunc(value);
  const [, days] = typeof value === 'string' ? (/^([+-]?\d+)d$/.exec(value) ?? []) : [];
  if (days !== undefined) return Number(days) * 86_400;
  const found =
    typeof value !== 'string' ? undefined : /^[+-]?\d+$/.test(value) ? Number(value) : goDurationInSeconds(value);
  if (found === undefined) throw new PolicySyntaxError(`path "${path}" has "${name}", which is not a duration`);
  return found;
}

/** Whether a value is known as a whole, at any depth. */
function isKnownValue(value: HclValue): boolean {
  if (typeof value !== 'object') return isKnown(value);
  if (!isObject(value)) return value.every(isKnownValue);
  return value.items.every(({ keys, value: inner }) => keys.every(isKnown) && isKnownValue(inner));
}

/** `{{...}}` stands for something of the entity: each that opens must close. */
function checkTemplates(path: string): void {
  const rest = path.replaceAll(/\{\{(?:(?!\{\{|\}\}).)*\}\}/gs, '');
  if (/\{\{|\}\}/.test(rest)) throw new PolicySyntaxError(`path "${path}" has a template that does not end`);
}

/** A policy in JSON as the items that it would be in HCL. */
function parseJson(text: string): HclObject {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    throw new PolicySyntaxError('it begins with "{" and is not JSON');
  }
  if (isTooDeep(json)) throw new PolicySyntaxError(`it is nested deeper than ${DEEPEST} levels`);
  return {
    items: Object.entries(json as object).flatMap(([key, value]) =>
      key === 'path'
        ? [value].flat().flatMap((paths: unknown) => {
            if (!isRecord(paths)) throw new PolicySyntaxError('"path" is not an object');
            return Object.entries(paths).map(([path, body]) => ({ keys: [key, path], value: hclOf(body) }));
          })
        : [{ keys: [key], value: hclOf(value) }],
    ),
  };
}

function hclOf(json: unknown): HclValue {
  if (Array.isArray(json)) return json.map(hclOf);
  if (isRecord(json))
    return { items: Object.entries(json).map(([key, value]) => ({ keys: [key], value: hclOf(value) })) };
  return typeof json === 'number' || typeof json === 'boolean' ? json : String(json ?? '');
}
