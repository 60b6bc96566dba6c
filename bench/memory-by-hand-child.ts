import { startIssuerByHand } from './by-hand/issuer.js';
import { startConsulByHand, startVaultByHand } from './by-hand/servers.js';
import { applyByHand, fetchFrom, loginByHand } from './by-hand/vault-http.js';
import { reportMemory } from './own-memory.js';

// Run by memory.ts: the same servers and requests as memory-child.ts, by hand. With "cdktf" as the third argument the
// example is synthesised as well, although it is not used.
const [vaultExecutable = '', consulExecutable = '', declared] = process.argv.slice(2);
const token = 'b'.repeat(32);
const [vault, consul, issuer] = await Promise.all([
  startVaultByHand(vaultExecutable, token),
  startConsulByHand(consulExecutable, '00000000-0000-4000-8000-000000000000'),
  startIssuerByHand(),
]);
const trusted = { jwksUrl: issuer.jwksUrl, boundIssuer: issuer.url };
if (declared === 'cdktf') {
  const { synthesiseExample } = await import('./by-hand/cdktf.js');
  synthesiseExample(trusted);
}
const send = fetchFrom(vault.address, token);
await applyByHand(send, trusted, true);
await send('POST', 'kv/vishpat/test', { username: 'X' });
const session = await loginByHand(fetchFrom(vault.address), await issuer.sign({ sub: 'vishpat', aud: 'damage_inc' }));
await fetchFrom(vault.address, session)('GET', 'kv/vishpat/test');

await reportMemory([vaultExecutable, consulExecutable]);
await Promise.all([vault.stop(), consul.stop(), issuer.stop()]);
