import {
  type Block,
  isKnown,
  isSet,
  type LintDocument,
  referredBy,
  resourcesOf,
  textOf,
  textsOf,
} from '../../lint/index.js';
import type { DeclaredGroup } from './declared.js';

/** What groups give to logins, and what gives policies by who logs in. */
interface DeclaredGroups {
  /** The groups of an auth method that a claim can name. */
  groupsAt(backend: Block | undefined): readonly DeclaredGroup[];
  readonly undecided: readonly string[];
}

/**
 * The external groups of a document with the names that they have at an auth method, and with the policies of groups that they are members of.
 * @see https://developer.hashicorp.com/vault/docs/concepts/identity#external-vs-internal-groups
 */
export function groupsIn(document: LintDocument): DeclaredGroups {
  const undecided: string[] = [];
  const groups = resourcesOf(document, 'vault_identity_group');
  const byId = (block: Block, argument: string): readonly Block[] =>
    groups.filter(({ address }) => referredBy(block, argument).includes(`${address}.id`));
  const parents = (group: Block): readonly Block[] => [
    ...groups.filter((one) => byId(one, 'member_group_ids').includes(group)),
    ...resourcesOf(document, 'vault_identity_group_member_group_ids')
      .filter((one) => byId(one, 'member_group_ids').includes(group))
      .flatMap((one) => byId(one, 'group_id')),
  ];
  const policiesOf = (group: Block, seen: readonly Block[] = []): readonly string[] => {
    if (seen.includes(group)) return [];
    const more = resourcesOf(document, 'vault_identity_group_policies').filter((one) =>
      byId(one, 'group_id').includes(group),
    );
    const named = [group, ...more].flatMap((block) => {
      const names = textsOf(block, 'policies');
      if (!names.every(isKnown))
        undecided.push(`${block.address}: "policies" is not known (${block.unknown['policies'] ?? 'a template'})`);
      return names.filter(isKnown).map((name) => name.toLowerCase());
    });
    return [...new Set([...named, ...parents(group).flatMap((one) => policiesOf(one, [...seen, group]))])];
  };
  const found: { readonly backend: string; readonly group: DeclaredGroup }[] = [];
  for (const alias of resourcesOf(document, 'vault_identity_group_alias')) {
    const [name, [group]] = [textOf(alias, 'name'), byId(alias, 'canonical_id')];
    const accessors = referredBy(alias, 'mount_accessor').filter((one) => one.endsWith('.accessor'));
    const [accessor] = accessors;
    if (name === undefined || group === undefined || accessor === undefined) {
      undecided.push(`${alias.address}: its name, its group or its auth method is not known`);
      continue;
    }
    found.push({ backend: accessor.replace(/\.accessor$/, ''), group: { name, policies: policiesOf(group) } });
  }
  const byEntity = document.blocks.filter(
    ({ kind, type }) => kind === 'resource' && /^vault_identity_entity(?:_policies)?$/.test(type),
  );
  const named = resourcesOf(document, 'vault_identity_group_alias').flatMap((alias) => byId(alias, 'canonical_id'));
  const isOfGroups = (group: Block): boolean =>
    named.includes(group) || groups.some((one) => parents(one).includes(group));
  const internal = groups.filter(
    (group) => isSet(group, 'member_entity_ids') || (isSet(group, 'policies') && !isOfGroups(group)),
  );
  for (const { address, attributes } of [...byEntity, ...internal]) {
    if (attributes['policies'] !== undefined || attributes['member_entity_ids'] !== undefined)
      undecided.push(`${address}: its policies depend on who logs in`);
  }
  for (const { address } of resourcesOf(document, 'vault_identity_group_member_entity_ids'))
    undecided.push(`${address}: the policies of its group depend on who logs in`);
  return {
    groupsAt: (backend) => found.flatMap((one) => (one.backend === backend?.address ? [one.group] : [])),
    undecided: [...new Set(undecided)],
  };
}
