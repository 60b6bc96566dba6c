import { type ExternalVault, startEnvironment } from 'vaultproof';

/** Run as a process of its own: begins a run on a Vault, makes something of each kind there, says so, and waits to be killed. */
const external = JSON.parse(process.argv[2] ?? '') as ExternalVault;
const { vault, issuer } = await startEnvironment({ vault: { external } });
await vault.request('POST', 'sys/mounts/kv', { type: 'kv' });
await vault.request('PUT', 'sys/policies/acl/app', { policy: 'path "kv/app" { capabilities = ["read"] }' });
await vault.request('POST', 'sys/auth/jwt', { type: 'jwt' });
await vault.request('POST', 'auth/jwt/config', { jwks_url: issuer.jwksUrlFor(vault) });
await vault.request('POST', 'auth/jwt/role/ci', {
  role_type: 'jwt',
  user_claim: 'sub',
  token_policies: ['app'],
  bound_subject: 'ci',
});
await vault.request('POST', 'identity/group', { name: 'ops', policies: ['app'] });
await vault.login({ jwt: await issuer.sign({ sub: 'ci', aud: null }), role: 'ci' });
process.stdout.write(`${JSON.stringify({ token: vault.token })}\n`);
setInterval(() => {}, 60_000);
