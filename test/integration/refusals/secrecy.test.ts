import { inspect } from 'node:util';
import type { Environment } from 'vaultproof';
import { generateSigningKey } from 'vaultproof/issuer';
import { expect, test } from 'vaultproof/vitest';
import { beforeAll, vi } from 'vitest';
import { mountJwt, type WriteRole } from '../../support/jwt-mount.js';

let env: Environment;
test.beforeAll(({ fileEnv }) => {
  env = fileEnv;
});
const vishpat = { sub: 'vishpat', aud: 'damage_inc' };
let writeRole: WriteRole;

beforeAll(async () => {
  writeRole = await mountJwt(env, 'jwt');
});

/** All that a log could get hold of. */
function everythingOf(error: unknown): string {
  const { message, stack } = error as Error;
  return [message, stack, JSON.stringify(error), inspect(error, { depth: 20, showHidden: true })].join('\n');
}

async function failure(login: { jwt: string; role?: string; mount?: string }): Promise<unknown> {
  return env.vault.login(login).then(
    () => expect.unreachable('the login was let in'),
    (error: unknown) => error,
  );
}

const logins: Readonly<Record<string, () => Promise<{ jwt: string; role?: string; mount?: string }>>> = {
  'without a role': async () => ({ jwt: await env.issuer.sign(vishpat) }),
  'with an unknown role': async () => ({ jwt: await env.issuer.sign(vishpat), role: 'nobody' }),
  'at no auth method': async () => ({ jwt: await env.issuer.sign(vishpat), mount: 'nowhere' }),
  'with an unknown key': async () => ({
    jwt: await env.issuer.sign(vishpat, { key: await generateSigningKey() }),
    role: await writeRole({}),
  }),
  'with another audience': async () => ({
    jwt: await env.issuer.sign({ ...vishpat, aud: 'elsewhere' }),
    role: await writeRole({}),
  }),
  'with a claim that is an object': async () => ({
    jwt: await env.issuer.sign({ ...vishpat, team: {} }),
    role: await writeRole({ bound_claims: { team: 'red' } }),
  }),
  'from another address': async () => ({
    jwt: await env.issuer.sign(vishpat),
    role: await writeRole({ token_bound_cidrs: ['10.9.8.0/24'] }),
  }),
  'with a fourth part': async () => ({
    jwt: `${await env.issuer.sign(vishpat)}.`,
    role: await writeRole({}),
  }),
};

test.each(Object.keys(logins))(
  'a login %s is refused without a word of its token or of the root token',
  async (name) => {
    const login = await logins[name]?.();
    if (login === undefined) throw new Error(`no login "${name}"`);
    const text = everythingOf(await failure(login));
    expect(text).toContain('LoginRefusedError');
    for (const secret of [...login.jwt.split('.').filter((part) => part !== ''), env.vault.token]) {
      expect(text).not.toContain(secret);
    }
  },
);

test('a request that is refused shows neither its body nor the root token', async () => {
  const canary = 'canary-in-a-request-body';
  const error = await env.vault.request('POST', 'sys/nothing/here', { password: canary }).catch((e: unknown) => e);
  expect(error).toMatchObject({ code: 'request_refused' });
  expect(everythingOf(error)).not.toContain(canary);
  expect(everythingOf(error)).not.toContain(env.vault.token);
});

test('the end of the log has no root token and no unseal key', async () => {
  const tail = await vi.waitFor(async () => {
    const text = await env.vault.logTail(1_000);
    // A dev server says this a moment after it is ready.
    expect(text).toMatch(/^Unseal Key: /m);
    return text;
  }, 5_000);
  expect(tail).not.toContain(env.vault.token);
  expect(tail).toMatch(/^Unseal Key: \(struck out\)$/m);
  expect(tail).toMatch(/^Root Token: \(struck out\)$/m);
});
