/**
 * What declarations grant, worked out without a server, against reading the same declarations alone; and against the same requests by
 * node:http what needs servers: strangers that are tried, and witnesses that are proven.
 */
import { proveAccessDiff, startEnvironment } from 'vaultproof';
import { accessDiff, readAccess, strangers, whoCan } from 'vaultproof/access';
import { nodeHttpTo } from './by-hand/node-http.js';
import type { Measurement } from './measurement.js';

const COMPARED = 200;
const ASKED = 1_000;
const STRANGERS = 100;
const PROVEN = 40;

/** See the head of this file. */
export const access: Measurement = {
  name: 'access',
  prepare: async () => {
    const env = await startEnvironment();
    const timed = async (run: () => unknown): Promise<number> => {
      const begin = performance.now();
      await run();
      return performance.now() - begin;
    };
    const [before, after] = [declared(COMPARED), declared(COMPARED, 10)];
    const sides = { base: await readAccess([declared(PROVEN)]), head: await readAccess([declared(PROVEN, 2)]) };
    const differences = accessDiff(sides.base, sides.head);
    const count = differences.widened.length + differences.narrowed.length;
    const many = await readAccess([declared(ASKED)]);
    const role = {
      ...{ boundAudiences: ['vault'], boundClaimsType: 'glob', userClaim: 'sub' },
      boundClaims: Object.fromEntries(
        Array.from({ length: STRANGERS / 2 }, (_, index) => [`c${index}`, [`v${index}`]]),
      ),
    };
    const good = {
      aud: 'vault',
      sub: 'me',
      ...Object.fromEntries(Object.entries(role.boundClaims).map(([name, [value]]) => [name, value])),
    };
    await env.vault.request('POST', 'sys/auth/jwt', { type: 'jwt' });
    await env.vault.request('POST', 'auth/jwt/config', { jwks_url: env.issuer.jwksUrlFor(env.vault) });
    await env.vault.request('POST', 'auth/jwt/role/ci', {
      ...{ role_type: 'jwt', bound_audiences: ['vault'], bound_claims: role.boundClaims, user_claim: 'sub' },
    });
    const tried = strangers(role, good).slice(0, STRANGERS);
    const tokens = await Promise.all(tried.map(({ claims }) => env.issuer.sign(claims)));
    const byHand = nodeHttpTo(env.vault.address, env.vault.token);
    const refused = async (): Promise<void> => {
      const logins = tried.map(async ({ claims }) =>
        env.vault.login({ jwt: await env.issuer.sign(claims), role: 'ci' }),
      );
      const isIn = ({ status }: PromiseSettledResult<unknown>): boolean => status === 'fulfilled';
      if ((await Promise.allSettled(logins)).some(isIn)) throw new Error('a stranger got in');
    };
    const refusedByHand = async (): Promise<void> => {
      await Promise.allSettled(tokens.map((jwt) => byHand.send('POST', 'auth/jwt/login', { jwt, role: 'ci' })));
    };
    return {
      comparisons: [
        {
          ...{
            name: `diff of ${COMPARED} roles and ${COMPARED} policies`,
            baseline: 'reading both',
            unit: 'ms',
            maxRounds: 5,
          },
          target: { of: 'ours', limit: 'at most', value: 5_000 },
          ours: () => timed(async () => accessDiff(await readAccess([before]), await readAccess([after]))),
          theirs: () => timed(() => Promise.all([readAccess([before]), readAccess([after])])),
        },
        {
          ...{ name: `who over ${ASKED} roles`, baseline: 'the policy of each by a loop', unit: 'ms' },
          target: { of: 'ours', limit: 'at most', value: 300 },
          ours: () => timed(() => whoCan(many, { path: 'kv/data/app-5/x', capability: 'read' })),
          theirs: () =>
            timed(() =>
              many.logins.filter(({ policies }) =>
                policies.some((one) => isFor(many.policies.get(one), 'kv/data/app-5/x')),
              ),
            ),
        },
        {
          ...{
            name: `${tried.length} strangers at one server`,
            baseline: 'the same logins by node:http',
            unit: 'ms',
            maxRounds: 10,
          },
          target: { of: 'ours', limit: 'at most', value: 1_000 },
          ours: () => timed(refused),
          theirs: () => timed(refusedByHand),
        },
        {
          ...{
            name: `${count} witnesses proven`,
            baseline: 'as many logins by node:http',
            unit: 'witnesses/s',
            maxRounds: 5,
          },
          target: { of: 'ours', limit: 'at least', value: 10 },
          ours: async () => count / ((await timed(() => proveAccessDiff(differences, sides))) / 1000),
          theirs: async () => tokens.length / ((await timed(refusedByHand)) / 1000),
        },
      ],
      notes: () => ['the witnesses are counted with the start of their two servers'],
      [Symbol.asyncDispose]: async () => {
        byHand.close();
        await env.stop();
      },
    };
  },
};

function isFor(policy: { readonly rules: readonly { readonly path: string }[] } | undefined, path: string): boolean {
  return policy?.rules.some((rule) => path.startsWith(rule.path.replace('*', ''))) === true;
}

/** Roles with a policy each, of which every so many are wider. */
function declared(count: number, every?: number): unknown {
  const indexes = Array.from({ length: count }, (_, index) => index);
  const isWider = (index: number, by: number): boolean => every !== undefined && index % every === by;
  return {
    resource: {
      vault_jwt_auth_backend: { jwt: { path: 'jwt', jwks_url: 'https://keys.example/jwks' } },
      vault_jwt_auth_backend_role: Object.fromEntries(
        indexes.map((index) => [
          `r${index}`,
          {
            ...{
              backend: `\${vault_jwt_auth_backend.jwt.path}`,
              role_name: `r${index}`,
              role_type: 'jwt',
              user_claim: 'sub',
            },
            ...{ bound_audiences: ['vault'], bound_claims_type: 'glob', token_policies: [`p${index}`] },
            bound_claims: {
              repository: `acme/app-${index}`,
              ref: isWider(index, 0) ? 'refs/heads/*' : 'refs/heads/main',
            },
          },
        ]),
      ),
      vault_policy: Object.fromEntries(
        indexes.map((index) => [
          `p${index}`,
          {
            name: `p${index}`,
            policy: `path "kv/data/app-${index}/*" { capabilities = ["read"${isWider(index, 1) ? ', "update"' : ''}] }`,
          },
        ]),
      ),
    },
  };
}
