import { type Block, type LintDocument, textsOf } from '../document/block.js';
import { isKnown } from '../document/unknown.js';

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
