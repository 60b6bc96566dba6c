import { isRecord } from '../../../internal/json.js';
import { DEEPEST, isTooDeep } from '../../terraform-json/nesting.js';
import { isKnown, UNKNOWN } from '../document/unknown.js';
import { type HclObject, type HclValue, isObject, parseHcl } from './hcl-parser.js';
import { PolicySyntaxError } from './hcl-scanner.js';

/** One path of a policy, and what it grants there. */
export interface PolicyPath {
  /** Without a slash at its beginning, as Vault takes it. It may have unknown parts. */
  readonly path: string;
  /** `deny` alone where it is among them; none where they are not known. */
  readonly capabilities: readonly string[];
}

const CAPABILITIES = ['deny', 'create', 'read', 'update', 'delete', 'list', 'sudo', 'patch', 'subscribe', 'recover'];
const PATH_KEYS = [
  ...['comment', 'policy', 'capabilities', 'allowed_parameters', 'denied_parameters', 'required_parameters'],
  ...['min_wrapping_ttl', 'max_wrapping_ttl', 'mfa_methods', 'control_group'],
  'subscribe_event_types',
];
/** What `policy = "..."` grants, which Vault still takes. */
const OLD_POLICIES: Readonly<Record<string, readonly string[]>> = {
  deny: ['deny'],
  read: ['read', 'list'],
  write: ['create', 'read', 'update', 'delete', 'list'],
  sudo: ['create', 'read', 'update', 'delete', 'list', 'sudo'],
};

/**
 * Reads an ACL policy, in HCL or JSON, by Vault's rules.
 * @throws PolicySyntaxError for what Vault refuses, with the line where it is HCL's syntax, and for a text that is cut
 * off in JSON or after a "=", which Vault takes for as much as there is
 * @see https://developer.hashicorp.com/vault/docs/concepts/policies
 */
export function parsePolicy(text: string): readonly PolicyPath[] {
  const { items } = /^\s*\{/.test(text) ? parseJson(text) : parseHcl(text);
  return items.flatMap(({ keys, value }) => {
    const [key = '', path = 'path'] = keys;
    if (key === 'name' || key === UNKNOWN) return [];
    if (key !== 'path') throw new PolicySyntaxError(`"${key}" is neither "path" nor "name"`);
    return [pathOf(path, value)];
  });
}

function pathOf(written: string, body: HclValue): PolicyPath {
  if (!isObject(body)) throw new PolicySyntaxError(`path "${written}" is not followed by an object`);
  const path = withoutSlash(written);
  if (path.includes('+*')) throw new PolicySyntaxError(`path "${path}" contains "+*", which Vault forbids`);
  checkTemplates(path);
  const values = new Map<string, HclValue>();
  for (const { keys, value } of body.items) {
    const [key = ''] = keys;
    if (!PATH_KEYS.includes(key) && isKnown(key))
      throw new PolicySyntaxError(`path "${path}" has an argument "${key}"`);
    values.set(key, value);
  }
  const old = values.get('policy');
  const granted = typeof old === 'string' && old !== '' && isKnown(old) ? OLD_POLICIES[old] : [];
  if (!granted) throw new PolicySyntaxError(`path "${path}" has a policy "${String(old)}"`);
  const capabilities = [...texts(values.get('capabilities') ?? [], path), ...granted];
  const deny = capabilities.indexOf('deny');
  const strange = capabilities.find((one, index) => !CAPABILITIES.includes(one) && (deny === -1 || index < deny));
  if (strange !== undefined && isKnown(strange))
    throw new PolicySyntaxError(`path "${path}" has a capability "${strange}"`);
  const mayBeMore = values.has(UNKNOWN) || !isKnown(old);
  return { path, capabilities: mayBeMore ? [] : effective(capabilities) };
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

function texts(value: HclValue, path: string): string[] {
  if (value === UNKNOWN) return [UNKNOWN];
  if (Array.isArray(value) && value.every((one) => typeof one === 'string')) return value;
  throw new PolicySyntaxError(`path "${path}" has capabilities that are not a list of strings`);
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
