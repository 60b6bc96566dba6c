import { type Environment, startEnvironment } from 'vaultproof';
import { generateSigningKey, type StartedIssuer, startIssuer } from 'vaultproof/issuer';
import { generateTlsIdentity } from 'vaultproof/issuer/tls';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type ConsulAcl, consulAcl } from '../../support/consul-jwt.js';
import { runOn } from '../../support/engines.js';
import { ofProduct } from '../../support/vault-of-tests.js';
import { type FaultedServers, faultedServers, matching } from './faulted-servers.js';
import { tlsFaultOutcomes } from './tls-fault-outcomes.js';

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

const rows = (['jwks', 'discovery'] as const).flatMap((document) =>
  tlsFaultOutcomes.map((outcome) => ({ document, ...outcome })),
);

describe.concurrent.each(rows)(`${product}, under the TLS fault "$fault", with $document`, (row) => {
  outcomesOf('vault', row);
});

// One after the other: in Consul the write of one method empties the caches of the others.
describe.each(rows)('consul, under the TLS fault "$fault", with $document', (row) => {
  outcomesOf('consul', row);
});

function outcomesOf(server: 'vault' | 'consul', { document, fault, ...outcomes }: (typeof rows)[number]): void {
  const [write, cold, known, unknown] = outcomes[server];
  const start = async () => {
    const issuer = await startIssuer({ tls: await generateTlsIdentity() });
    const url = document === 'jwks' ? issuer.jwksUrl : issuer.url;
    count += 1;
    const name = `tls-${count}`;
    return {
      issuer,
      configure: () => servers[server].configure(name, { document, url, ca: issuer.caPem }),
      login: (jwt: string) => servers[server].login(name, jwt),
    };
  };
  const begin = ({ tlsFaults }: StartedIssuer): void => {
    if (fault !== 'none') tlsFaults.set(fault);
  };

  test('the server accepts its configuration or refuses it, as the table says', async () => {
    const { issuer, configure } = await start();
    await using _stopped = issuer;
    begin(issuer);
    const answer = await configure();
    expect(answer).toEqual(matching(write));
    const added = document === 'discovery' && server === 'vault' ? outcomes.cause : undefined;
    // Vault's answer lacks the cause, and the error has it of Vault's log.
    if (added) expect(answer).toMatch(added);
  });

  test('tokens are let in or refused as the table says, and let in again once the fault is over', async () => {
    const { issuer, configure, login } = await start();
    await using _stopped = issuer;
    expect(await configure()).toBe('ok');
    const key = issuer.keys.active();
    begin(issuer);
    expect(await login(await issuer.sign(claims))).toEqual(matching(cold));
    issuer.tlsFaults.clear();
    expect(await login(await issuer.sign(claims))).toBe('ok');
    begin(issuer);
    expect(await login(await issuer.sign(claims, { key }))).toEqual(matching(known));
    const next = await generateSigningKey();
    issuer.keys.add(next);
    expect(await login(await issuer.sign(claims, { key: next }))).toEqual(matching(unknown));
    issuer.tlsFaults.clear();
    expect(await login(await issuer.sign(claims, { key: next }))).toBe('ok');
  });
}
