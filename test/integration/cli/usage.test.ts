import { describe, expect, test, vi } from 'vitest';
import { commands } from '../../../cli/commands.js';
import { cli, cliOnTerminal } from '../../support/cli.js';
import { cliInProcess } from '../../support/cli-in-process.js';

describe('wrong use', () => {
  test.each([
    { args: ['frobnicate'], says: 'unknown command "frobnicate"' },
    { args: ['constructor'], says: 'unknown command "constructor"' },
    { args: ['demo', '--jsno'], says: 'unknown option "--jsno": did you mean "--json"?', command: 'demo' },
    { args: ['demo', 'extra'], says: 'unexpected argument "extra"', command: 'demo' },
    { args: ['login'], says: 'Missing required argument: --jwt', command: 'login' },
    { args: ['login', '--jwt', 'x', '--address', 'nowhere'], says: '"nowhere" is not a server', command: 'login' },
    { args: ['engines', 'install', 'nomad'], says: 'unknown product "nomad"', command: 'engines install' },
    { args: ['engines', 'install', 'vault', 'extra'], says: 'unexpected argument "extra"', command: 'engines install' },
    { args: ['demo', '--audit-log', '/nonexistent/x'], says: '"/nonexistent/x" can', command: 'demo' },
    { args: ['engines', 'remove', 'vault'], says: 'unknown action "remove"', command: 'engines' },
    {
      args: ['engines', 'install', 'vault', '--version', 'new'],
      says: '"new" is not a version',
      command: 'engines install',
    },
    { args: ['lint'], says: 'Missing required positional argument: FILE', command: 'lint' },
    { args: ['parity'], says: 'Missing required positional argument: ENTRY', command: 'parity' },
    { args: ['parity', '/nonexistent/x'], says: 'there is no "/nonexistent/x"', command: 'parity' },
    { args: ['add', 'nothing'], says: 'unknown stack "nothing"', command: 'add' },
    { args: ['key', 'forge'], says: 'unknown action "forge"', command: 'key' },
    { args: ['users', 'forget'], says: 'unknown action "forget"', command: 'users' },
    { args: ['token', '--jsno'], says: 'unknown option "--jsno"', command: 'token' },
    { args: ['dem'], says: 'unknown command "dem": did you mean "demo"?' },
    { args: ['key'], says: '"key" needs an action: generate', command: 'key' },
    { args: ['key', 'generat'], says: 'did you mean "generate"?', command: 'key' },
    { args: ['key', 'generate', '--as', 'x'], says: 'unknown option "--as"', command: 'key generate' },
    { args: ['token', '--expires-in', '-5'], says: '"--expires-in=-5"', command: 'token' },
    { args: ['up', 'bash', '-l'], says: 'unknown option "-l"', command: 'up' },
    {
      args: ['up', 'bash'],
      says: 'there is no "bash"; to run it inside, write "vaultproof up -- bash"',
      command: 'up',
    },
    { args: ['add', 'vault-jwt', '--preset', 'gihub-actions'], says: 'did you mean "github-actions"?', command: 'add' },
    { args: ['verify'], says: 'give one of --jwks', command: 'verify' },
    { args: ['issuer', '--port', 'x'], says: '"x"', command: 'issuer' },
    { args: ['up', '--jsno'], says: 'unknown option "--jsno"', command: 'up' },
    { args: ['doctor', 'extra'], says: 'unexpected argument "extra"', command: 'doctor' },
  ])('of $args says "$says" first, then where to read on, and ends with 2', async ({ args, says, command }) => {
    const { stdout, stderr, exitCode } = await cliInProcess(args);
    const [first, ...rest] = stderr.split('\n');
    expect(first).toContain(says);
    expect(rest).toEqual([`see "vaultproof${command === undefined ? '' : ` ${command}`} --help"`]);
    expect(stdout).toBe('');
    expect(exitCode).toBe(2);
  });

  test('of VAULTPROOF_ENGINE names the values that it takes', async () => {
    const { stderr, exitCode } = await cli(['demo'], { env: { VAULTPROOF_ENGINE: 'podman' } });
    expect(stderr).toContain('VAULTPROOF_ENGINE must be "docker" or "process", not "podman"');
    expect(exitCode).toBe(2);
  });
});

test.each([
  ['--help'],
  ['help'],
  ['demo', '--help'],
  ['up', '-h'],
  ['help', 'lint'],
  ['key', '--help'],
  ['key', 'show', '--help'],
])('%s %s prints the usage on standard output', async (...args) => {
  const { stdout, exitCode } = await cliInProcess(args);
  expect(stdout).toContain('USAGE');
  expect(stdout).toContain('EXAMPLES');
  expect(stdout).not.toContain('\u001b[');
  expect(exitCode).toBe(0);
});

test('the usage of every command and action has a description, and an example of that command', async () => {
  const { stdout } = await cli(['--help']);
  const names = [...stdout.matchAll(/^ {2}([a-z]+) {2,}\S/gm)].map(([, name = '']) => name);
  expect(names).toEqual(Object.keys(commands));
  for (const name of names) {
    const usage = (await cli([name, '--help'])).stdout;
    expect(usage).toMatch(/^[A-Z].*\.\n/);
    expect(usage).toMatch(new RegExp(`^EXAMPLES\\n.*vaultproof ${name}\\b`, 'ms'));
  }
});

test('a terminal gets colours, unless NO_COLOR is set', async () => {
  const help = ['doctor'];
  expect((await cliOnTerminal(help, '')).stdout).toContain('\u001b[32m');
  vi.stubEnv('NO_COLOR', '1');
  expect((await cliOnTerminal(help, '')).stdout).not.toContain('\u001b[');
  vi.unstubAllEnvs();
});

test('doctor says what will be used and why, and takes the path that is asked for', async () => {
  const { stdout, exitCode } = await cli(['doctor', '--json']);
  const { servers } = JSON.parse(stdout) as { servers: { product: string; willUse: { status: string } }[] };
  expect(servers.map(({ product, willUse }) => [product, willUse.status])).toEqual([
    ['vault', 'found'],
    ['consul', 'found'],
  ]);
  expect(exitCode).toBe(0);

  const missing = await cli(['doctor'], {
    env: { VAULTPROOF_VAULT_PATH: '/nonexistent/vault', VAULTPROOF_ENGINE: 'process' },
  });
  expect(missing.stdout).toContain('"/nonexistent/vault"');
  expect(missing.stdout).toMatch(/^ {2}with VAULTPROOF_VAULT_PRODUCT=openbao will use /m);
  expect(missing.stdout).toContain('openbao, supported from 2.6.1, tested on 2.7.2\n');
  expect(missing.exitCode).toBe(3);
});

test('without a command the help is printed, and the exit code is that of wrong use', async () => {
  const { stdout, exitCode } = await cli([]);
  expect(exitCode).toBe(2);
  expect(stdout).toBe((await cli(['--help'])).stdout);
});
