import { startEnvironment } from 'vaultproof';
import { VaultJwtStack } from 'vaultproof/stacks/vault-jwt';
import { exampleProps } from '../stacks/examples/vault-login.js';
import { reportMemory } from './own-memory.js';

// Run by memory.ts: an environment with a stack applied, a login and a read, and then how much memory that holds.
await using env = await startEnvironment({ vault: { engine: 'process' }, consul: { engine: 'process' } });
const issuer = { jwksUrl: env.issuer.jwksUrlFor(env.vault), boundIssuer: env.issuer.url };
await env.apply((app) => new VaultJwtStack(app, 'demo', exampleProps(issuer)));
await env.vault.seed('kv/vishpat/test', { username: 'X' });
const session = await env.vault.login({ jwt: await env.issuer.sign({ sub: 'vishpat', aud: 'damage_inc' }) });
await session.read('kv/vishpat/test');

await reportMemory([env.vault.origin, env.consul.origin]);
