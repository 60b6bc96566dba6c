import { type Environment, type ErrorCode, LoginRefusedError } from 'vaultproof';
import { type VaultLoginRole, wouldLogIn } from 'vaultproof/access';
import { signCompact } from 'vaultproof/issuer';
import { expect, test } from 'vaultproof/vitest';
import { mountJwt } from '../../support/jwt-mount.js';
import { randomBy } from '../../support/random.js';
import { randomClaims, randomRole, roleFields } from '../../support/random-logins.js';
import { rounds } from '../../support/rounds.js';

let env: Environment;
test.beforeAll(({ fileEnv }) => {
  env = fileEnv;
});

const TOKENS_A_ROLE = 10;

test('tokens log in and are refused as here, for the reason that is named', { timeout: 1_200_000 }, async () => {
  const { count, seed } = rounds(400);
  const random = randomBy(seed);
  const iat = Math.floor(Date.now() / 1000);
  const writeRole = await mountJwt(env, 'random');
  const verdicts: Record<string, number> = {};
  const differences: unknown[] = [];
  for (let checked = 0; checked < count; ) {
    const role: VaultLoginRole = randomRole(random);
    const isBound =
      role.boundAudiences?.length !== 0 ||
      role.boundSubject !== undefined ||
      Object.keys(role.boundClaims ?? {}).length > 0;
    if (!isBound) continue;
    const name = await writeRole(roleFields(role));
    for (let index = 0; index < TOKENS_A_ROLE; index++, checked++) {
      const claims = { iss: env.issuer.url, iat, exp: iat + 600, ...randomClaims(random) };
      const jwt = await signCompact(env.issuer.keys.active(), claims);
      const server = await env.vault.login({ jwt, mount: 'random', role: name }).then(
        () => 'in' as const,
        (error: unknown): ErrorCode => {
          if (error instanceof LoginRefusedError) return error.code;
          throw error;
        },
      );
      const verdict = wouldLogIn(role, claims, env.vault.product);
      const ours = verdict.in ? ['in'] : verdict.refusals.map(({ code }) => code);
      verdicts[server] = (verdicts[server] ?? 0) + 1;
      if (!ours.includes(server)) differences.push({ checked, role, claims, server, ours });
    }
  }
  process.stdout.write(`${JSON.stringify({ logins: count, seed, differences: differences.length, verdicts })}\n`);
  expect(differences.slice(0, 3)).toEqual([]);
});
