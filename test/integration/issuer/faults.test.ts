import { type Environment, LoginRefusedError, startEnvironment } from 'vaultproof';
import { generateSigningKey, type Issuer, type Publication } from 'vaultproof/issuer';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type ConsulAcl, consulAcl, mountConsulJwt } from '../../support/consul-jwt.js';
import { runOn } from '../../support/engines.js';
import { type FaultOutcome, faultOutcomes, type Outcome } from './faults-outcomes.js';

const claims = { sub: 'vishpat', aud: 'damage_inc' };
let env: Environment;
let acl: ConsulAcl;
let count = 0;

beforeAll(async () => {
  // Discovery has the issuer's own URL, which no container reaches.
  env = await startEnvironment({ vault: runOn('process', 'vault'), consul: runOn('process', 'consul') });
  acl = consulAcl(env.consul);
});
afterAll(async () => {
  acl?.close();
  await env?.stop();
});

/** One of the two servers: whatever it answers is the words of its refusal, or `ok`. */
interface Server {
  configure(name: string, document: FaultOutcome['document'], issuer: Issuer): Promise<string>;
  login(name: string, jwt: string): Promise<string>;
}

const servers: Readonly<Record<'vault' | 'consul', Server>> = {
  vault: {
    configure: async (name, document, issuer) => {
      const { vault } = env;
      const url =
        document === 'jwks' ? { jwks_url: env.issuer.jwksUrlFor(vault, issuer) } : { oidc_discovery_url: issuer.url };
      await vault.request('POST', `sys/auth/${name}`, { type: 'jwt' });
      const answer = await vault.request('POST', `auth/${name}/config`, url).then(() => 'ok', messageOf);
      const role = { role_type: 'jwt', user_claim: 'sub', bound_audiences: ['damage_inc'] };
      await vault.request('POST', `auth/${name}/role/reader`, role);
      return answer;
    },
    login: (name, jwt) =>
      env.vault.login({ jwt, mount: name, role: 'reader' }).then(
        () => 'ok',
        (error: unknown) => (error instanceof LoginRefusedError ? error.code : messageOf(error)),
      ),
  },
  consul: {
    configure: (name, document, issuer) => {
      const url =
        document === 'jwks' ? { JWKSURL: env.issuer.jwksUrlFor(env.consul, issuer) } : { OIDCDiscoveryURL: issuer.url };
      const config = { ...url, JWTSupportedAlgs: ['ES256'], BoundAudiences: ['damage_inc'] };
      return mountConsulJwt(acl, name, 'vishpat', config).then(() => 'ok', messageOf);
    },
    login: async (name, jwt) => {
      const answer = await acl.login(name, jwt);
      return 'message' in answer ? answer.message : 'ok';
    },
  },
};

function messageOf(error: unknown): string {
  if (error instanceof Error) return error.message;
  throw error;
}

function matching(outcome: Outcome): unknown {
  return typeof outcome === 'string' ? outcome : expect.stringMatching(outcome);
}

async function publish(): Promise<{ name: string; issuer: Issuer & Publication }> {
  count += 1;
  const name = `issuer-${count}`;
  return { name, issuer: await env.issuer.addIssuer(`/${name}`) };
}

describe.concurrent.each(faultOutcomes)('vault, under the fault "$fault" of $document', (row) => {
  outcomesOf('vault', row);
});

// One after the other: in Consul the write of one method disturbs the others, see below.
describe.each(faultOutcomes)('consul, under the fault "$fault" of $document', (row) => {
  outcomesOf('consul', row);
});

function outcomesOf(server: 'vault' | 'consul', { document, fault, ...outcomes }: FaultOutcome): void {
  const [write, cold, known, unknown] = outcomes[server];
  const { configure, login } = servers[server];
  const begin = ({ faults }: Publication): void => {
    if (fault !== 'none') faults.set(document, fault);
  };

  test('writes its configuration, or does not', async () => {
    const { name, issuer } = await publish();
    begin(issuer);
    expect(await configure(name, document, issuer)).toEqual(matching(write));
  });

  test('lets tokens in, or does not, and does again once the fault is over', async () => {
    const { name, issuer } = await publish();
    expect(await configure(name, document, issuer)).toBe('ok');
    const key = issuer.keys.active();
    begin(issuer);
    expect(await login(name, await issuer.sign(claims))).toEqual(matching(cold));
    issuer.faults.clear();
    expect(await login(name, await issuer.sign(claims))).toBe('ok');
    begin(issuer);
    expect(await login(name, await issuer.sign(claims, { key }))).toEqual(matching(known));
    const next = await generateSigningKey();
    issuer.keys.add(next);
    expect(await login(name, await issuer.sign(claims, { key: next }))).toEqual(matching(unknown));
    issuer.faults.clear();
    expect(await login(name, await issuer.sign(claims, { key: next }))).toBe('ok');
  });
}

describe.each([
  ['vault', 'jwks', 'ok'],
  ['vault', 'discovery', 'ok'],
  ['consul', 'jwks', /could not be initialized: error checking JWKSURL/],
  ['consul', 'discovery', /could not be initialized: error checking OIDCDiscoveryURL/],
] as const)('%s, whose %s can no longer be had', (server, document, outcome) => {
  test(`${outcome === 'ok' ? 'lets in' : 'refuses'} a known key after another method was written`, async () => {
    const { configure, login } = servers[server];
    const [{ name, issuer }, other] = [await publish(), await publish()];
    await configure(name, document, issuer);
    expect(await login(name, await issuer.sign(claims))).toBe('ok');
    issuer.faults.set(document, 'server-error');
    expect(await login(name, await issuer.sign(claims))).toBe('ok');
    await configure(other.name, document, other.issuer);
    expect(await login(name, await issuer.sign(claims))).toEqual(matching(outcome));
  });
});

describe.each(['vault', 'consul'] as const)('%s fetches the key set', (server) => {
  test('once for the first login, not for a key that it knows, and once for each unknown one', async () => {
    const { configure, login } = servers[server];
    const { name, issuer } = await publish();
    await configure(name, 'jwks', issuer);
    const fetchedFor = async (jwt: string): Promise<number> => {
      const before = issuer.fetches.jwks;
      expect(await login(name, jwt)).toBe('ok');
      return issuer.fetches.jwks - before;
    };
    expect(await fetchedFor(await issuer.sign(claims))).toBe(1);
    expect(await fetchedFor(await issuer.sign(claims))).toBe(0);
    const next = await generateSigningKey();
    issuer.keys.add(next);
    expect(await fetchedFor(await issuer.sign(claims, { key: next }))).toBe(1);
    expect(await fetchedFor(await issuer.sign(claims, { key: next }))).toBe(0);
  });
});
