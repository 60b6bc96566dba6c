import { inspect } from 'node:util';
import type { Environment } from 'vaultproof';
import { generateSigningKey } from 'vaultproof/issuer';
import { expect, test } from 'vaultproof/vitest';
import { beforeAll } from 'vitest';
import { consulAcl, mountConsulJwt } from '../../support/consul-jwt.js';

test.override({ fileServices: { vault: false, consul: true } });

let env: Environment;
test.beforeAll(({ fileEnv }) => {
  env = fileEnv;
});
const vishpat = { sub: 'vishpat', aud: 'damage_inc' };

beforeAll(async () => {
  const acl = consulAcl(env.consul);
  const config = { JWKSURL: env.issuer.jwksUrlFor(env.consul), BoundAudiences: ['damage_inc'] };
  await mountConsulJwt(acl, 'jwt', 'vishpat', config);
  await mountConsulJwt(acl, 'mapped', 'vishpat', { ...config, ClaimMappings: { sub: 'sub', team: 'team' } });
  await acl.put('/v1/acl/binding-rule', { AuthMethod: 'mapped', BindType: 'service', BindName: `\${value.team}` });
  acl.close();
});

/** All that a log could get hold of. */
function everythingOf(error: unknown): string {
  const { message, stack } = error as Error;
  return [message, stack, JSON.stringify(error), inspect(error, { depth: 20, showHidden: true })].join('\n');
}

async function failureOf(request: Promise<unknown>): Promise<unknown> {
  return request.then(
    () => expect.unreachable('it was let in'),
    (error: unknown) => error,
  );
}

const logins: Readonly<Record<string, () => Promise<{ jwt: string; method: string }>>> = {
  'at no auth method': async () => ({ jwt: await env.issuer.sign(vishpat), method: 'nowhere' }),
  'with an unknown key': async () => ({
    jwt: await env.issuer.sign(vishpat, { key: await generateSigningKey() }),
    method: 'jwt',
  }),
  'with another audience': async () => ({ jwt: await env.issuer.sign({ ...vishpat, aud: 'x' }), method: 'jwt' }),
  'that no rule binds': async () => ({ jwt: await env.issuer.sign({ ...vishpat, sub: 'mallory' }), method: 'jwt' }),
  'that makes a bad name': async () => ({ jwt: await env.issuer.sign({ ...vishpat, team: 'A B' }), method: 'mapped' }),
  'with a claim that is an object': async () => ({
    jwt: await env.issuer.sign({ ...vishpat, team: {} }),
    method: 'mapped',
  }),
  'with a fourth part': async () => ({ jwt: `${await env.issuer.sign(vishpat)}.`, method: 'jwt' }),
};

test.each(Object.keys(logins))(
  'a login %s is refused without a word of its token or of the management token',
  async (name) => {
    const login = await logins[name]?.();
    if (login === undefined) throw new Error(`no login "${name}"`);
    const text = everythingOf(await failureOf(env.consul.login(login)));
    expect(text).toContain('LoginRefusedError');
    for (const secret of [...login.jwt.split('.').filter((part) => part !== ''), env.consul.token]) {
      expect(text).not.toContain(secret);
    }
  },
);

test('a request of a session that is refused shows neither its token nor its body', async () => {
  const canary = 'canary-in-a-request-body';
  const session = await env.consul.login({ jwt: await env.issuer.sign(vishpat), method: 'jwt' });
  const errors = [
    await failureOf(session.kv.write('other/key', canary)),
    await failureOf(session.request('PUT', 'acl/policy', { Name: canary })),
  ];
  await session.logout();
  errors.push(await failureOf(session.kv.read('app/key')));
  for (const text of errors.map(everythingOf)) {
    expect(text).toContain('permission_denied');
    expect(text).not.toContain(canary);
    expect(text).not.toContain(session.token);
    expect(text).not.toContain(env.consul.token);
  }
  expect(await env.consul.logTail(1_000)).not.toContain(session.token);
});
