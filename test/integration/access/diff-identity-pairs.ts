import { documentOf, mountOf, type Pair, type Side } from './diff-pairs.js';

/** Policies, and the groups that it is a member of. */
interface Member {
  /** The name of its alias; default its own, null for none. */
  readonly alias?: string | null;
  readonly policies?: readonly string[];
  /** Policies that a resource of their own attaches. */
  readonly attached?: readonly string[];
  readonly in?: readonly string[];
}

export interface IdentitySide extends Side {
  readonly groups?: Readonly<Record<string, Member>>;
  readonly entities?: Readonly<Record<string, Member>>;
  /** Groups without an alias. */
  readonly internal?: Readonly<Record<string, Member>>;
}

interface IdentityPair extends Pair {
  readonly base: IdentitySide;
  readonly head: IdentitySide;
}

const policies = {
  a: 'path "kv/a" { capabilities = ["read"] }',
  b: 'path "kv/b" { capabilities = ["read", "update"] }',
  no: 'path "kv/a" { capabilities = ["deny"] }',
  ttl: 'path "kv/c" { capabilities = ["update"]\n allowed_parameters = { "ttl" = ["1h"] } }',
  any: 'path "kv/c" { capabilities = ["update"] }',
};
const byGroups = (groups: IdentitySide['groups'], more: Partial<IdentitySide> = {}): IdentitySide => ({
  roles: { ci: { groups_claim: 'groups' } },
  policies,
  ...(groups && { groups }),
  ...more,
});
const byUser = (entities: IdentitySide['entities'], more: Partial<IdentitySide> = {}): IdentitySide => ({
  policies,
  ...(entities && { entities }),
  ...more,
});
const claim = (groups_claim: string): Partial<IdentitySide> => ({ roles: { ci: { groups_claim } } });
const from = (...token_bound_cidrs: string[]): IdentitySide => ({ roles: { ci: { token_bound_cidrs } } });
const pairs = (list: readonly (readonly [string, IdentitySide, IdentitySide])[]): IdentityPair[] =>
  list.map(([name, base, head]) => ({ name, base, head }));

const one = { one: { policies: ['a'] } };

/** Pairs of which the second lets in, or allows, what the first does not, by groups alone. */
export const groupPairs = pairs([
  ['one more policy of a group', byGroups(one), byGroups({ one: { policies: ['a', 'b'] } })],
  ['a group that gets an alias', byGroups({}), byGroups(one)],
  ['one more group', byGroups(one), byGroups({ ...one, two: { policies: ['b'] } })],
  ['an alias of another name', byGroups(one), byGroups({ one: { alias: 'other', policies: ['a'] } })],
  ['a groups claim where there was none', byGroups(one, { roles: { ci: {} } }), byGroups(one)],
  ['another groups claim', byGroups(one), byGroups(one, claim('teams'))],
  ['a groups claim in an object', byGroups(one), byGroups(one, claim('/realm/groups'))],
  [
    'a group that a group becomes a member of',
    byGroups(one, { internal: { all: { policies: ['b'] } } }),
    byGroups({ one: { policies: ['a'], in: ['all'] } }, { internal: { all: { policies: ['b'] } } }),
  ],
  [
    'a group of a group of a group',
    byGroups({ one: { in: ['mid'] } }, { internal: { mid: {}, all: { policies: ['b'] } } }),
    byGroups({ one: { in: ['mid'] } }, { internal: { mid: { in: ['all'] }, all: { policies: ['b'] } } }),
  ],
  ['policies that are attached', byGroups({ one: {} }), byGroups({ one: { attached: ['b'] } })],
  [
    'a policy of a group with one more path',
    byGroups(one),
    byGroups(one, { policies: { ...policies, a: `${policies.a}\n path "kv/d" { capabilities = ["list"] }` } }),
  ],
  [
    'a policy that moves to another group',
    byGroups({ one: { policies: ['a'] }, two: { policies: ['b'] } }),
    byGroups({ one: { policies: ['b'] }, two: { policies: ['a'] } }),
  ],
  [
    'a deny of a group that is gone',
    byGroups({ no: { policies: ['no'] } }, { policy: policies.a }),
    byGroups({ no: {} }, { policy: policies.a }),
  ],
  [
    'a deny that counts in another group alone',
    byGroups({ ...one, no: { policies: ['no'] } }),
    byGroups({ ...one, no: {} }),
  ],
  ['a value that was not allowed', byGroups({ one: { policies: ['ttl'] } }), byGroups({ one: { policies: ['any'] } })],
  [
    'a group for tokens that are bound to it',
    byGroups({}, { roles: { ci: { groups_claim: 'groups', bound_claims: { groups: 'one' } } } }),
    byGroups(one, { roles: { ci: { groups_claim: 'groups', bound_claims: { groups: 'one' } } } }),
  ],
]);

/** Pairs that differ in the policies of entities alone. */
export const entityPairs = pairs([
  ['one more policy of an entity', byUser({ me: { policies: ['a'] } }), byUser({ me: { policies: ['a', 'b'] } })],
  ['an entity that gets an alias', byUser({}), byUser({ me: { policies: ['a'] } })],
  ['policies that are attached', byUser({ me: {} }), byUser({ me: { attached: ['a'] } })],
  [
    'one more member of a group',
    byUser({ me: {} }, { internal: { team: { policies: ['a'] } } }),
    byUser({ me: { in: ['team'] } }, { internal: { team: { policies: ['a'] } } }),
  ],
  [
    'a group that the group of an entity is in',
    byUser({ me: { in: ['team'] } }, { internal: { team: {}, all: { policies: ['a'] } } }),
    byUser({ me: { in: ['team'] } }, { internal: { team: { in: ['all'] }, all: { policies: ['a'] } } }),
  ],
  [
    'a deny of an entity that is gone',
    byUser({ me: { policies: ['no'] } }, { policy: policies.a }),
    byUser({}, { policy: policies.a }),
  ],
  [
    'another user claim',
    byUser({ me: { policies: ['a'] } }, { roles: { ci: { bound_subject: 'it', user_claim: 'sub' } } }),
    byUser({ me: { policies: ['a'] } }, { roles: { ci: { bound_subject: 'it', user_claim: 'email' } } }),
  ],
  [
    'a group that an entity is kept from',
    byUser({ me: { policies: ['no'] } }, { roles: { ci: { groups_claim: 'groups' } }, groups: one }),
    byUser({ me: {} }, { roles: { ci: { groups_claim: 'groups' } }, groups: one }),
  ],
]);

/** Pairs that differ in addresses alone, from some of which this host can connect. */
export const addressPairs = pairs([
  ['a wider block', from('127.0.0.0/24'), from('127.0.0.0/8')],
  ['one more address', from('127.0.0.1'), from('127.0.0.1', '127.0.0.2')],
  ['no bound any more', from('127.0.0.2/31'), {}],
  ['a block with a hole', from('127.0.0.0/9', '127.129.0.0/16'), from('127.0.0.0/8')],
]);

/** Pairs that only look different. */
export const equalIdentityPairs = pairs([
  [
    'policies of a group in another order',
    byGroups({ one: { policies: ['a', 'b'] } }),
    byGroups({ one: { policies: ['b', 'a'] } }),
  ],
  ['a group of another name', byGroups(one), byGroups({ renamed: { alias: 'one', policies: ['a'] } })],
  ['an alias in upper case', byGroups(one), byGroups({ one: { alias: 'ONE', policies: ['a'] } })],
  ['a pointer for the groups claim', byGroups(one), byGroups(one, claim('/groups'))],
  ['a policy that is attached', byGroups(one), byGroups({ one: { attached: ['a'] } })],
  [
    'a policy of a group that it is in',
    byGroups(one),
    byGroups({ one: { in: ['all'] } }, { internal: { all: { policies: ['a'] } } }),
  ],
  ['a policy that the role has already', byGroups({}, { policy: policies.a }), byGroups(one, { policy: policies.a })],
  ['a group, where no claim names groups', byGroups({}, { roles: { ci: {} } }), byGroups(one, { roles: { ci: {} } })],
  ['an alias of an entity in upper case', byUser({ me: { policies: ['a'] } }), byUser({ ME: { policies: ['a'] } })],
  [
    'a policy of an entity by its group',
    byUser({ me: { policies: ['a'] } }),
    byUser({ me: { in: ['team'] } }, { internal: { team: { policies: ['a'] } } }),
  ],
  [
    'an entity that no token can be',
    byUser({}, { roles: { ci: { bound_subject: 'it' } } }),
    byUser({ me: { policies: ['a'] } }, { roles: { ci: { bound_subject: 'it' } } }),
  ],
  ['a block in two halves', from('10.0.0.0/8'), from('10.0.0.0/9', '10.128.0.0/9')],
  ['bits behind the prefix', from('10.0.0.0/8'), from('10.1.2.3/8')],
]);

interface Roles {
  readonly vault_jwt_auth_backend_role: Readonly<Record<string, { readonly backend: string }>>;
}

/**
 * What several sides declare together, with their entities and groups.
 * @param first the number of the first one's mount
 * @param backend what all auth methods have besides their paths
 */
export function identityDocumentOf(sides: readonly IdentitySide[], first = 0, backend: object = {}): unknown {
  const { resource } = documentOf(sides, first) as { readonly resource: Roles };
  const roles = Object.entries(resource.vault_jwt_auth_backend_role).map(([name, role]) => [
    name,
    { ...role, backend: `\${vault_jwt_auth_backend.${role.backend}.path}` },
  ]);
  const made: Record<string, Record<string, object>> = {};
  const add = (type: string, name: string, body: object): void => {
    made[type] = { ...made[type], [name]: body };
  };
  for (const [place, { groups = {}, entities = {}, internal = {} }] of sides.entries()) {
    const index = first + place;
    const mount = mountOf(index);
    const named = (name: string): string => `p${index}-${name}`;
    const idOf = (kind: string, name: string): string => `\${vault_identity_${kind}.${named(name)}.id}`;
    add('vault_jwt_auth_backend', mount, { path: mount, ...backend });
    const kinds = [
      ['entity', entities, {}],
      ['group', groups, { type: 'external' }],
      ['group', internal, {}],
    ] as const;
    for (const [kind, all, more] of kinds) {
      for (const [name, { alias = name, policies: own = [], attached, in: memberOf = [] }] of Object.entries(all)) {
        const given = attached === undefined ? { policies: own.map(named) } : { external_policies: true };
        const inGroup = (type: 'entity' | 'group', members: Readonly<Record<string, Member>>): readonly string[] =>
          Object.entries(members).flatMap(([one, member]) => (member.in?.includes(name) ? [idOf(type, one)] : []));
        const members = {
          member_entity_ids: inGroup('entity', entities),
          member_group_ids: inGroup('group', { ...groups, ...internal }),
        };
        add(`vault_identity_${kind}`, named(name), {
          ...{ name: named(name), ...given, ...more },
          ...(all === internal && members),
        });
        if (attached !== undefined)
          add(`vault_identity_${kind}_policies`, named(name), {
            [`${kind}_id`]: idOf(kind, name),
            policies: attached.map(named),
          });
        if (memberOf.some((group) => internal[group] === undefined)) throw new Error(`"${name}" is in no such group`);
        if (all !== internal && alias !== null)
          add(`vault_identity_${kind}_alias`, named(name), {
            name: alias,
            mount_accessor: `\${vault_jwt_auth_backend.${mount}.accessor}`,
            canonical_id: idOf(kind, name),
          });
      }
    }
  }
  return { resource: { ...resource, ...made, vault_jwt_auth_backend_role: Object.fromEntries(roles) } };
}
