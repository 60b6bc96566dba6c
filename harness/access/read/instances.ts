import type { Block, LintDocument } from '../../lint/index.js';

/** What says who gets in, and what they may do, beside auth methods, which are there where a role of them is. */
const DECIDING = /^(?:vault_jwt_auth_backend_role|vault_policy|vault_identity_\w+|consul_acl_\w+)$/;

/**
 * Leaves out what may not be there, or several times: what has a `count` or a `for_each` that is not known. Only what says who gets
 * in, or what they may do, is left out, and named.
 */
export function withKnownInstances(document: LintDocument): {
  readonly document: LintDocument;
  readonly undecided: readonly string[];
} {
  const isOpen = (block: Block): boolean =>
    block.kind === 'resource' && DECIDING.test(block.type) && openArgument(block) !== undefined;
  return {
    document: { ...document, blocks: document.blocks.filter((block) => !isOpen(block)) },
    undecided: document.blocks.filter(isOpen).map((block) => {
      const argument = openArgument(block) ?? '';
      return `${block.address}: "${argument}" is not known (${block.unknown[argument]})`;
    }),
  };
}

function openArgument({ unknown }: Block): string | undefined {
  return ['count', 'for_each'].find((argument) => unknown[argument] !== undefined);
}
