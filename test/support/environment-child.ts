import { createServer } from 'node:net';
import { type Environment, type EnvironmentOptions, startEnvironment } from 'vaultproof';

/** What the process does once everything runs. */
export type Ending = 'wait' | 'end' | 'throw' | 'stop';

/** Run as a process of its own: starts an environment, prints its addresses as one line of JSON, and ends as told. */
const { services, ending } = JSON.parse(process.argv[2] ?? '') as {
  services: EnvironmentOptions;
  ending: Ending;
};
const env = await startEnvironment(services);
await logIn(env);
const addresses = [env.vault.address, ...(services.consul === undefined ? [] : [env.consul.address])];
process.stdout.write(`${JSON.stringify({ addresses })}\n`);

if (ending === 'wait') {
  // Something has to keep the process alive, since the environment doesn't.
  createServer().listen(0, '127.0.0.1');
} else {
  // The parent looks at what runs first, and says when by a line on standard input.
  await new Promise((resolve) => process.stdin.once('data', resolve));
  process.stdin.destroy();
}
if (ending === 'throw') throw new Error('thrown by the test');
if (ending === 'stop') await env.stop();

/** Opens a connection between each two of process, Vault and issuer. */
async function logIn({ vault, issuer }: Environment): Promise<void> {
  await vault.request('POST', 'sys/auth/jwt', { type: 'jwt' });
  await vault.request('POST', 'auth/jwt/config', {
    jwks_url: issuer.jwksUrlFor(vault),
    default_role: 'reader',
  });
  await vault.request('POST', 'auth/jwt/role/reader', {
    role_type: 'jwt',
    user_claim: 'sub',
    bound_audiences: ['damage_inc'],
  });
  await vault.login({ jwt: await issuer.sign({ sub: 'vishpat', aud: 'damage_inc' }) });
}
