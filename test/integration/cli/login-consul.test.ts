import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vaultproof/vitest';
import { cli } from '../../support/cli.js';
import { cliInProcess } from '../../support/cli-in-process.js';
import { consulAcl, mountConsulJwt } from '../../support/consul-jwt.js';
import { temporaryFolder } from '../../support/temporary-folder.js';

test.override({ services: { vault: false, consul: true } });

test('login --consul says who got in, explains who did not, prints no token and leaves none', async ({ env }) => {
  const { issuer, consul } = env;
  const acl = consulAcl(consul);
  await mountConsulJwt(acl, 'ci', 'vishpat', { JWKSURL: issuer.jwksUrlFor(consul), BoundAudiences: ['damage_inc'] });
  acl.close();
  const tokenFile = join(await temporaryFolder(), 'token');
  await writeFile(tokenFile, `${consul.token}\n`);
  const before = await consul.request('GET', 'acl/tokens');

  const good = await issuer.sign({ sub: 'vishpat', aud: 'damage_inc' });
  const to = ['login', '--consul', '--method', 'ci'];
  const welcome = await cli([...to, '--jwt', '-', '--json'], {
    // As Consul's own command takes it.
    env: { CONSUL_HTTP_ADDR: consul.address.replace('http://', '') },
    input: good,
  });
  expect(JSON.parse(welcome.stdout)).toEqual({
    found: 'ok',
    accessorId: expect.stringMatching(/^[0-9a-f-]{36}$/),
    authMethod: 'ci',
    description: 'token created via login',
    policies: ['ci-reader'],
    roles: [],
    serviceIdentities: [],
    nodeIdentities: [],
    templatedPolicies: [],
    expirationTime: expect.stringMatching(/^20.*Z$/),
  });
  expect(welcome.exitCode).toBe(0);

  const human = await cliInProcess([...to, '--jwt', good, '--address', consul.address]);
  expect(human.stdout).toMatch(/^in, by "ci" with policy ci-reader until 20\S+Z$/);

  const bad = await issuer.sign({ sub: 'mallory', aud: 'damage_inc' });
  const refused = await cliInProcess([
    ...to,
    '--jwt',
    bad,
    '--json',
    '--address',
    consul.address,
    '--token-file',
    tokenFile,
  ]);
  expect(JSON.parse(refused.stdout)).toMatchObject({
    found: 'no_binding_rule_matched',
    details: { rules: [{ selector: 'value.sub == "vishpat"', values: { 'value.sub': 'mallory' }, matched: false }] },
    status: 403,
  });
  expect(refused.exitCode).toBe(1);

  const blind = await cliInProcess([...to, '--jwt', bad, '--address', consul.address]);
  expect(blind.stderr).toContain('login refused: no_binding_rule_matched; the server said: Permission denied');
  expect(blind.stderr).toContain('to see what was expected and what each binding rule saw');
  const seeing = await cliInProcess([...to, '--jwt', bad, '--address', consul.address, '--token-file', tokenFile]);
  expect(seeing.stderr).toContain('value.sub == "vishpat" saw value.sub "mallory", which does not match');
  expect(seeing.stderr).not.toContain('--token-file');
  const printed = [welcome, human, refused, blind, seeing].map(({ stdout, stderr }) => stdout + stderr).join('');
  expect(printed).not.toContain('eyJ');
  expect(printed).not.toContain(consul.token);
  expect(await consul.request('GET', 'acl/tokens')).toEqual(before);
});

test('what --meta says, each time, is in the description of the token', async ({ env }) => {
  const { issuer, consul } = env;
  const acl = consulAcl(consul);
  await mountConsulJwt(acl, 'ci', 'vishpat', { JWKSURL: issuer.jwksUrlFor(consul), BoundAudiences: ['damage_inc'] });
  acl.close();
  const jwt = await issuer.sign({ sub: 'vishpat', aud: 'damage_inc' });
  const meta = ['--meta', 'pod=pod1', '--meta=url=https://ci.example/?job=1'];
  const { stdout } = await cliInProcess([
    'login',
    '--consul',
    '--method',
    'ci',
    '--jwt',
    jwt,
    ...meta,
    '--json',
    '--address',
    consul.address,
  ]);
  expect(JSON.parse(stdout)).toMatchObject({
    description: 'token created via login: {"pod":"pod1","url":"https://ci.example/?job=1"}',
  });
});

test.each([
  [['--meta', 'pod=pod1'], '--meta is for Consul'],
  [['--consul', '--method', 'ci', '--meta', 'pod'], '--meta takes KEY=VALUE, not "pod"'],
  [['--consul', '--method', 'ci', '--meta', '=pod'], '--meta takes KEY=VALUE, not "=pod"'],
  [['--consul'], 'no auth method: give --method'],
  [['--consul', '--method', 'ci'], 'no address: give --address, or set CONSUL_HTTP_ADDR'],
  [['--method', 'ci'], '--method is for Consul'],
  [['--consul', '--method', 'ci', '--role', 'reader'], '--role and --mount are for Vault'],
  [['--consul', '--method', 'ci', '--mount', 'jwt'], '--role and --mount are for Vault'],
])('login %j is wrong use', async (args, message) => {
  const env = { VAULT_ADDR: 'http://127.0.0.1:1', CONSUL_HTTP_ADDR: undefined };
  const { stderr, exitCode } = await cliInProcess(['login', '--jwt', 'x', ...args], { env });
  expect(stderr).toContain(message);
  expect(exitCode).toBe(2);
});

test('a consul that does not answer is no refusal of the token', async () => {
  const args = ['login', '--consul', '--method', 'ci', '--jwt', 'x', '--json', '--address', 'http://127.0.0.1:1'];
  const { stdout, exitCode } = await cliInProcess(args);
  expect(JSON.parse(stdout)).toMatchObject({ error: { code: 'request_failed' } });
  expect(exitCode).toBe(3);
});
