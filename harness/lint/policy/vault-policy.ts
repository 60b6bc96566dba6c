import { isRecord } from '../../../internal/json.js';
import { DEEPEST, isTooDeep } from '../../terraform-json/document.js';
import {
  type Block,
  isKnown,
  type LintDocument,
  ofDocument,
  resourcesOf,
  textsOf,
  UNKNOWN,
} from '../document/document.js';
import { type HclObject, type HclValue, isObject, PolicySyntaxError, parseHcl } from './hcl.js';

/** One path of a policy, and what it grants there. */
interface PolicyPath {
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
      throw new PolicySyntaxError(`path "${path}" has the unknown argument "${key}"`);
    values.set(key, value);
  }
  const old = values.get('policy');
  const granted = typeof old === 'string' && old !== '' && isKnown(old) ? OLD_POLICIES[old] : [];
  if (!granted)
    throw new PolicySyntaxError(
      `path "${path}" has the unknown policy "${String(old)}"; expected "deny", "read", "write" or "sudo"`,
    );
  const capabilities = [...texts(values.get('capabilities') ?? [], path), ...granted];
  const deny = capabilities.indexOf('deny');
  const strange = capabilities.find((one, index) => !CAPABILITIES.includes(one) && (deny === -1 || index < deny));
  if (strange !== undefined && isKnown(strange))
    throw new PolicySyntaxError(`path "${path}" has the unknown capability "${strange}"`);
  const mayBeMore = values.has(UNKNOWN) || !isKnown(old);
  return { path, capabilities: mayBeMore ? [] : effective(capabilities) };
}

/** A policy's path as Vault takes it: without one slash at its beginning. */
function withoutSlash(path: string): string {
  return path.replace(/^\//, '');
}

/** What capabilities grant: `deny` goes before all others, and an unknown one may be that. */
function effective(capabilities: readonly string[]): readonly string[] {
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

/** A `vault_policy` or a `vault_policy_document`, as far as it can be read. */
export interface DeclaredPolicy {
  readonly block: Block;
  /** The argument that says it. */
  readonly attribute: 'policy' | 'rule';
  /** None where the text can't be read. A path may have unknown parts. */
  readonly paths: readonly PolicyPath[];
  /** Why a text that is known as a whole can't be read. */
  readonly mistake: string | undefined;
}

/** The policies of a document. */
export const declaredPolicies = ofDocument((document: LintDocument): readonly DeclaredPolicy[] => {
  const written = resourcesOf(document, 'vault_policy').map((block) => ({
    block,
    attribute: 'policy' as const,
    ...readPolicy(block.attributes['policy']),
  }));
  const documents = document.blocks
    .filter(({ kind, type }) => kind === 'data' && type === 'vault_policy_document')
    .map((block) => ({ block, attribute: 'rule' as const, paths: pathsOfDocument(block), mistake: undefined }));
  return [...written, ...documents];
});

function readPolicy(text: unknown): Pick<DeclaredPolicy, 'paths' | 'mistake'> {
  if (typeof text !== 'string') return { paths: [], mistake: undefined };
  try {
    return { paths: parsePolicy(text), mistake: undefined };
  } catch (error) {
    if (!(error instanceof PolicySyntaxError)) throw error;
    // What is still unknown may be what makes it whole.
    return { paths: [], mistake: isKnown(text) ? error.message : undefined };
  }
}

/** A path for the reader, with a sign for what is not known in it. */
export function shownPath({ path }: PolicyPath): string {
  return path.replaceAll(UNKNOWN, `\${...}`);
}

/** Whether a path grants anything. */
export function grants({ capabilities }: PolicyPath, wanted: readonly string[]): boolean {
  return capabilities.some((capability) => wanted.includes(capability));
}

/**
 * The paths of a `vault_policy_document`, as far as its rules are known.
 * @see https://registry.terraform.io/providers/hashicorp/vault/latest/docs/data-sources/policy_document
 */
function pathsOfDocument(document: Block): readonly PolicyPath[] {
  return [document.attributes['rule']].flat().flatMap((rule): PolicyPath[] => {
    if (!isRecord(rule)) return [];
    const { path, capabilities } = rule;
    if (typeof path !== 'string') return [];
    return [
      {
        path: withoutSlash(path),
        capabilities: Array.isArray(capabilities) ? effective(capabilities.map(String)) : [],
      },
    ];
  });
}

/** A policy that a role of any Vault auth method gives to its tokens, by a name that is known. */
export function policyNamesIn(document: LintDocument): readonly { readonly block: Block; readonly name: string }[] {
  return document.blocks
    .filter(({ kind, type }) => kind === 'resource' && /^vault_\w+_role$/.test(type))
    .flatMap((block) =>
      textsOf(block, 'token_policies')
        .filter((name) => name !== '' && isKnown(name))
        .map((name) => ({ block, name })),
    );
}

const KV_V2_SEGMENTS = ['config', 'data', 'delete', 'destroy', 'metadata', 'subkeys', 'undelete'];

/**
 * Whether a policy's path holds for a request's: `+` stands for one segment, `*` at the end for anything.
 * @see https://developer.hashicorp.com/vault/docs/concepts/policies#policy-syntax
 */
export function covers(pattern: string, path: string): boolean {
  const open = pattern.endsWith('*');
  const wanted = (open ? pattern.slice(0, -1) : pattern).split('/');
  const segments = path.split('/');
  if (open ? segments.length < wanted.length : segments.length !== wanted.length) return false;
  return wanted.every((one, index) => {
    const segment = segments[index] ?? '';
    if (one === '+') return segment !== '';
    return open && index === wanted.length - 1 ? segment.startsWith(one) : segment === one;
  });
}

/** What a path may be below, the longest first: `a/b` and `a` for `a/b/c`. */
export function foldersOf(path: string): string[] {
  const ends = [...path.matchAll(/\//g)].map(({ index }) => index);
  return ends.reverse().map((end) => path.slice(0, end));
}

/** Whether a policy's path can hold for some path of a KV v2 engine's API; true where that can't be known. */
export function canMatchKvV2(mount: string, pattern: string): boolean {
  if (!pattern.startsWith(`${mount}/`)) return true;
  const [segment = '', ...below] = pattern.slice(mount.length + 1).split('/');
  if (segment === '' || segment === '+' || segment.includes('{{')) return true;
  if (below.length === 0 && segment.endsWith('*')) {
    return KV_V2_SEGMENTS.some((known) => known.startsWith(segment.slice(0, -1)));
  }
  return KV_V2_SEGMENTS.includes(segment);
}
