import {
  type AccessDifference,
  accessDiff,
  type DeclaredAccess,
  type DeclaredIdentity,
  readVaultPolicy,
  type VaultOperation,
  vaultAcl,
  whatCan,
  wouldLogIn,
} from 'vaultproof/access';
import { expect, test } from 'vitest';
import { bePatient } from '../../support/patience.js';
import { type Random, randomBy } from '../../support/random.js';
import { some } from '../../support/random-policies.js';

bePatient();

const PATHS = ['kv/a', 'kv/b', 'kv/c'] as const;
const CAPABILITIES = ['read', 'update'] as const;
const POLICIES = ['p', 'q', 'r', 's'] as const;
const USERS = ['ann', 'bob', 'eve'] as const;
const GROUPS = ['one', 'two', 'three'] as const;
const BLOCKS = ['127.0.0.0/8', '127.0.0.0/9', '127.0.0.1', '10.0.0.0/8', '2001:db8::/32'] as const;
const ADDRESSES = ['127.0.0.1', '127.200.0.1', '10.0.0.1', '192.0.2.1', '2001:db8::1'] as const;

/** Roles, policies, entities and groups at random, of few values, so that two of them overlap. */
function randomAccess(random: Random): DeclaredAccess {
  const rules = (): string =>
    some(random, ['kv/*', 'kv/+', ...PATHS])
      .map((path) => {
        const granted = random.oneIn(4) ? ['deny'] : some(random, CAPABILITIES);
        return `path "${path}" { capabilities = ${JSON.stringify(granted)} }`;
      })
      .join('\n');
  const identities = (names: readonly string[]): readonly DeclaredIdentity[] =>
    names.filter(() => !random.oneIn(4)).map((name) => ({ name, policies: some(random, POLICIES) }));
  const [entities, groups] = [identities(USERS), identities(GROUPS)];
  const logins = Array.from({ length: 1 + random.below(2) }, (_, index) => ({
    ...{ mount: 'jwt', role: `r${index}`, address: `r${index}`, policies: some(random, POLICIES).slice(0, 1) },
    bounds: {
      boundAudiences: ['vault'],
      userClaim: random.oneIn(5) ? 'mail' : 'sub',
      ...(random.oneIn(2) && { groupsClaim: random.oneIn(4) ? 'teams' : 'groups' }),
      ...(random.oneIn(3) && { boundClaims: { [random.pick(['groups', 'sub', 'mail'])]: ['o*', 'ann', 't*'] } }),
      boundClaimsType: 'glob',
      ...(random.oneIn(3) && { tokenBoundCidrs: [random.pick(BLOCKS), random.pick(BLOCKS)] }),
    },
    entities,
    groups,
  }));
  return {
    ...{ product: 'vault', logins, undecided: [] },
    policies: new Map(POLICIES.map((name) => [name, readVaultPolicy(name, rules())])),
  };
}

interface Asked {
  readonly claims: Readonly<Record<string, unknown>>;
  readonly address?: string | undefined;
  readonly path?: string | undefined;
  readonly capability?: string | undefined;
}

/** Whether a token may do something, at any role. */
function may(access: DeclaredAccess, { claims, address, path, capability }: Asked): boolean {
  return access.logins.some(({ role, bounds }) => {
    if (!wouldLogIn(bounds, claims, 'vault', address).in) return false;
    const [login] = whatCan(access, claims, role).logins;
    const acl = vaultAcl((login?.policies ?? []).flatMap((name) => access.policies.get(name) ?? []));
    return path === undefined || acl.decide({ operation: capability as VaultOperation, path }).allowed;
  });
}

test('a witness with a user, groups or an address is a token that one side lets do it, and the other does not', () => {
  const random = randomBy(11);
  const shown = { all: 0, groups: 0, user: 0, address: 0 };
  const check = ([gains, lacks]: readonly [DeclaredAccess, DeclaredAccess], all: readonly AccessDifference[]): void => {
    for (const one of all) {
      const { claims, address } = one.witness;
      const asked = { claims, address, path: one.path, capability: one.capability };
      expect([one, may(gains, asked), may(lacks, asked)]).toEqual([one, true, false]);
      // Without an address, it is so from everywhere.
      const others = address === undefined ? ADDRESSES : [];
      for (const from of others)
        expect([one, from, may(gains, { ...asked, address: from }), may(lacks, { ...asked, address: from })]).toEqual([
          ...[one, from, true, false],
        ]);
      shown.all++;
      if ([claims['groups'], claims['teams']].flat().some((name) => GROUPS.some((group) => group === name)))
        shown.groups++;
      if (USERS.some((name) => name === claims['sub'] || name === claims['mail'])) shown.user++;
      if (address !== undefined) shown.address++;
    }
  };
  for (let count = 0; count < 200; count++) {
    const [base, head] = [randomAccess(random), randomAccess(random)];
    const { widened, narrowed } = accessDiff(base, head);
    check([head, base], widened);
    check([base, head], narrowed);
  }
  expect(Object.values(shown).every((some) => some > 50)).toBe(true);
});

/** The entities and groups that a token names. */
function namesIn({ sub, mail, groups, teams }: Readonly<Record<string, unknown>>): readonly unknown[] {
  const all: readonly unknown[] = [...USERS, ...GROUPS];
  return [sub, mail, groups, teams].flat().filter((name) => all.includes(name));
}

test('what a token at random may newly do, for its user, its groups or its address, is among what is said', () => {
  const random = randomBy(12);
  const tried = { login: 0, access: 0 };
  for (let count = 0; count < 300; count++) {
    const [base, other] = [randomAccess(random), randomAccess(random)];
    const groups = base.logins[0]?.groups?.map((one) =>
      random.oneIn(2) ? { ...one, policies: some(random, POLICIES) } : one,
    );
    // Often the same roles, the same policies, or all but the policies of a group.
    const head = random.pick([
      other,
      { ...base, logins: other.logins },
      { ...base, policies: other.policies },
      ...Array<DeclaredAccess>(5).fill({ ...base, logins: base.logins.map((one) => ({ ...one, groups })) }),
    ]);
    const { widened, undecided } = accessDiff(base, head);
    expect(undecided).toEqual([]);
    for (let index = 0; index < 60; index++) {
      const claims = {
        aud: 'vault',
        sub: random.pick([...USERS, 'x']),
        ...(random.oneIn(3) && { mail: random.pick([...USERS, 'x']) }),
        ...(random.oneIn(2) && { teams: some(random, GROUPS) }),
        groups: [...GROUPS, 'other'].filter(() => random.oneIn(2)),
      };
      const asked = { claims, address: random.pick(ADDRESSES) };
      const [path, capability] = [random.pick(PATHS), random.pick(CAPABILITIES)];
      if (may(head, asked) && !may(base, asked)) {
        tried.login++;
        expect([asked, base, head, widened.some(({ kind }) => kind === 'login')]).toEqual([asked, base, head, true]);
      }
      if (!may(head, { ...asked, path, capability }) || may(base, { ...asked, path, capability })) continue;
      tried.access++;
      // The witness has no claim that this token lacks.
      const isSaid = widened.some(
        (one) =>
          one.kind === 'access' &&
          one.capability === capability &&
          namesIn(one.witness.claims).every((name) => namesIn(claims).includes(name)),
      );
      expect([asked, path, capability, isSaid]).toEqual([asked, path, capability, true]);
    }
  }
  expect(Object.values(tried).every((some) => some > 100)).toBe(true);
});

/** One role whose tokens are one of many entities, and in some of many groups. */
function withMany(entities: readonly DeclaredIdentity[], groups: readonly DeclaredIdentity[]): DeclaredAccess {
  const bounds = { boundAudiences: ['vault'], userClaim: 'sub', groupsClaim: 'groups' };
  const policy = (name: string, capability: string): [string, ReturnType<typeof readVaultPolicy>] => [
    name,
    readVaultPolicy(name, `path "kv/a" { capabilities = ["${capability}"] }`),
  ];
  return {
    ...{ product: 'vault', undecided: [] },
    logins: [{ mount: 'jwt', role: 'ci', address: 'ci', policies: [], bounds, entities, groups }],
    policies: new Map([policy('read', 'read'), policy('update', 'update'), policy('deny', 'deny')]),
  };
}

const many = (name: string, count: number, ...policies: string[]): DeclaredIdentity[] =>
  Array.from({ length: count }, (_, index) => ({ name: `${name}-${index}`, policies }));

test('what one of 1,000 entities and one of 200 groups gains is found', () => {
  const [entities, groups] = [many('user', 1_000, 'read'), many('group', 200, 'read')];
  const gains = (all: readonly DeclaredIdentity[]) =>
    all.map((one, index) => (index === 7 ? { ...one, policies: ['read', 'update'] } : one));
  const { widened, undecided } = accessDiff(withMany(entities, groups), withMany(gains(entities), gains(groups)));
  expect(undecided).toEqual([]);
  expect(
    widened.map(({ capability, witness }) => [capability, witness.claims['sub'], witness.claims['groups']]),
  ).toEqual([
    ['update', 'user-7', []],
    ['update', 'x', ['group-7']],
  ]);
});

test('where too many groups deny something, what single ones gain is found, and the rest is undecided', () => {
  const groups = [...many('no', 100, 'deny'), { name: 'one', policies: ['read'] }];
  const { widened, undecided } = accessDiff(withMany([], many('no', 100, 'deny')), withMany([], groups));
  expect(widened.map(({ capability, witness }) => [capability, witness.claims['groups']])).toEqual([['read', ['one']]]);
  expect(undecided).toEqual(['ci: what more than one of its groups and entities grant at "kv/a", which are too many']);
});
