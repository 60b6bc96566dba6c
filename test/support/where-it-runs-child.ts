import { startEnvironment } from 'vaultproof';

/** Run as a process of its own: starts a Vault on the engine that the environment leads to, logs in, and prints where it runs as JSON. */
const { image } = JSON.parse(process.argv[2] ?? '') as { image: string };
await using env = await startEnvironment({ vault: { engine: 'docker', image } });
const { vault, issuer } = env;
await vault.request('POST', 'sys/auth/jwt', { type: 'jwt' });
await vault.request('POST', 'auth/jwt/config', { jwks_url: issuer.jwksUrlFor(vault), default_role: 'reader' });
await vault.request('POST', 'auth/jwt/role/reader', {
  role_type: 'jwt',
  user_claim: 'sub',
  bound_audiences: ['damage_inc'],
});
const { policies } = await vault.login({ jwt: await issuer.sign({ sub: 'vishpat', aud: 'damage_inc' }) });
const { address, engineReason } = vault;
process.stdout.write(`${JSON.stringify({ address, engineReason, policies })}\n`);
