import { type Block, type LintDocument, resourcesOf } from '../document/block.js';
import { isKnown } from '../document/unknown.js';
import { PolicySyntaxError } from './hcl-scanner.js';
import { type PolicyPath, parsePolicy } from './vault-policy.js';

/** A `vault_policy`, as far as its text can be read. */
export interface DeclaredPolicy {
  readonly block: Block;
  /** The paths that are known as a whole; none where the text can't be read. */
  readonly paths: readonly PolicyPath[];
  /** Why a text that is known as a whole can't be read. */
  readonly mistake: string | undefined;
}

/** The policies of a document. */
export function declaredPolicies(document: LintDocument): readonly DeclaredPolicy[] {
  return resourcesOf(document, 'vault_policy').map((block) => {
    const text = block.attributes['policy'];
    if (typeof text !== 'string') return { block, paths: [], mistake: undefined };
    try {
      const paths = parsePolicy(text).filter(({ path }) => isKnown(path));
      return { block, paths, mistake: undefined };
    } catch (error) {
      if (!(error instanceof PolicySyntaxError)) throw error;
      // What is still unknown may be what makes it whole.
      return { block, paths: [], mistake: isKnown(text) ? error.message : undefined };
    }
  });
}

/** Whether a path grants anything. */
export function grants({ capabilities }: PolicyPath, wanted: readonly string[]): boolean {
  return capabilities.some((capability) => wanted.includes(capability));
}
