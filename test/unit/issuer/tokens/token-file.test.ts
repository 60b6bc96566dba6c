import { readFile, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { execa } from 'execa';
import { decodeJwt } from 'jose';
import { createIssuer, type Issuer } from 'vaultproof/issuer';
import { jwtSvid, keepTokenFile, serviceAccount } from 'vaultproof/issuer/presets';
import { beforeEach, expect, test, vi } from 'vitest';
import { bePatient } from '../../../support/patience.js';
import { temporaryFolder } from '../../../support/temporary-folder.js';

bePatient();

const token = serviceAccount({ namespace: 'prod', serviceAccount: 'app', expirationSeconds: 600 });
let issuer: Issuer;
let path: string;

beforeEach(async () => {
  issuer = await createIssuer('http://127.0.0.1:1', { algorithms: ['RS256', 'ES256'] });
  path = join(await temporaryFolder(), 'var/run/secrets/tokens', 'vault-token');
});

const idOf = async (): Promise<string | undefined> => decodeJwt(await readFile(path, 'utf8')).jti;

test('the file is there at once, its owner’s alone, in a folder that is made, with the token and no newline', async () => {
  await using file = await keepTokenFile(issuer, token, path);
  expect(file.path).toBe(path);
  expect((await stat(path)).mode & 0o777).toBe(0o600);
  expect((await stat(join(path, '..'))).mode & 0o777).toBe(0o700);
  expect(await readFile(path, 'utf8')).toMatch(/^[\w-]+\.[\w-]+\.[\w-]+$/);
});

test('the file gets another token when 80% of its life are over, and not before', async () => {
  await using _file = await keepTokenFile(issuer, token, path, { checkEveryMs: 1 });
  const first = await idOf();
  const signing = vi.spyOn(issuer, 'sign');
  issuer.clock.advance(470);
  await new Promise((resolve) => setTimeout(resolve, 20));
  expect(signing).not.toHaveBeenCalled();
  issuer.clock.advance(10);
  await vi.waitFor(async () => expect(await idOf()).not.toBe(first));
  expect(signing).toHaveBeenCalledOnce();
});

test('the file gets another token when the clock was moved back, and when it is asked for', async () => {
  await using file = await keepTokenFile(issuer, token, path, { checkEveryMs: 1 });
  const first = await idOf();
  issuer.clock.advance(-5_000);
  await vi.waitFor(async () => expect(await idOf()).not.toBe(first));
  const second = await idOf();
  await file.refresh();
  expect(await idOf()).not.toBe(second);
});

test('a file that was stopped is gone, and stays so', async () => {
  const file = await keepTokenFile(issuer, token, path, { checkEveryMs: 1 });
  const refreshed = file.refresh();
  await file.stop();
  await refreshed;
  await file.stop();
  await file.refresh();
  issuer.clock.advance(1_000);
  await expect(stat(path)).rejects.toMatchObject({ code: 'ENOENT' });
});

test('a write that fails is told without the token, and tried again', async () => {
  const warnings: string[] = [];
  await using _file = await keepTokenFile(issuer, token, path, {
    checkEveryMs: 1,
    warn: (line) => warnings.push(line),
  });
  const folder = join(path, '..');
  await rm(folder, { recursive: true });
  await writeFile(folder, 'in the way');
  issuer.clock.advance(500);
  await vi.waitFor(() => expect(warnings.length).toBeGreaterThan(1));
  expect(warnings.join()).not.toContain('eyJ');
  await rm(folder);
});

test('a token that never expires is written once', async () => {
  const eternal = jwtSvid({
    trustDomain: 'example.org',
    path: '/app',
    audience: 'vault',
    issuer: null,
    claims: { exp: null },
  });
  await using _file = await keepTokenFile(issuer, eternal, path, { checkEveryMs: 1 });
  const signing = vi.spyOn(issuer, 'sign');
  issuer.clock.advance(1_000_000);
  await new Promise((resolve) => setTimeout(resolve, 20));
  expect(signing).not.toHaveBeenCalled();
});

test('a token file does not keep a process alive', async () => {
  const program = `
    import { createIssuer } from './issuer/index.ts';
    import { keepTokenFile, serviceAccount } from './issuer/presets/index.ts';
    const issuer = await createIssuer('http://127.0.0.1:1', { algorithms: ['RS256'] });
    await keepTokenFile(issuer, serviceAccount({ namespace: 'prod', serviceAccount: 'app' }), process.argv[1]);
    console.log('end');`;
  const { stdout } = await execa(process.execPath, ['--import', 'tsx', '--input-type=module', '-e', program, path], {
    timeout: 15_000,
  });
  expect(stdout).toBe('end');
}, 20_000);
