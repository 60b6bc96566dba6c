import {
  type AccessDifference,
  type AskedCapability,
  accessDiff,
  type DeclaredAccess,
  readVaultPolicy,
  whatCan,
  whoCan,
} from 'vaultproof/access';
import { expect, test } from 'vitest';
import { bePatient } from '../../support/patience.js';
import { type Random, randomBy } from '../../support/random.js';
import { randomClaims, randomRole } from '../../support/random-logins.js';
import { randomPath, randomPattern, some } from '../../support/random-policies.js';

bePatient();

const CAPABILITIES = ['read', 'update', 'list'] as const;

const FLOWS = {
  jwt: {},
  oidc: { flow: 'oidc', oidcClient: { id: 'one', discoveryUrl: 'https://idp.example' } },
} as const;
type Flow = keyof typeof FLOWS;

/** Roles and policies at random, of few values, so that two of them overlap. */
function randomAccess(random: Random, flow: Flow = 'jwt'): DeclaredAccess {
  const names = ['a', 'b'];
  const rules = (): string =>
    Array.from({ length: 1 + random.below(4) }, () => {
      const granted = random.oneIn(5) ? ['deny'] : some(random, CAPABILITIES);
      return `path ${JSON.stringify(randomPattern(random, [], 3))} { capabilities = ${JSON.stringify(granted)} }`;
    }).join('\n');
  const roles = Array.from({ length: 1 + random.below(3) }, (_, index) => `r${index}`);
  return {
    product: 'vault',
    policies: new Map(names.map((name) => [name, readVaultPolicy(name, rules())])),
    logins: roles.map((role) => ({
      ...{ mount: 'jwt', role, address: role, policies: some(random, names) },
      bounds: {
        ...randomRole(random),
        boundSubject: undefined,
        userClaim: 'sub',
        groupsClaim: undefined,
        claimMappings: {},
        ...FLOWS[flow],
      },
    })),
    undecided: [],
  };
}

/** Whether a token may do something, at any role. */
function may(
  access: DeclaredAccess,
  claims: object,
  { path, capability }: { readonly path?: string; readonly capability?: AccessDifference['capability'] },
): boolean {
  const { logins } = whatCan(access, { ...claims });
  if (path === undefined || capability === undefined) return logins.length > 0;
  const asked = capability === 'list' ? `${path}/` : path;
  const { who } = whoCan(access, { path: asked, capability: capability as AskedCapability });
  return logins.some(({ role }) => who.some((one) => one.role === role));
}

test.each(['jwt', 'oidc'] as const)(
  '%s: a witness is a token that one side lets do it, and the other does not',
  (flow) => {
    const random = randomBy(1);
    let shown = 0;
    for (let count = 0; count < 150; count++) {
      const [base, head] = [randomAccess(random, flow), randomAccess(random, flow)];
      const { widened, narrowed } = accessDiff(base, head);
      for (const one of widened) {
        const { claims } = one.witness;
        expect([one, may(head, claims, one), may(base, claims, one)]).toEqual([one, true, false]);
      }
      for (const one of narrowed) {
        const { claims } = one.witness;
        expect([one, may(base, claims, one), may(head, claims, one)]).toEqual([one, true, false]);
      }
      shown += widened.length + narrowed.length;
    }
    expect(shown).toBeGreaterThan(500);
  },
);

test.each(['jwt', 'oidc'] as const)(
  '%s: where nothing is widened and nothing undecided, no token at random gets in newly',
  (flow) => {
    const random = randomBy(2);
    let tried = 0;
    for (let count = 0; count < 400; count++) {
      const base = randomAccess(random, flow);
      // A part of it, so that often nothing is widened.
      const head = { ...base, logins: some(random, base.logins) };
      const { widened, undecided } = accessDiff(head, base);
      const isLeft = (one: AccessDifference): boolean => one.kind === 'login';
      for (let index = 0; index < 20; index++) {
        const azp = flow === 'oidc' && random.oneIn(2) ? { azp: 'one' } : {};
        const claims = { aud: 'one', ...randomClaims(random), sub: 'me', ...azp };
        if (may(base, claims, {}) && !may(head, claims, {})) {
          tried++;
          expect([claims, widened.some(isLeft) || undecided.length > 0]).toEqual([claims, true]);
        }
      }
    }
    expect(tried).toBeGreaterThan(50);
  },
);

test('what a path at random grants newly is among what is said', () => {
  const random = randomBy(3);
  let tried = 0;
  for (let count = 0; count < 150; count++) {
    const [one, other] = [randomAccess(random), randomAccess(random)];
    // The same logins, with other policies.
    const login = { ...one.logins[0], bounds: { boundAudiences: ['vault'] }, policies: ['a', 'b'] };
    const sides = [one, other].map(({ policies, ...rest }) => ({
      ...rest,
      policies,
      logins: [login] as DeclaredAccess['logins'],
    }));
    const [base, head] = sides as [DeclaredAccess, DeclaredAccess];
    const { widened } = accessDiff(base, head);
    const claims = { aud: 'vault', sub: 'me' };
    for (let index = 0; index < 40; index++) {
      const path = randomPath(random, [], 3)
        .replaceAll(/\/{2,}/g, '/')
        .replaceAll(/^\/|\/$/g, '');
      const capability = random.pick(CAPABILITIES);
      if (path === '' || !may(head, claims, { path, capability }) || may(base, claims, { path, capability })) continue;
      tried++;
      expect([path, capability, widened.some((found) => found.capability === capability)]).toEqual([
        path,
        capability,
        true,
      ]);
    }
  }
  expect(tried).toBeGreaterThan(100);
});

test('what only wrapped answers may have is shown by one that is wrapped', () => {
  const bounds = { boundAudiences: ['vault'], userClaim: 'sub' };
  const accessTo = (rules: string): DeclaredAccess => ({
    product: 'vault',
    policies: new Map([['app', readVaultPolicy('app', rules)]]),
    logins: [{ mount: 'jwt', role: 'ci', address: 'ci', policies: ['app'], bounds }],
    undecided: [],
  });
  const wrapped = 'path "transit/sign/release" { capabilities = ["update"]\n max_wrapping_ttl = "90s" }';
  const [difference, ...more] = accessDiff(accessTo(''), accessTo(wrapped)).widened;
  expect(more).toEqual([]);
  expect(difference).toMatchObject({ capability: 'update', witness: { wrapTtl: 90 } });
  const required = 'path "kv/a" { capabilities = ["update"]\n required_parameters = ["reason"] }';
  const [withBody] = accessDiff(accessTo(''), accessTo(required)).widened;
  expect(withBody?.witness.data).toEqual({ reason: 'x' });
});
