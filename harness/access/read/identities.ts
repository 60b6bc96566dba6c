import {
  type Block,
  isKnown,
  type LintDocument,
  referredBy,
  resourcesOf,
  textOf,
  textsOf,
  UNKNOWN,
} from '../../lint/index.js';
import type { DeclaredIdentity, OtherLogin } from './declared.js';

/** What Vault's identities give to logins. */
interface DeclaredIdentities {
  /** The entities and the external groups that have aliases at the auth method of a path, and the aliases of disabled ones. */
  at(mount: string): {
    readonly entities: readonly DeclaredIdentity[];
    readonly groups: readonly DeclaredIdentity[];
    readonly disabled: readonly string[];
  };
  /** The entities and external groups with policies that have aliases at other auth methods than some. */
  elsewhere(isAmong: (mount: string) => boolean): readonly OtherLogin[];
  readonly undecided: readonly string[];
}

const NONE = { entities: [], groups: [], disabled: [] };

/**
 * The entities and external groups of a document with the names of their aliases, and with the policies of groups that they are members of.
 * @param policies whether a policy of a name counts, and whether it is declared
 * @see https://developer.hashicorp.com/vault/docs/concepts/identity
 */
export function identitiesIn(
  document: LintDocument,
  { isCounted, isDeclared }: Readonly<Record<'isCounted' | 'isDeclared', (name: string) => boolean>>,
): DeclaredIdentities {
  const undecided = new Set<string>();
  const [entities, groups] = ['vault_identity_entity', 'vault_identity_group'].map((type) =>
    resourcesOf(document, type),
  ) as [readonly Block[], readonly Block[]];
  const say = (block: Block, what: string): void => void undecided.add(`${block.address}: ${what}`);
  const membersOf = members(document, { entities, groups }, say);
  const ownPolicies = attachedPolicies(document, { entities, groups }, say);
  const parents = (of: 'entities' | 'groups', block: Block): readonly Block[] =>
    groups.filter((group) => membersOf(group)[of].includes(block));
  const policiesOf = (of: 'entities' | 'groups', block: Block, seen: readonly Block[] = []): readonly string[] => {
    if (seen.includes(block)) return [];
    const inherited = parents(of, block).flatMap((group) => policiesOf('groups', group, [...seen, block]));
    return [...new Set([...ownPolicies(block).filter(isCounted), ...inherited])];
  };
  const found = new Map<string, { entities: DeclaredIdentity[]; groups: DeclaredIdentity[]; disabled: string[] }>();
  const given: { readonly mount: string; readonly address: string; readonly policies: readonly string[] }[] = [];
  const named = new Set<Block>();
  const addAliases = (of: 'entities' | 'groups', what: string, type: string, owners: readonly Block[]): void => {
    const taken = new Map<string, string>();
    for (const alias of resourcesOf(document, type)) {
      const [name, owner, mount] = [
        textOf(alias, 'name'),
        onlyOne(referredTo(alias, 'canonical_id', owners, 'id')),
        mountOf(alias, document),
      ];
      if (owner !== undefined) named.add(owner);
      if (name === undefined || owner === undefined || mount === undefined) {
        say(alias, `its name, its ${what} or its auth method is not known`);
        continue;
      }
      const key = JSON.stringify([mount, name.toLowerCase()]);
      const first = taken.get(key);
      taken.set(key, first ?? alias.address);
      if (first !== undefined) {
        say(alias, `the alias "${name}" at "${mount}" is declared by ${first}, too`);
        continue;
      }
      const there = found.get(mount) ?? { entities: [], groups: [], disabled: [] };
      found.set(mount, there);
      if (textOf(owner, 'disabled') === 'true') {
        say(owner, 'it is disabled, and Vault refuses its logins');
        there.disabled.push(name);
        continue;
      }
      const policies = policiesOf(of, owner);
      there[of].push({ name, policies });
      given.push({ mount, address: owner.address, policies });
      for (const one of policies.filter((policy) => !isDeclared(policy)))
        say(owner, `the policy "${one}" is not declared`);
    }
  };
  addAliases('entities', 'entity', 'vault_identity_entity_alias', entities);
  addAliases('groups', 'group', 'vault_identity_group_alias', groups);
  for (const entity of entities)
    if (!named.has(entity) && policiesOf('entities', entity).length > 0)
      say(entity, 'no alias of it is declared, and who has its policies is not known');
  for (const group of groups) {
    const isAlone = !named.has(group) && textOf(group, 'type') === 'external';
    if (isAlone && policiesOf('groups', group).length > 0)
      say(group, 'no alias of it is declared, and who has its policies is not known');
  }
  return {
    at: (mount) => found.get(mount) ?? NONE,
    elsewhere: (isAmong) =>
      given.flatMap(({ mount, address, policies }) =>
        isAmong(mount) || policies.length === 0 ? [] : [{ address, policies, isWhole: true, hasJwt: false }],
      ),
    undecided: [...undecided],
  };
}

interface Owners {
  readonly entities: readonly Block[];
  readonly groups: readonly Block[];
}

type Say = (block: Block, what: string) => void;

/** The entities and groups that are in a group, by what it says itself and by resources of their own. */
function members(document: LintDocument, { entities, groups }: Owners, say: Say) {
  const kinds = [
    { of: 'entities', argument: 'member_entity_ids', all: entities },
    { of: 'groups', argument: 'member_group_ids', all: groups },
  ] as const;
  const found = new Map<Block, Record<'entities' | 'groups', readonly Block[]>>(
    groups.map((group) => [group, { entities: [], groups: [] }]),
  );
  for (const { of, argument, all } of kinds) {
    const add = (group: Block, block: Block): void => {
      const there = found.get(group);
      const more = referredTo(block, argument, all, 'id');
      if (more === undefined)
        say(block, `"${argument}" is not known, and who has the policies of its group by it is left out`);
      else if (there !== undefined) there[of] = [...there[of], ...more];
    };
    for (const group of groups) {
      // An external group has no members of its own.
      const isManaged = textOf(group, `external_${argument}`) !== 'true' && textOf(group, 'type') !== 'external';
      if (isManaged) add(group, group);
    }
    for (const block of resourcesOf(document, `vault_identity_group_${argument}`)) {
      const group = onlyOne(referredTo(block, 'group_id', groups, 'id'));
      if (group === undefined) say(block, 'its group is not known');
      else add(group, block);
    }
  }
  return (group: Block) => found.get(group) ?? { entities: [], groups: [] };
}

/** The policies of an entity or a group, without those of groups that it is in. */
function attachedPolicies(document: LintDocument, { entities, groups }: Owners, say: Say) {
  const found = new Map<Block, string[]>();
  const add = (owner: Block, block: Block): void => {
    const names = textsOf(block, 'policies');
    if (!names.every(isKnown)) say(block, `"policies" is not known (${block.unknown['policies'] ?? 'a template'})`);
    const known = names.filter(isKnown).map((name) => name.toLowerCase());
    if (known.includes('root')) say(block, 'Vault refuses the policy "root" for an entity or a group');
    const given = known.filter((name) => name !== 'root');
    found.set(owner, [...(found.get(owner) ?? []), ...given]);
  };
  for (const owner of [...entities, ...groups]) if (textOf(owner, 'external_policies') !== 'true') add(owner, owner);
  const attachments = [
    { type: 'vault_identity_entity_policies', argument: 'entity_id', what: 'entity', owners: entities },
    { type: 'vault_identity_group_policies', argument: 'group_id', what: 'group', owners: groups },
  ];
  for (const { type, argument, what, owners } of attachments) {
    for (const block of resourcesOf(document, type)) {
      const owner = onlyOne(referredTo(block, argument, owners, 'id'));
      if (owner === undefined) say(block, `its ${what} is not known`);
      else add(owner, block);
    }
  }
  return (owner: Block): readonly string[] => found.get(owner) ?? [];
}

/**
 * The blocks that an argument names by an attribute of theirs: by references, or in a plan of what is there by its value.
 * @returns undefined where it may name others besides
 */
function referredTo(
  block: Block,
  argument: string,
  among: readonly Block[],
  attribute: string,
): readonly Block[] | undefined {
  const value = block.attributes[argument];
  if (value === undefined) return [];
  const values = value === UNKNOWN ? undefined : [value].flat();
  const same = values?.map((one) =>
    typeof one === 'string' && isKnown(one) ? among.find((other) => textOf(other, attribute) === one) : undefined,
  );
  if (same?.every((one) => one !== undefined)) return same;
  const references = referredBy(block, argument).map((reference) =>
    among.find(({ address }) => reference === `${address}.${attribute}`),
  );
  const known = references.filter((one) => one !== undefined);
  const isWhole = known.length > 0 && known.length === references.length;
  return isWhole && (values === undefined || values.length === known.length) ? known : undefined;
}

/** An expression that names several may be either. */
function onlyOne(blocks: readonly Block[] = []): Block | undefined {
  return blocks.length === 1 ? blocks[0] : undefined;
}

/** The path of the auth method that an alias is at. */
function mountOf(alias: Block, { blocks }: LintDocument): string | undefined {
  const backends = blocks.filter(({ kind, type }) => kind !== 'provider' && /^vault_(?:jwt_)?auth_backend$/.test(type));
  const backend = onlyOne(referredTo(alias, 'mount_accessor', backends, 'accessor'));
  if (backend === undefined) return undefined;
  const path = textOf(backend, 'path') ?? (backend.type === 'vault_auth_backend' ? textOf(backend, 'type') : 'jwt');
  const isUnknown = !isKnown(backend.attributes['path']);
  return isUnknown ? undefined : path?.replace(/^\/+|\/+$/g, '');
}
