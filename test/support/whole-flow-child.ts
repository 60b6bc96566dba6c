import { createHash } from 'node:crypto';
import { inspect } from 'node:util';
import { type EnvironmentOptions, startEnvironment } from 'vaultproof';
import { VaultJwtStack } from 'vaultproof/stacks/vault-jwt';

/** Run as a process of its own: goes the whole way, with a refusal at its end, and prints what came of it as JSON. */
const { services } = JSON.parse(process.argv[2] ?? '') as { services: EnvironmentOptions };
const report = (line: string): void => {
  process.stderr.write(`${line}\n`);
};
await using env = await startEnvironment({ ...services, report });
await env.apply(
  (app) =>
    new VaultJwtStack(app, 'demo', {
      kv: {},
      jwksUrl: env.issuer.jwksUrlFor(env.vault),
      boundIssuer: env.issuer.url,
      roles: [
        { roleName: 'reader', boundSubject: 'vishpat', boundAudiences: ['damage_inc'], tokenPolicies: ['reader'] },
      ],
      policies: [{ name: 'reader', policy: 'path "kv/data/*" { capabilities = ["read"] }' }],
    }),
);
await env.vault.seed('kv/vishpat/test', { password: 'canary-of-a-secret' });
const session = await env.vault.login({ jwt: await env.issuer.sign({ sub: 'vishpat', aud: 'damage_inc' }) });
const secret = await session.read('kv/vishpat/test');
const refusals: unknown[] = [];
for (const login of [
  { jwt: await env.issuer.sign({ sub: 'vishpat', aud: 'elsewhere' }) },
  { jwt: await env.issuer.sign({ sub: 'vishpat', aud: 'damage_inc' }), mount: 'nowhere' },
]) {
  await env.vault.login(login).catch((error: unknown) => {
    process.stderr.write(inspect(error));
    refusals.push((error as { code?: unknown }).code);
  });
}
await session.write('kv/vishpat/test', {}).catch((error: unknown) => {
  process.stderr.write(inspect(error));
});
process.stderr.write(await env.vault.logTail(1_000));
// The parent looks for the tokens themselves in all that is printed here.
const tokenHashes = [env.vault.token, env.consul.token].map((token) =>
  createHash('sha256').update(token).digest('hex'),
);
process.stdout.write(`${JSON.stringify({ read: Object.keys(secret), refusals, tokenHashes })}\n`);
