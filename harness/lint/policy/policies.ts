import { type Block, type LintDocument, resourcesOf } from '../document/block.js';
import { ofDocument } from '../document/once.js';
import { isKnown, UNKNOWN } from '../document/unknown.js';
import { PolicySyntaxError } from './hcl-scanner.js';
import { pathsOfDocument } from './policy-document.js';
import { type PolicyPath, parsePolicy } from './vault-policy.js';

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
