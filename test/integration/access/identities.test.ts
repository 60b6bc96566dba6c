import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type Environment, httpClient } from 'vaultproof';
import { readAccess, whatCan, wouldLogIn } from 'vaultproof/access';
import { expect, test } from 'vaultproof/vitest';
import { type Random, randomBy } from '../../support/random.js';
import { some } from '../../support/random-policies.js';
import { rounds } from '../../support/rounds.js';
import { temporaryFolder } from '../../support/temporary-folder.js';
import { type IdentitySide, identityDocumentOf } from './diff-identity-pairs.js';

let env: Environment;
test.beforeAll(({ fileEnv }) => {
  env = fileEnv;
});

const POLICIES = ['p', 'q', 'r', 's'] as const;
const USERS = ['Ann', 'bob', 'a.b@acme.example'] as const;
const GROUPS = ['One', 'two', 'a/b'] as const;
const INTERNAL = ['i', 'j', 'k'] as const;
const BLOCKS = [
  '127.0.0.0/8',
  '127.0.0.0/30',
  '127.0.0.2',
  '127.1.2.3/16',
  '10.0.0.0/8',
  '::1',
  '::/0',
  '0.0.0.0/1',
] as const;
/** Other addresses than the first are this host's on Linux alone, and in a container none is seen. */
const ADDRESSES = ['127.0.0.1', '127.0.0.2', '127.0.0.9', '127.1.0.1', '127.200.0.1'] as const;

/** A role whose tokens are entities and in groups, which are in groups. */
function randomSide(random: Random, hasAddresses: boolean): IdentitySide {
  // The direct provisioner has no attached policies of entities.
  const member = (among: readonly string[], mayAttach = true) => ({
    in: some(random, among),
    ...(mayAttach && random.oneIn(3) ? { attached: some(random, POLICIES) } : { policies: some(random, POLICIES) }),
  });
  const members = (names: readonly string[], mayAttach: boolean) =>
    Object.fromEntries(
      names
        .filter(() => !random.oneIn(4))
        .map((alias) => [alias.replaceAll(/\W/g, '-'), { alias, ...member(INTERNAL, mayAttach) }]),
    );
  const internal = INTERNAL.map((name, index) => [name, member(INTERNAL.slice(index + 1))] as const);
  return {
    policies: Object.fromEntries(POLICIES.map((name) => [name, `path "kv/${name}" { capabilities = ["read"] }`])),
    roles: {
      ci: {
        token_policies: some(random, POLICIES),
        user_claim: random.oneIn(3) ? 'email' : 'sub',
        ...(random.oneIn(2) && { groups_claim: random.oneIn(3) ? '/realm/groups' : 'groups' }),
        ...(hasAddresses && random.oneIn(2) && { token_bound_cidrs: [random.pick(BLOCKS), random.pick(BLOCKS)] }),
      },
    },
    entities: members(USERS, false),
    groups: members(GROUPS, true),
    internal: Object.fromEntries(internal),
  };
}

function randomClaims(random: Random) {
  const user = (): string => random.pick([...USERS, 'ANN', 'Bob', 'x']);
  const inAnyCase = (name: string): string => (random.oneIn(3) ? name.toUpperCase() : name);
  // Each once: see what the server does with one that is named twice, below.
  const groups = (): unknown =>
    random.oneIn(5) ? random.pick(GROUPS) : [...some(random, GROUPS).map(inAnyCase), ...some(random, ['x', ''])];
  return { aud: 'vault', sub: user(), email: user(), groups: groups(), realm: { groups: groups() } };
}

const SIDES_AT_ONCE = 10;
const TOKENS_A_SIDE = 8;

test('a token has the policies of its entity and its groups on a server as here, from the same addresses', {
  timeout: 1_200_000,
}, async () => {
  const { count, seed } = rounds(160);
  const random = randomBy(seed);
  const hasAddresses = process.platform === 'linux' && env.vault.engine === 'process';
  const verdicts = { in: 0, out: 0, ofEntity: 0, withIdentity: 0 };
  const differences: unknown[] = [];
  let checked = 0;
  for (let first = 0; checked < count; first += SIDES_AT_ONCE) {
    const sides = Array.from({ length: SIDES_AT_ONCE }, () => randomSide(random, hasAddresses));
    const declared = identityDocumentOf(sides, first, { jwks_url: env.issuer.jwksUrlFor(env.vault) });
    const folder = await temporaryFolder();
    await writeFile(join(folder, 'main.tf.json'), JSON.stringify(declared));
    await env.applyTerraform(folder);
    const access = await readAccess([declared], { product: env.vault.product });
    expect(access.undecided).toEqual([]);
    for (const login of access.logins) {
      for (let index = 0; index < TOKENS_A_SIDE; index++, checked++) {
        const [claims, address] = [randomClaims(random), hasAddresses ? random.pick(ADDRESSES) : undefined];
        const http = httpClient(env.vault.address, { localAddress: address });
        const jwt = await env.issuer.sign(claims);
        const { body, status } = await http.request('POST', `/v1/auth/${login.mount}/login`, {
          json: { jwt, role: 'ci' },
        });
        http.close();
        const { auth } = body as {
          readonly auth?: { readonly policies: string[]; readonly identity_policies?: string[] };
        };
        const server = auth && [...new Set([...auth.policies, ...(auth.identity_policies ?? [])])];
        const isIn = wouldLogIn(login.bounds, claims, env.vault.product, address).in;
        const ours = whatCan(access, claims, 'ci').logins.find(({ mount }) => mount === login.mount);
        const [here, there] = [isIn ? ours?.policies : undefined, server?.filter((name) => name !== 'default')];
        verdicts[server === undefined ? 'out' : 'in']++;
        if (JSON.stringify(here?.toSorted()) !== JSON.stringify(there?.toSorted()))
          differences.push({ checked, login, claims, address, status, here, there });
        const alias = (login.bounds.userClaim === 'email' ? claims.email : claims.sub).toLowerCase();
        if (isIn && login.entities?.some(({ name }) => name.toLowerCase() === alias)) verdicts.ofEntity++;
        if (isIn && (auth?.identity_policies?.length ?? 0) > 0) verdicts.withIdentity++;
      }
    }
  }
  process.stdout.write(`${JSON.stringify({ logins: checked, seed, differences: differences.length, verdicts })}\n`);
  expect(differences.slice(0, 3)).toEqual([]);
  const { out, ...others } = verdicts;
  expect(Object.values(others).every((some) => some > 10) && out > 10 === hasAddresses).toBe(true);
});

test('a user stays in a group for one login more after a token that names the group again, and twice: left out here', async () => {
  const group = { in: [], policies: ['p'] };
  const side = {
    policies: { p: 'path "kv/p" { capabilities = ["read"] }' },
    roles: { ci: { groups_claim: 'groups' } },
    groups: { team: group },
  };
  const declared = identityDocumentOf([side], 99_999, { jwks_url: env.issuer.jwksUrlFor(env.vault) });
  const folder = await temporaryFolder();
  await writeFile(join(folder, 'main.tf.json'), JSON.stringify(declared));
  await env.applyTerraform(folder);
  const http = httpClient(env.vault.address);
  const isMember = async (groups: readonly string[]): Promise<boolean> => {
    const jwt = await env.issuer.sign({ aud: 'vault', sub: 'me', groups });
    const { body } = await http.request('POST', '/v1/auth/jwt-99999/login', { json: { jwt, role: 'ci' } });
    const { auth } = body as { readonly auth: { readonly identity_policies?: readonly string[] } };
    return auth.identity_policies?.includes('p99999-p') === true;
  };
  const seen: boolean[] = [];
  for (const groups of [['team'], ['team', 'Team'], [], []]) seen.push(await isMember(groups));
  expect(seen).toEqual([true, true, true, false]);
});
