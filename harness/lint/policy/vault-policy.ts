import { isRecord } from '../../../internal/json.js';
import {
  type Block,
  isKnown,
  type LintDocument,
  ofDocument,
  resourcesOf,
  textsOf,
  UNKNOWN,
} from '../document/document.js';
import { PolicySyntaxError } from './hcl.js';
import { effective, type PolicyPath, parsePolicy, withoutSlash } from './parse-policy.js';

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
