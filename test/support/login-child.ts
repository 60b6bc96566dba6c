import { startEnvironment } from 'vaultproof';
import { mountJwt } from './jwt-mount.js';

/** Run as a process of its own: starts environments side by side, logs in at each, and prints what it saw as JSON. */
const { count } = JSON.parse(process.argv[2] ?? '') as { count: number };
const seen = await Promise.all(
  Array.from({ length: count }, async () => {
    const env = await startEnvironment({ vault: true, consul: true });
    const writeRole = await mountJwt(env, 'jwt');
    const session = await env.vault.login({
      jwt: await env.issuer.sign({ sub: 'vishpat', aud: 'damage_inc' }),
      role: await writeRole({}),
    });
    return { env, role: session.role, addresses: [env.issuer.url, env.vault.address, env.consul.address] };
  }),
);
process.stdout.write(`${JSON.stringify(seen.map(({ role, addresses }) => ({ role, addresses })))}\n`);
// All of them run until the parent has heard of all of them.
await new Promise((resolve) => process.stdin.once('data', resolve));
process.stdin.destroy();
await Promise.all(seen.map(({ env }) => env.stop()));
