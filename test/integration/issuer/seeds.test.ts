import { cp, readFile, stat, writeFile } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { execa } from 'execa';
import { type Environment, startConsul, startEnvironment } from 'vaultproof';
import { describe, expect, onTestFinished, type TestContext, test } from 'vitest';
import { cli, firstLine, npxIn } from '../../support/cli.js';
import { pythonWithPyJwt } from '../../support/python.js';
import { seedDocument } from '../../support/seed-document.js';
import { temporaryFolder } from '../../support/temporary-folder.js';
import { ofProduct, requiresOfVault } from '../../support/vault-of-tests.js';
import { answers } from '../../support/what-runs.js';

// These tests take the seeds' own ports, 5000 and 8080, one after the other; no other file may.

const END_OF_BLOCK = '--- end of block ---';

interface Desk {
  readonly env: Environment;
  /** Runs blocks of shell commands in one shell, and returns what each of them printed. */
  shell(blocks: readonly string[]): Promise<string[]>;
  /** Starts the issuer in the folder of the shell and returns its report; it ends with the test. */
  issuer(args: readonly string[]): Promise<Record<string, unknown>>;
  readonly folder: string;
}

/** A folder, a shell with the vault command on its PATH, and a Vault with nothing in it. */
async function desk(context: TestContext): Promise<Desk> {
  requiresOfVault('command/vault')(context);
  const missing = await missingTools(['bash', 'curl', 'jq', 'openssl']);
  if (missing.length > 0) context.skip(`needs ${missing.join(', ')} on PATH`);
  const folder = await temporaryFolder();
  const env = await startEnvironment({ vault: { engine: 'process' } });
  onTestFinished(() => env.stop());
  const { vault } = env;
  const variables = {
    PATH: [vault.binFolder, process.env['PATH']].join(delimiter),
    HOME: folder,
    VAULT_ADDR: vault.address,
    VAULT_TOKEN: vault.token,
  };
  return {
    env,
    folder,
    shell: async (blocks) => {
      const script = blocks.map((block) => `${block}\necho '${END_OF_BLOCK}'`).join('\n');
      const { stdout } = await execa('bash', ['-euo', 'pipefail', '-c', script], {
        cwd: folder,
        env: variables,
        extendEnv: false,
      });
      return stdout.split(END_OF_BLOCK).map((output) => output.trim());
    },
    issuer: async (args) => {
      const inFolder = args.map((arg, index) => (/^--keys?$/.test(args[index - 1] ?? '') ? join(folder, arg) : arg));
      const running = cli([...inFolder, '--json']);
      onTestFinished(async () => {
        running.kill('SIGINT');
        await running;
      });
      return JSON.parse(await firstLine(running)) as Record<string, unknown>;
    },
  };
}

async function missingTools(names: readonly string[]): Promise<string[]> {
  const found = await Promise.all(
    names.map(async (name) => ({ name, failed: (await execa('which', [name], { reject: false })).failed })),
  );
  return found.flatMap(({ name, failed }) => (failed ? [name] : []));
}

describe('seed 000, by its own commands as docs/seeds.md has them', () => {
  const { before, issuer, after } = seedDocument('Seed 000');

  test('ends in a login with the output that the seed shows, and in a secret', async (context) => {
    const { shell, issuer: startIssuer, folder } = await desk(context);
    await shell(before);
    expect((await stat(join(folder, 'keys', 'mando.pem'))).isFile()).toBe(true);
    expect(await startIssuer(issuer)).toMatchObject({ url: 'http://127.0.0.1:5000' });

    const [, tokens = '', login = '', secret = ''] = await shell(after);
    expect(tokens).toMatch(/^[\w-]+\.[\w-]+\.[\w-]+\n[\w-]+\.[\w-]+\.[\w-]+$/);
    expect(JSON.parse(login)).toEqual({
      request_id: expect.any(String),
      lease_id: '',
      renewable: false,
      lease_duration: 0,
      data: null,
      wrap_info: null,
      warnings: null,
      auth: {
        client_token: expect.stringMatching(ofProduct({ vault: /^hvb\./, openbao: /^b\./ })),
        accessor: '',
        policies: ['default', 'secrets-readonly'],
        token_policies: ['default', 'secrets-readonly'],
        metadata: { role: 'jwt_role' },
        lease_duration: 3600,
        renewable: false,
        entity_id: expect.any(String),
        token_type: 'batch',
        orphan: true,
        mfa_requirement: null,
        num_uses: 0,
      },
      ...ofProduct({ vault: { mount_type: '' }, openbao: {} }),
    });
    expect(JSON.parse(secret)).toEqual({ album: 'Master' });
  });

  test('lets in only whose public key Vault was given, and only for the bound audience', async (context) => {
    const { env, shell, issuer: startIssuer } = await desk(context);
    await shell(before);
    await startIssuer(issuer);
    await shell(after.slice(0, 1));
    await shell(['vault write auth/jwt/config jwt_supported_algs=RS256 jwt_validation_pubkeys=@keys/mando.pem']);
    const ask = (id: string, aud: string): string =>
      `curl -s -X POST http://127.0.0.1:5000/get_token -d '{"id": "${id}", "aud": "${aud}"}' | jq -r .token`;
    const [mando = '', kanSoki = '', elsewhere = ''] = await shell([
      ask('mando', 'damage_inc'),
      ask('kan_soki', 'damage_inc'),
      ask('mando', 'elsewhere'),
    ]);
    const role = 'jwt_role';
    expect((await env.vault.login({ jwt: mando, role })).policies).toEqual(['default', 'secrets-readonly']);
    await expect(env.vault.login({ jwt: kanSoki, role })).rejects.toMatchObject({ code: 'signature_invalid' });
    await expect(env.vault.login({ jwt: elsewhere, role })).rejects.toMatchObject({ code: 'audience_mismatch' });
  });
});

describe('seed 001, by its own commands as docs/seeds.md has them', () => {
  const { before, issuer, after, python } = seedDocument('Seed 001');

  test('ends in a login with the policies that the seed shows, and in a secret written and read', async (context) => {
    const { shell, issuer: startIssuer } = await desk(context);
    await shell(before);
    await startIssuer(issuer);
    const [token = '', , , login = '', secret = ''] = await shell(after);
    expect(token).toMatch(/^[\w-]+\.[\w-]+\.[\w-]+$/);
    expect(login).toMatch(/^token_policies +\["default" "vishpat_keys_policy"\]$/m);
    expect(login).toMatch(/^token_duration +768h$/m);
    expect(login).toMatch(/^token_meta_role +jwt_vishpat$/m);
    expect(secret).toMatch(/^Success! Data written to: kv\/vishpat\/test$/m);
    expect(secret).toMatch(/^password +Y\nusername +X$/m);
  });

  test('works with the Terraform of the seed', async (context) => {
    const { env, shell, issuer: startIssuer } = await desk(context);
    await shell(before);
    await startIssuer(issuer);
    await shell(['vault secrets enable -version=1 kv']);
    await env.applyJson({
      provider: { vault: {} },
      resource: {
        vault_jwt_auth_backend: {
          vishpat: {
            description: 'Enable JWT auth',
            path: 'jwt',
            default_role: 'jwt_vishpat',
            jwks_url: 'http://localhost:8080/auth/jwks',
          },
        },
        vault_jwt_auth_backend_role: {
          jwt_vishpat: {
            backend: `\${vault_jwt_auth_backend.vishpat.path}`,
            role_name: 'jwt_vishpat',
            token_policies: ['vishpat_keys_policy'],
            bound_subject: 'vishpat',
            user_claim: 'sub',
            role_type: 'jwt',
          },
        },
        vault_policy: {
          vishpat_keys_policy: {
            name: 'vishpat_keys_policy',
            policy: 'path "kv/vishpat/*" { capabilities = [ "create", "read", "update", "delete", "list" ] }',
          },
        },
      },
    });
    const ask = (name: string): string =>
      `curl -s -X POST -d '{"name": "${name}"}' -H 'Content-Type: application/json' http://localhost:8080/auth/token`;
    const [vishpat = '', mallory = ''] = await shell([ask('vishpat'), ask('mallory')]);
    const session = await env.vault.login({ jwt: vishpat });
    await session.write('kv/vishpat/test', { username: 'X', password: 'Y' });
    expect(await session.read('kv/vishpat/test')).toEqual({ username: 'X', password: 'Y' });
    await expect(env.vault.login({ jwt: mallory })).rejects.toMatchObject({ code: 'subject_mismatch' });
  });

  test('its python program verifies the token with the first key of the key set', async (context) => {
    const found = await pythonWithPyJwt();
    if ('missing' in found) return context.skip(found.missing);
    const { folder, shell, issuer: startIssuer } = await desk(context);
    await shell(before);
    await startIssuer(issuer);
    const [token = ''] = await shell(after.slice(0, 1));
    const seed = python.replace('"TOKEN"', JSON.stringify(token));
    expect(seed).not.toBe(python);
    await writeFile(join(folder, 'verify.py'), seed);
    const { stdout } = await execa(found.path, ['verify.py'], { cwd: folder, env: {}, extendEnv: false });
    expect(stdout).toMatch(/^\{'sub': 'vishpat', 'iat': \d{10}, 'exp': \d{10}\}$/);
    const [, iat, exp] = /'iat': (\d+), 'exp': (\d+)/.exec(stdout) ?? [];
    expect(Number(exp) - Number(iat)).toBe(3600);

    const [start, , end = ''] = token.split('.');
    await writeFile(join(folder, 'verify.py'), python.replace('TOKEN', `${start}.eyJzdWIiOiJyb290In0.${end}`));
    const refused = await execa(found.path, ['verify.py'], { cwd: folder, env: {}, extendEnv: false, reject: false });
    expect(refused.stderr).toContain('InvalidSignatureError');
  }, 240_000);
});

test('seed 002 ends in a token that is refused once it is expired, and passed with a leeway', async (context) => {
  const { shell, folder } = await desk(context);
  await cp(fileURLToPath(new URL('../../../.env.example', import.meta.url)), join(folder, '.env.example'));
  await npxIn(folder);
  const [output = ''] = await shell(
    seedDocument('Seed 002').after.map((block) => `PATH="$PWD/bin:$PATH"\n{\n${block}\n} 2>&1`),
  );
  const lines = output.split('\n');
  expect(lines[0]).toContain('token_expired');
  expect(lines).toContain('refused, as it should be');
  expect(lines.at(-1)).not.toContain('token_expired');
});

test('seed 003 ends in a permission, by its own commands', async ({ skip }) => {
  const missing = await missingTools(['bash', 'curl', 'jq', 'python3']);
  if (missing.length > 0) skip(`needs ${missing.join(', ')} on PATH`);
  const { issuer, after } = seedDocument('Seed 003');
  const running = cli([...issuer, '--json']);
  await firstLine(running);
  const { stdout } = await execa('bash', ['-euo', 'pipefail', '-c', after.join('\n')]);
  running.kill('SIGINT');
  expect((await running).exitCode).toBe(0);
  const [login = '', permission = ''] = stdout.split(/(?<=^})\n(?={$)/m);
  expect(JSON.parse(login)).toMatchObject({
    access_token: expect.stringMatching(/^eyJ/),
    expire_seconds: 2,
    profile: { name: 'user' },
    token_type: 'Bearer',
  });
  expect(JSON.parse(permission)).toEqual({ permission: 'app-view', success: true, user: 'user' });
});

test('seed 003 with its users in Consul ends in a permission that was given there, by its own commands', async ({
  skip,
}) => {
  const missing = await missingTools(['bash', 'curl', 'jq']);
  if (missing.length > 0) skip(`needs ${missing.join(', ')} on PATH`);
  const { before, issuer, after } = seedDocument('Seed 003 with its users in Consul');
  const folder = await temporaryFolder();
  await using consul = await startConsul();
  const variables = { CONSUL_HTTP_ADDR: consul.address, CONSUL_HTTP_TOKEN: consul.token };
  const PATH = [await npxIn(folder), process.env['PATH']].join(delimiter);
  const shell = async (blocks: readonly string[]): Promise<string[]> => {
    const env = { PATH, ...variables };
    const { stdout } = await execa('bash', ['-euo', 'pipefail', '-c', blocks.join('\n')], { cwd: folder, env });
    return stdout.split('\n');
  };
  expect(await shell(before)).toEqual(['"appmesh/security" has the users of "users.json", hashed there: user']);
  const running = cli([...issuer, '--json'], { env: variables });
  onTestFinished(async () => {
    running.kill('SIGINT');
    expect((await running).exitCode).toBe(0);
  });
  await firstLine(running);
  expect(await shell(after)).toEqual([
    '{"permission":"app-view","success":true,"user":"user"}',
    `{"message":"Permission denied: user 'user' lacks required permission 'app-reg'"}`,
    'true',
    '{"permission":"app-reg","success":true,"user":"user"}',
    '$scrypt$',
  ]);
});

async function statusOfSign(url = ''): Promise<number> {
  const headers = { 'content-type': 'application/json' };
  return (await fetch(`${url}/sign`, { method: 'POST', headers, body: '{"claims":{"sub":"a"}}' })).status;
}

describe('vaultproof issuer', () => {
  test('--seeds listens where the seeds do, prints its URLs, and ends with 0 on Ctrl-C', async () => {
    const running = cli(['issuer', '--seeds', '--json']);
    const report = JSON.parse(await firstLine(running)) as object;
    expect(report).toEqual({
      url: 'http://127.0.0.1:5000',
      jwksUrl: 'http://127.0.0.1:5000/.well-known/jwks.json',
      discoveryUrl: 'http://127.0.0.1:5000/.well-known/openid-configuration',
      listeners: ['http://127.0.0.1:5000', 'http://127.0.0.1:8080', 'https://127.0.0.1:6060'],
      endpoints: {
        token: 'http://127.0.0.1:5000/token',
        sign: 'http://127.0.0.1:5000/sign',
        getToken: 'http://127.0.0.1:5000/get_token',
        authToken: 'http://127.0.0.1:8080/auth/token',
        authJwks: 'http://127.0.0.1:8080/auth/jwks',
        appMeshLogin: 'https://127.0.0.1:6060/appmesh/login',
        appMeshAuth: 'https://127.0.0.1:6060/appmesh/auth',
      },
      ca: expect.stringContaining('-----BEGIN CERTIFICATE-----'),
    });
    const keySets = await Promise.all(
      ['http://127.0.0.1:5000/auth/jwks', 'http://127.0.0.1:8080/auth/jwks'].map(async (url) =>
        (await fetch(url)).text(),
      ),
    );
    expect(keySets[0]).toBe(keySets[1]);
    running.kill('SIGINT');
    const { exitCode, stdout, stderr } = await running;
    expect(exitCode).toBe(0);
    expect(String(stdout).trim().split('\n')).toHaveLength(1);
    expect(stderr.split('\n')).toEqual([
      'no --users: App Mesh\'s login has one user, "user" with the password "pwd" and the permission app-view',
      'no --keys: POST /get_token has no users',
      'running; Ctrl-C stops it',
    ]);
    expect(await answers('http://127.0.0.1:5000')).toBe(false);
  });

  test('--users adds the login of seed 003 on its port, over https with a certificate that the printed CA vouches for', async ({
    skip,
  }) => {
    const missing = await missingTools(['curl']);
    if (missing.length > 0) skip('needs curl on PATH');
    const folder = await temporaryFolder();
    const users = join(folder, 'users.yaml');
    await writeFile(users, JSON.stringify({ Users: { user: { key: 'canary-pwd', roles: [] } }, Roles: {} }), {
      mode: 0o600,
    });
    const running = cli(['issuer', '--seeds=003', '--users', users, '--audience', 'one,two', '--json']);
    const { ca, listeners, endpoints } = JSON.parse(await firstLine(running)) as {
      ca: string;
      listeners: string[];
      endpoints: object;
    };
    expect(endpoints).not.toHaveProperty('sign');
    expect(await statusOfSign(listeners[0])).toBe(404);
    expect(listeners[1]).toBe('https://127.0.0.1:6060');
    await writeFile(join(folder, 'ca.pem'), ca);
    const login = async (audience: string): Promise<Record<string, unknown>> => {
      const line = `curl -s -X POST --cacert ca.pem -H "Authorization:$(echo -n 'user:canary-pwd' | base64)" -H 'X-Audience: ${audience}' https://localhost:6060/appmesh/login`;
      const { stdout } = await execa('bash', ['-c', line], { cwd: folder });
      return JSON.parse(stdout) as Record<string, unknown>;
    };
    expect(await login('two')).toMatchObject({ token_type: 'Bearer', profile: { name: 'user' } });
    expect(await login('appmesh-service')).toEqual({ message: expect.any(String) });
    running.kill('SIGINT');
    const { exitCode, stderr } = await running;
    expect(exitCode).toBe(0);
    expect(stderr).toContain(`passwords in plain text in "${users}"`);
    expect(stderr).toContain(
      '--users: POST /sign and the form at /oidc/authorize, which need no password, are off; --sign turns them on\n',
    );
    expect(stderr).not.toContain('canary');
  });

  test('--sign has POST /sign beside --users', async () => {
    const users = join(await temporaryFolder(), 'users.json');
    await writeFile(users, '{"Users": {}, "Roles": {}}', { mode: 0o600 });
    const running = cli(['issuer', '--users', users, '--sign', '--json']);
    const { url, endpoints } = JSON.parse(await firstLine(running)) as { url: string; endpoints: object };
    expect(endpoints).toMatchObject({ sign: `${url}/sign` });
    expect(await statusOfSign(url)).toBe(200);
    running.kill('SIGINT');
    expect((await running).stderr).not.toContain('POST /sign');
  });

  test('says which port is taken, and ends with 3', async () => {
    const first = cli(['issuer', '--seeds=001']);
    expect(await firstLine(first)).toBe('issuer       http://127.0.0.1:8080');
    const users = join(await temporaryFolder(), 'users.json');
    await writeFile(users, '{"Users": {}, "Roles": {}}', { mode: 0o600 });
    const second = await cli(['issuer', '--port', '0', '--seeds=001', '--users', users, '--json']);
    expect(second.exitCode).toBe(3);
    expect(second.stderr).toContain('port_in_use: port 8080 on 127.0.0.1 is taken: choose another');
    expect(second.stderr).not.toContain('POST /get_token');
    expect(JSON.parse(String(second.stdout))).toMatchObject({ error: { code: 'port_in_use' } });
    first.kill('SIGTERM');
    expect((await first).exitCode).toBe(0);
  });

  test('signs with the key that it is given', async () => {
    const folder = await temporaryFolder();
    const file = join(folder, 'key.pem');
    await execa('openssl', ['genrsa', '-out', file, '2048']);
    const running = cli(['issuer', '--key', file, '--json']);
    const { endpoints } = JSON.parse(await firstLine(running)) as { endpoints: { token: string; authToken: string } };
    const answer = await fetch(endpoints.token, {
      method: 'POST',
      body: new URLSearchParams({ grant_type: 'client_credentials', client_id: 'ci' }),
    });
    const { access_token: jwt } = (await answer.json()) as { access_token: string };
    const [input, signature] = [jwt.slice(0, jwt.lastIndexOf('.')), jwt.slice(jwt.lastIndexOf('.') + 1)];
    await writeFile(join(folder, 'input'), input);
    await writeFile(join(folder, 'signature'), Buffer.from(signature, 'base64url'));
    const check = `openssl rsa -in key.pem -pubout -out public.pem && openssl dgst -sha256 -verify public.pem -signature signature input`;
    expect((await execa('sh', ['-c', check], { cwd: folder })).stdout).toBe('Verified OK');
    running.kill('SIGINT');
    const { stdout, stderr } = await running;
    const [, secretLine = ''] = (await readFile(file, 'utf8')).split('\n');
    expect(`${stdout}${stderr}`).not.toContain(secretLine);
  });

  test('starts with a key that is cut off only when told to, answers 500 without its file for it and 404 for ids that are no names', async () => {
    const folder = await temporaryFolder();
    const keys = join(folder, 'keys');
    await execa('sh', ['-c', 'mkdir keys && openssl genrsa -out kan_soki 2048 && head -c 900 kan_soki > keys/mando'], {
      cwd: folder,
    });
    const unstarted = await cli(['issuer', '--keys', keys, '--json']);
    expect(JSON.parse(unstarted.stdout)).toMatchObject({
      error: { code: 'key_invalid', message: expect.stringContaining('mando') },
    });
    const running = cli(['issuer', '--keys', keys, '--skip-bad-keys', '--json']);
    const { endpoints } = JSON.parse(await firstLine(running)) as { endpoints: { getToken: string } };
    const ask = async (id: string): Promise<unknown> => {
      const answer = await fetch(endpoints.getToken, {
        method: 'POST',
        body: JSON.stringify({ id, aud: 'damage_inc' }),
      });
      return [answer.status, await answer.json()];
    };
    for (const id of ['nobody', '../kan_soki', '..', '/etc/passwd', 'mando.pem', '.', '\u0000']) {
      expect(await ask(id)).toEqual([404, { error: 'there is no key for this id' }]);
    }
    expect(await ask('mando')).toEqual([500, { error: 'the issuer failed: key_invalid' }]);
    running.kill('SIGINT');
    const { exitCode, stderr } = await running;
    expect(exitCode).toBe(0);
    expect(stderr).toMatch(/^warning: POST "\/get_token" was answered with 500: the key file ".*mando" can't be used/m);
  });

  test.each([
    [['--seeds=002'], 'unknown seed "002": did you mean "000"?'],
    [['--port', 'http'], '"--port" must be 0 to 65535, not "http"'],
    [['--port', '65536'], '"--port" must be 0 to 65535, not "65536"'],
    [['--audience', 'a'], '"--audience" goes with "--users" or "--seeds=003"'],
    [['--key', '/nonexistent'], '"/nonexistent" does not exist'],
  ])('with %j ends with 2 and says why', async (args, message) => {
    const { exitCode, stderr, stdout } = await cli(['issuer', ...args, '--json']);
    expect(exitCode).toBe(2);
    expect(stderr).toContain(message);
    expect(JSON.parse(String(stdout))).toEqual({ error: { code: 'wrong_use', message } });
  });
});
