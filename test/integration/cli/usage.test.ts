import { describe, expect, test } from 'vitest';
import { cli } from '../../support/cli.js';

describe('wrong use', () => {
  test.each([
    { args: [], says: 'no command given' },
    { args: ['frobnicate'], says: 'unknown command "frobnicate"' },
    { args: ['constructor'], says: 'unknown command "constructor"' },
    { args: ['demo', '--jsno'], says: "Unknown option '--jsno'" },
    { args: ['demo', 'extra'], says: "Unexpected argument 'extra'" },
    { args: ['login'], says: 'Missing required argument: --jwt' },
    { args: ['login', '--jwt', 'x', '--address', 'nowhere'], says: '"nowhere" is not a server' },
    { args: ['engines', 'install', 'nomad'], says: 'unknown product "nomad"' },
    { args: ['engines', 'install', 'vault', 'extra'], says: 'unexpected argument "extra"' },
    { args: ['demo', '--audit-log', '/nonexistent/x'], says: '"/nonexistent/x" can' },
    { args: ['engines', 'remove', 'vault'], says: 'unknown action "remove"' },
    { args: ['engines', 'install', 'vault', '--version', 'new'], says: '"new" is not a version' },
  ])('of $args prints the usage and "$says" on standard error and ends with 2', async ({ args, says }) => {
    const { stdout, stderr, exitCode } = await cli(args);
    expect(stderr).toContain(says);
    expect(stderr).toContain('USAGE');
    expect(stdout).toBe('');
    expect(exitCode).toBe(2);
  });

  test('of VAULTPROOF_ENGINE names the values that it takes', async () => {
    const { stderr, exitCode } = await cli(['demo'], { env: { VAULTPROOF_ENGINE: 'podman' } });
    expect(stderr).toContain('VAULTPROOF_ENGINE must be "docker" or "process", not "podman"');
    expect(exitCode).toBe(2);
  });
});

test.each([['--help'], ['demo', '--help'], ['up', '-h'], ['engines', '--help']])(
  '%s %s prints the usage on standard output',
  async (...args) => {
    const { stdout, exitCode } = await cli(args);
    expect(stdout).toContain('USAGE');
    expect(stdout).not.toContain('\u001b[');
    expect(exitCode).toBe(0);
  },
);

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
  expect(missing.exitCode).toBe(3);
});
