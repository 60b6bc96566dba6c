import { execa } from 'execa';
import { type Environment, startEnvironment } from 'vaultproof';
import { keyShapes } from 'vaultproof/issuer/keys';
import { afterAll, beforeAll, beforeEach, describe, expect, onTestFinished, test } from 'vitest';
import { type ConsulAcl, consulAcl, mountConsulJwt } from '../../../support/consul-jwt.js';
import { mountJwt } from '../../../support/jwt-mount.js';
import { requiresOfVault } from '../../../support/vault-of-tests.js';

const vishpat = { sub: 'vishpat', aud: 'damage_inc' };

/** Whether a token logs in. */
type LogIn = (jwt: string) => Promise<boolean>;

/** A login at each server, mounted afresh so that nothing is cached. */
const servers: readonly [string, () => Promise<LogIn>][] = [
  [
    'Vault',
    async () => {
      const mount = `jwt-${count}`;
      const role = await (await mountJwt(env, mount))({});
      return (jwt) =>
        env.vault.login({ jwt, role, mount }).then(
          () => true,
          () => false,
        );
    },
  ],
  [
    'Consul',
    async () => {
      const method = `jwt-${count}`;
      await mountConsulJwt(acl, method, 'vishpat', {
        JWKSURL: env.issuer.jwksUrlFor(env.consul),
        BoundAudiences: ['damage_inc'],
      });
      return async (jwt) => (await acl.login(method, jwt)).status === 200;
    },
  ],
];

let env: Environment;
let acl: ConsulAcl;
let count = 0;

beforeAll(async () => {
  env = await startEnvironment({ vault: true, consul: true });
  acl = consulAcl(env.consul);
});
afterAll(async () => {
  acl?.close();
  await env?.stop();
});
beforeEach(() => {
  count += 1;
});

describe.each(servers)('at %s', (_name, mount) => {
  test('no login fails across a rotation: before, between publication and activation, in the overlap, after', async () => {
    const { issuer } = env;
    const logIn = await mount();
    const old = issuer.keys.active();
    const outcomes: boolean[] = [];
    // The servers' clocks are not moved along.
    const sign = (options = {}): Promise<string> =>
      issuer.sign({ ...vishpat, iat: Math.floor(Date.now() / 1000) }, options);
    const tryBoth = async (): Promise<void> => {
      outcomes.push(await logIn(await sign()));
      if (issuer.keys.published().includes(old)) outcomes.push(await logIn(await sign({ key: old })));
    };
    let rotating = true;
    const meanwhile = (async () => {
      while (rotating) outcomes.push(await logIn(await sign()));
    })();
    // A loop that goes on when the server has stopped would never let the worker do anything else.
    onTestFinished(() => {
      rotating = false;
    });
    const next = await issuer.keys.rotate({ leadSeconds: 600, overlapSeconds: 1_200 });
    issuer.clock.advance(500);
    await tryBoth();
    expect(issuer.keys.active()).toBe(old);
    issuer.clock.advance(100);
    await tryBoth();
    expect(issuer.keys.active()).toBe(next);
    issuer.clock.advance(1_200);
    expect(issuer.keys.published()).not.toContain(old);
    await tryBoth();
    rotating = false;
    await meanwhile;
    issuer.clock.reset();
    issuer.keys.retire(old.kid, 0);
    issuer.keys.activate(next.kid, 0);
    expect(outcomes.length).toBeGreaterThan(5);
    expect(outcomes.filter((outcome) => !outcome)).toEqual([]);
  });

  test('a key that was retired logs in until an unknown kid forces a refetch, and never again', async () => {
    const { issuer } = env;
    const logIn = await mount();
    const old = issuer.keys.active();
    const oldToken = await issuer.sign(vishpat);
    expect(await logIn(oldToken)).toBe(true);

    await issuer.keys.rotate({ overlapSeconds: 0 });
    expect(issuer.keys.published()).not.toContain(old);
    expect(await logIn(oldToken)).toBe(true);

    expect(await logIn(await issuer.sign(vishpat))).toBe(true);
    expect(await logIn(oldToken)).toBe(false);
    expect(await logIn(await issuer.sign(vishpat, { key: old }))).toBe(false);
    expect(await logIn(await issuer.sign(vishpat))).toBe(true);
  });
});

describe('the shapes of public keys', () => {
  test('are taken by Vault, and the key logs in without a key set', async () => {
    const { vault } = keyShapes([env.issuer.keys.active()]);
    await env.vault.request('POST', 'sys/auth/static', { type: 'jwt' });
    await env.vault.request('POST', 'auth/static/config', vault);
    const { data } = await env.vault.request('GET', 'auth/static/config');
    expect(data).toMatchObject(vault);
    await env.vault.request('POST', 'auth/static/role/reader', {
      role_type: 'jwt',
      user_claim: 'sub',
      bound_audiences: ['damage_inc'],
    });
    const jwt = await env.issuer.sign(vishpat);
    expect(await env.vault.login({ jwt, role: 'reader', mount: 'static' })).toMatchObject({ role: 'reader' });
  });

  test('are taken by the vault and consul commands as they are printed', async (context) => {
    const { vault, consul } = env;
    if (vault.binFolder === undefined || consul.binFolder === undefined)
      context.skip('the engine has no executables here');
    requiresOfVault('command/vault')(context);
    const { vaultCli, consulCli, vault: fields } = keyShapes(env.issuer.keys.published());
    await vault.request('POST', 'sys/auth/jwt', { type: 'jwt' });
    const variables = {
      PATH: `${vault.binFolder}:${consul.binFolder}:${process.env['PATH']}`,
      VAULT_ADDR: vault.address,
      VAULT_TOKEN: vault.token,
      CONSUL_HTTP_ADDR: consul.address,
      CONSUL_HTTP_TOKEN: consul.token,
    };
    await execa('bash', ['-c', vaultCli], { env: variables });
    expect((await vault.request('GET', 'auth/jwt/config'))['data']).toMatchObject(fields);
    const { stdout } = await execa('bash', ['-c', consulCli], { env: variables });
    expect(stdout).toContain('JWTValidationPubKeys');
  });

  test.each(['ES256', 'EdDSA'] as const)('are taken by Consul, too, for %s', async (alg) => {
    const { keys } = env.issuer;
    const key = alg === 'EdDSA' ? await keys.rotate({ alg }) : keys.active(alg);
    const method = `static-${alg.toLowerCase()}`;
    const config = { ...keyShapes([key]).consul, BoundAudiences: ['damage_inc'] };
    await mountConsulJwt(acl, method, 'vishpat', config);
    const jwt = await env.issuer.sign(vishpat, { key });
    expect(await acl.login(method, jwt)).toMatchObject({ status: 200 });
  });
});
