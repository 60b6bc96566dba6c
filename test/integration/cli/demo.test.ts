import { once } from 'node:events';
import { mkdir, readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { expect, test } from 'vitest';
import { cacheFolder } from '../../../harness/binaries/cache.js';
import { findExecutable } from '../../../harness/binaries/find.js';
import { withInstallLock } from '../../../harness/binaries/install.js';
import { defaultVersions } from '../../../harness/binaries/products.js';
import { cli } from '../../support/cli.js';
import { prepared } from '../../support/prepared.js';
import { startReleaseServer } from '../../support/release-server.js';
import { temporaryFolder } from '../../support/temporary-folder.js';
import { lackOfVault, requiresOfVault } from '../../support/vault-of-tests.js';
import { zipOf } from '../../unit/binaries/zip.js';

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;

interface DemoReport {
  readonly logins: readonly {
    readonly name: string;
    readonly expected: string;
    readonly found: string;
    readonly correlationId: string;
  }[];
  readonly consulLogins: readonly object[];
  readonly consulToken: object | null;
  readonly skipped: readonly object[];
  readonly vault: { readonly product: string; readonly version: string };
  readonly consul: object | null;
}

interface AuditEntry {
  readonly type: string;
  readonly auth?: { readonly client_token?: string };
  readonly response?: { readonly data?: { readonly error?: string } };
  readonly request?: {
    readonly path?: string;
    readonly headers?: Readonly<Record<string, readonly string[]>>;
  };
}

const logins = [
  ['vishpat', 'ok', 'ok'],
  ['wrong audience', 'audience_mismatch', 'audience_mismatch'],
  ['wrong subject', 'subject_mismatch', 'subject_mismatch'],
  ['wrong issuer', 'issuer_mismatch', 'issuer_mismatch'],
  ['expired token', 'token_expired', 'token_expired'],
  ['unknown key', 'unknown_key', 'unknown_key'],
  ['tampered payload', 'signature_invalid', 'signature_invalid'],
];

test('the demo lets one JWT in to both servers, refuses seven for the right reason, and vault’s audit log says the same', async () => {
  const auditLog = join(await temporaryFolder(), 'audit.jsonl');
  const { stdout, stderr, exitCode } = await cli(['demo', '--json', '--audit-log', auditLog]);
  expect(stderr).toContain('9 of 9 logins ended as they should');
  expect(exitCode).toBe(0);

  const report = JSON.parse(stdout) as DemoReport;
  expect(report.logins.map(({ name, expected, found }) => [name, expected, found])).toEqual(logins);
  expect(report.consulLogins).toEqual([
    { name: 'vishpat', expected: 'ok', found: 'ok' },
    { name: 'wrong subject', expected: 'no_binding_rule_matched', found: 'no_binding_rule_matched' },
  ]);
  const { product, version } = prepared().vault;
  expect(report.vault).toMatchObject({ product, version });
  if (lackOfVault('secret/consul') === undefined) {
    expect(report.skipped).toEqual([]);
    expect(report.consulToken).toEqual({
      path: 'consul/creds/vishpat',
      ttlSeconds: 900,
      expected: 'permission_denied',
      found: 'permission_denied',
    });
  } else {
    expect(report.skipped).toEqual([{ name: 'consul tokens from vault', reason: expect.stringContaining(version) }]);
    expect(report.consulToken).toBeNull();
  }
  for (const { correlationId } of report.logins) expect(correlationId).toMatch(UUID);

  const audit = await readFile(auditLog, 'utf8');
  const entries = audit
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as AuditEntry);
  const answers = entries.filter(({ type, request }) => type === 'response' && request?.path === 'auth/jwt/login');
  expect(answers.map(({ request }) => request?.headers?.['x-correlation-id']?.[0])).toEqual(
    report.logins.map(({ correlationId }) => correlationId),
  );
  const verdicts = answers.map(({ auth, response }) =>
    auth?.client_token ? 'token' : response?.data?.error ? 'error' : 'neither',
  );
  expect(verdicts).toEqual(['token', 'error', 'error', 'error', 'error', 'error', 'error']);
  expect(audit + stdout + stderr).not.toMatch(/eyJ[\w-]+\.[\w-]+\./);
});

/** The names of the steps that the demo printed. */
function stepsIn(text: string): string[] {
  return [...text.matchAll(/^((?!obtain)\w[\w ]*?) +\d+ m?s {2}/gm)].map(([, step = '']) => step);
}

test('the demo prints every step with its time for people, and docs/command-line.md has them all', async (context) => {
  requiresOfVault('secret/consul')(context);
  const { stdout, exitCode } = await cli(['demo']);
  expect(exitCode).toBe(0);
  expect(stepsIn(await readFile('docs/command-line.md', 'utf8'))).toEqual(stepsIn(stdout));
  expect(stepsIn(stdout)).toEqual([
    ...['start', 'apply', 'seed', 'log in', 'read', 'refuse', 'refuse', 'refuse', 'refuse', 'refuse', 'refuse'],
    ...['start', 'apply', 'seed', 'log in', 'read', 'refuse', 'lease', 'read', 'revoke'],
  ]);
  expect(stdout.trimEnd().endsWith('9 of 9 logins ended as they should')).toBe(true);
});

test('the demo with vault alone starts no consul, and says what it skipped', async () => {
  const { stdout, exitCode } = await cli(['demo', '--vault-only', '--json']);
  expect(exitCode).toBe(0);
  const report = JSON.parse(stdout) as DemoReport;
  expect(report.logins.map(({ name, expected, found }) => [name, expected, found])).toEqual(logins);
  const reason = '--vault-only was given';
  expect(report).toMatchObject({
    consul: null,
    consulLogins: [],
    consulToken: null,
    skipped: [
      { name: 'logins to consul', reason },
      { name: 'consul tokens from vault', reason },
    ],
  });
});

test("vault's part is done while another process installs consul, and the demo says how to go without it", async () => {
  const cacheDir = await temporaryFolder();
  const entry = cacheFolder(cacheDir, 'consul', defaultVersions.consul);
  await mkdir(dirname(entry), { recursive: true });
  const over = new AbortController();
  const begun = new AbortController();
  const lock = { what: `installing consul ${defaultVersions.consul}`, report: () => {}, signal: undefined };
  const other = withInstallLock(entry, lock, async () => {
    begun.abort();
    await once(over.signal, 'abort');
  });
  await once(begun.signal, 'abort');
  await using releases = await startReleaseServer();
  await releases.publish({ product: 'consul', version: defaultVersions.consul, archive: zipOf([]) });
  const vault = await findExecutable(prepared().vault.product);
  const env = {
    VAULTPROOF_CACHE_DIR: cacheDir,
    VAULTPROOF_VAULT_PATH: vault?.path,
    VAULTPROOF_RELEASES_URL: releases.url,
  };
  const running = cli(['demo'], {
    env: { ...env, VAULTPROOF_ENGINE: 'process', VAULTPROOF_CONSUL_PATH: undefined, PATH: dirname(process.execPath) },
  });
  const said: string[] = [];
  for await (const line of running.iterable({ from: 'all' })) {
    said.push(String(line));
    if (said.at(-1)?.includes('--vault-only')) break;
  }
  running.kill('SIGINT');
  await running;
  over.abort();
  await other;
  const text = said.join('\n');
  expect(text).toMatch(
    new RegExp(`waiting for another process \\(pid ${process.pid}, since \\d\\d:\\d\\d\\) that is installing consul`),
  );
  expect(text).toContain('tampered payload: signature_invalid');
  expect(said.at(-1)).toContain('"vaultproof demo --vault-only" leaves it out');
}, 60_000);

test('the demo of a product that nobody knows is wrong use', async () => {
  const { stdout, stderr, exitCode } = await cli(['demo', '--vault', 'nomad']);
  expect({ stdout, exitCode }).toEqual({ stdout: '', exitCode: 2 });
  expect(stderr).toContain('unknown product "nomad": expected "vault" or "openbao"');
});

test('a server that cannot be had ends the demo with exit code 3 and one JSON object', async () => {
  const env = { VAULTPROOF_VAULT_PATH: '/nonexistent/vault', VAULTPROOF_ENGINE: 'process' };
  const { stdout, exitCode } = await cli(['demo', '--json'], { env });
  expect(exitCode).toBe(3);
  expect(JSON.parse(stdout)).toMatchObject({ error: { code: 'executable_not_found' } });
});
