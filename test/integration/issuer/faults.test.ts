import { type Environment, startEnvironment } from 'vaultproof';
import { generateSigningKey, type Issuer, type Publication } from 'vaultproof/issuer';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type ConsulAcl, consulAcl } from '../../support/consul-jwt.js';
import { runOn } from '../../support/engines.js';
import { ofProduct } from '../../support/vault-of-tests.js';
import { type FaultedServers, faultedServers, matching, type Trust } from './faulted-servers.js';
import { type FaultOutcome, faultOutcomes } from './faults-outcomes.js';

const claims = { sub: 'vishpat', aud: 'damage_inc' };
const product = ofProduct({ vault: 'vault', openbao: 'openbao' } as const);
let env: Environment;
let acl: ConsulAcl;
let servers: FaultedServers;
let count = 0;

beforeAll(async () => {
  // Discovery has the issuer's own URL, which no container reaches.
  env = await startEnvironment({ vault: runOn('process', 'vault'), consul: runOn('process', 'consul') });
  acl = consulAcl(env.consul);
  servers = faultedServers(env, acl);
});
afterAll(async () => {
  acl?.close();
  await env?.stop();
});

function trust(server: keyof FaultedServers, document: FaultOutcome['document'], issuer: Issuer): Trust {
  return { document, url: document === 'jwks' ? env.issuer.jwksUrlFor(env[server], issuer) : issuer.url };
}

async function publish(): Promise<{ name: string; issuer: Issuer & Publication }> {
  count += 1;
  const name = `issuer-${count}`;
  return { name, issuer: await env.issuer.addIssuer(`/${name}`) };
}

describe.concurrent.each(faultOutcomes)(`${product}, under the fault "$fault" of $document`, (row) => {
  outcomesOf('vault', row);
});

// One after the other: in Consul the write of one method disturbs the others, see below.
describe.each(faultOutcomes)('consul, under the fault "$fault" of $document', (row) => {
  outcomesOf('consul', row);
});

function outcomesOf(server: 'vault' | 'consul', { document, fault, ...outcomes }: FaultOutcome): void {
  const [write, cold, known, unknown] = (server === 'vault' ? outcomes[product] : undefined) ?? outcomes[server];
  const begin = ({ faults }: Publication): void => {
    if (fault !== 'none') faults.set(document, fault);
  };

  test('the server accepts its configuration or refuses it, as the table says', async () => {
    const { configure } = servers[server];
    const { name, issuer } = await publish();
    begin(issuer);
    expect(await configure(name, trust(server, document, issuer))).toEqual(matching(write));
  });

  test('tokens are let in or refused as the table says, and let in again once the fault is over', async () => {
    const { configure, login } = servers[server];
    const { name, issuer } = await publish();
    expect(await configure(name, trust(server, document, issuer))).toBe('ok');
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
    await configure(name, trust(server, document, issuer));
    expect(await login(name, await issuer.sign(claims))).toBe('ok');
    issuer.faults.set(document, 'server-error');
    expect(await login(name, await issuer.sign(claims))).toBe('ok');
    await configure(other.name, trust(server, document, other.issuer));
    expect(await login(name, await issuer.sign(claims))).toEqual(matching(outcome));
  });
});

describe.each(['vault', 'consul'] as const)('%s fetches the key set', (server) => {
  test('once for the first login, not for a key that it knows, and once for each unknown one', async () => {
    const { configure, login } = servers[server];
    const { name, issuer } = await publish();
    await configure(name, trust(server, 'jwks', issuer));
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
