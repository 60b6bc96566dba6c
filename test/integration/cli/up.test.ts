import { cp, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { execa } from 'execa';
import { createRemoteJWKSet, decodeJwt, jwtVerify } from 'jose';
import { expect, test, vi } from 'vitest';
import { cli, firstLine, npxIn } from '../../support/cli.js';
import { killServer } from '../../support/kill-server.js';
import { temporaryFolder } from '../../support/temporary-folder.js';
import { ofProduct } from '../../support/vault-of-tests.js';
import { answers, stillRunning } from '../../support/what-runs.js';

interface UpReport {
  readonly issuer: { readonly url: string; readonly jwksUrl: string; readonly page: string };
  readonly vault: { readonly address: string; readonly token: string };
  readonly consul: { readonly address: string; readonly token: string };
  readonly impersonation: { readonly proxy: string; readonly caPem: string; readonly urls: readonly string[] } | null;
  readonly login: { readonly role: string; readonly jwt: string; readonly path: string } | null;
  readonly consulLogin: { readonly method: string; readonly jwt: string; readonly key: string } | null;
}

test('up serves logins that work by plain http until Ctrl-C, and then nothing is left', async () => {
  const running = cli(['up', '--json']);
  const { issuer, vault, consul, login, consulLogin } = JSON.parse(await firstLine(running)) as UpReport;

  const loggedIn = await fetch(`${vault.address}/v1/auth/jwt/login`, {
    method: 'POST',
    body: JSON.stringify({ role: login?.role, jwt: login?.jwt }),
  });
  const { auth } = (await loggedIn.json()) as { auth: { client_token: string } };
  const secret = await fetch(`${vault.address}/v1/${login?.path}`, {
    headers: { 'x-vault-token': auth.client_token },
  });
  expect(await secret.json()).toMatchObject({ data: { username: 'X', password: 'Y' } });
  const inConsul = await fetch(`${consul.address}/v1/acl/login`, {
    method: 'POST',
    body: JSON.stringify({ AuthMethod: consulLogin?.method, BearerToken: consulLogin?.jwt }),
  });
  const { SecretID } = (await inConsul.json()) as { SecretID: string };
  const key = await fetch(`${consul.address}/v1/kv/${consulLogin?.key}?raw`, {
    headers: { 'x-consul-token': SecretID },
  });
  expect(await key.text()).toBe('green');
  expect(consulLogin?.jwt).toBe(login?.jwt);
  // It is the URL that Vault has, and a container has another name for this host.
  expect((await fetch(new URL(new URL(issuer.jwksUrl).pathname, issuer.url))).status).toBe(200);
  const self = await fetch(`${consul.address}/v1/acl/token/self`, {
    headers: { 'x-consul-token': consul.token },
  });
  expect(self.status).toBe(200);

  running.kill('SIGINT');
  expect((await running).exitCode).toBe(0);
  expect(await Promise.all([issuer.url, vault.address, consul.address].map(answers))).toEqual([false, false, false]);
});

test('up --empty applies nothing, and its issuer mints tokens for what one applies', async () => {
  const running = cli(['up', '--json', '--empty']);
  const { issuer, vault, login, consulLogin } = JSON.parse(await firstLine(running)) as UpReport;
  const mounts = await fetch(`${vault.address}/v1/sys/auth`, { headers: { 'x-vault-token': vault.token } });
  expect(Object.keys(((await mounts.json()) as { data: object }).data)).toEqual(['token/']);
  expect([login, consulLogin]).toEqual([null, null]);
  const { stdout: jwt } = await cli(['token', '--issuer', issuer.url, '--sub', 'vishpat', '--aud', 'damage_inc']);
  expect(decodeJwt(jwt)).toMatchObject({ iss: issuer.url, sub: 'vishpat', aud: 'damage_inc' });
  // Those of a vendor that signs with RS256, for a preset that was deployed there.
  const signed = await fetch(`${issuer.url}/sign`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ claims: { iss: 'https://gitlab.com', sub: 'x', aud: 'y' }, alg: 'RS256' }),
  });
  const { token } = (await signed.json()) as { token: string };
  const { payload, protectedHeader } = await jwtVerify(token, createRemoteJWKSet(new URL(issuer.jwksUrl)));
  expect([payload.iss, protectedHeader.alg]).toEqual(['https://gitlab.com', 'RS256']);
  running.kill('SIGTERM');
  const { exitCode, stderr } = await running;
  expect(exitCode).toBe(0);
  expect(stderr).toContain(ofProduct({ vault: '  vault auth list', openbao: '  bao auth list' }));
});

test('up --impersonate answers for a vendor: its URL can be configured, and a token with it as iss logs in', async () => {
  const url = 'https://gitlab.com';
  const running = cli(['up', '--json', '--empty', '--impersonate', url]);
  const { issuer, vault, impersonation } = JSON.parse(await firstLine(running)) as UpReport;
  expect(impersonation).toMatchObject({
    proxy: expect.stringMatching(/^http:\/\/127\.0\.0\.1:\d+$/),
    caPem: expect.stringContaining('BEGIN CERTIFICATE'),
    urls: [url],
  });
  const post = async (target: string, body: object): Promise<{ readonly status: number; readonly body: unknown }> => {
    const headers = { 'x-vault-token': vault.token, 'content-type': 'application/json' };
    const answer = await fetch(target, { method: 'POST', headers, body: JSON.stringify(body) });
    const text = await answer.text();
    return { status: answer.status, body: text === '' ? undefined : JSON.parse(text) };
  };
  await post(`${vault.address}/v1/sys/auth/jwt`, { type: 'jwt' });
  await post(`${vault.address}/v1/auth/jwt/config`, { oidc_discovery_url: url, bound_issuer: url });
  const role = { role_type: 'jwt', user_claim: 'sub', bound_audiences: ['vault'] };
  await post(`${vault.address}/v1/auth/jwt/role/ci`, role);
  const signed = await post(`${issuer.url}/sign`, { claims: { iss: url, sub: 'x', aud: 'vault' } });
  const { token: jwt } = signed.body as { readonly token: string };
  expect(await post(`${vault.address}/v1/auth/jwt/login`, { role: 'ci', jwt })).toMatchObject({ status: 200 });
  running.kill('SIGTERM');
  expect((await running).exitCode).toBe(0);
});

test('up --impersonate refuses what is not the URL of a vendor', async () => {
  const { exitCode, stderr } = await cli(['up', '--impersonate', 'http://gitlab.com']);
  expect([exitCode, stderr]).toEqual([2, expect.stringContaining('vendor_url_invalid')]);
});

test('up applies an entry in the place of the example, and serves the page of its issuer', async () => {
  const folder = await temporaryFolder();
  const role = {
    backend: 'ci',
    depends_on: ['vault_jwt_auth_backend.ci'],
    role_name: 'ci',
    role_type: 'jwt',
    user_claim: 'sub',
  };
  const json = {
    resource: {
      vault_jwt_auth_backend: { ci: { path: 'ci', jwks_url: '@JWKS@' } },
      vault_jwt_auth_backend_role: { ci: { ...role, bound_audiences: ['vault'] } },
    },
  };
  const app = `import { mkdirSync, writeFileSync } from 'node:fs';
    const json = ${JSON.stringify(JSON.stringify(json))}.replace('@JWKS@', process.env.JWKS_URL);
    mkdirSync(process.env.CDKTF_OUTDIR + '/stacks/ci', { recursive: true });
    writeFileSync(process.env.CDKTF_OUTDIR + '/stacks/ci/cdk.tf.json', json);`;
  await writeFile(join(folder, 'app.mjs'), app);
  const running = cli(['up', join(folder, 'app.mjs'), '--json']);
  const { issuer, vault, login } = JSON.parse(await firstLine(running)) as UpReport;
  expect(login).toBe(null);
  const page = await fetch(issuer.page);
  expect([page.status, page.headers.get('content-type')]).toEqual([200, expect.stringContaining('text/html')]);
  const { stdout: jwt } = await cli(['token', '--issuer', issuer.url, '--sub', 'job', '--aud', 'vault']);
  const env = { VAULT_ADDR: vault.address };
  const loggedIn = await cli(['login', '--mount', 'ci', '--role', 'ci', '--jwt', '-'], { env, input: jwt });
  expect(loggedIn.stdout).toMatch(/^in, as "ci"/);
  running.kill('SIGTERM');
  const { exitCode, stderr } = await running;
  expect(exitCode).toBe(0);
  expect(stderr).toContain('applied "ci"');
});

const github = 'https://token.actions.githubusercontent.com';

test.each([
  ['with the issuer in its variables', ['--var', 'jwks_url=JWKS_URL', '--var', 'issuer=ISSUER_URL']],
  ['with a file of values', ['--var', 'jwks_url=JWKS_URL', '--var-file', 'issuer.tfvars']],
  ['as it is deployed', ['--impersonate', github]],
])('up applies a folder of HCL, %s', async (_, given) => {
  const folder = await temporaryFolder();
  for (const from of ['logins/github-actions-basic', 'guide'])
    await cp(fileURLToPath(new URL(`../../fixtures/hcl/${from}`, import.meta.url)), folder, { recursive: true });
  const file = join(folder, 'issuer.tfvars');
  await writeFile(file, 'issuer = "https://issuer.example"\n');
  const options = given.map((option) => (option === 'issuer.tfvars' ? file : option));
  const running = cli(['up', folder, ...options, '--ignore', 'vault_pki_*, nomad_job', '--json']);
  let printed = '';
  running.stderr.on('data', (chunk: Buffer) => {
    printed += chunk.toString();
  });
  const { issuer, vault } = JSON.parse(await firstLine(running)) as UpReport;
  const claims = { sub: 'ci', aud: 'https://vault.acme.example', repository: 'acme/payments', ref: 'refs/heads/main' };
  const iss = given.includes(github) ? github : given.includes('issuer.tfvars') ? 'https://issuer.example' : issuer.url;
  const signed = await fetch(`${issuer.url}/sign`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ claims: { ...claims, iss } }),
  });
  const { token } = (await signed.json()) as { token: string };
  const env = { VAULT_ADDR: vault.address };
  const login = ['login', '--mount', 'github-actions', '--role', 'payments-ci', '--jwt', '-'];
  expect((await cli(login, { env, input: token })).stdout).toMatch(
    /^in, as "payments-ci" with default, payments-read /,
  );
  const [, toTry = ''] = await vi.waitFor(() => {
    const shown = /^ {2}(npx vaultproof token .*\n.*--jwt -)$/m.exec(printed);
    if (shown === null) throw new Error(printed);
    return shown;
  });
  const shell = { PATH: `${await npxIn(folder)}:${process.env['PATH']}`, ISSUER_URL: issuer.url, ...env };
  expect((await execa('sh', ['-c', toTry], { env: shell })).stdout).toMatch(/^in, as "payments-ci" /);
  running.kill('SIGTERM');
  const { exitCode, stderr } = await running;
  expect(exitCode).toBe(0);
  expect(stderr).toContain('passed over "vault_pki_secret_backend_role.web": its type or address is ignored');
  expect(stderr.match(/--ignore .*/g)).toEqual(['--ignore "nomad_job" matches nothing: correct it, or leave it out']);
  expect(stderr).toContain(`applied "${folder}"`);
});

test.each([
  ['without HCL', ['--var', 'a=b'], 'are for HCL'],
  ['for an app', ['stacks/main.ts', '--var', 'a=b'], '"stacks/main.ts" is a cdktf app'],
  ['of a variable that is not declared', ['@', '--var', 'b=c'], 'declares no variable "b"'],
  ['without a value', ['@', '--var', 'a'], 'write --var NAME=VALUE'],
  ['left out', ['@'], '"a" needs a value: give it in'],
])('up refuses a variable %s', async (_, args, words) => {
  const folder = await temporaryFolder();
  await writeFile(join(folder, 'main.tf'), 'variable "a" {}\n');
  const { exitCode, stderr } = await cli(['up', ...args.map((arg) => (arg === '@' ? folder : arg))]);
  expect({ exitCode, stderr }).toEqual({ exitCode: 2, stderr: expect.stringContaining(words) });
});

test.each([
  [
    'names a vendor that is not answered for',
    'resource "vault_jwt_auth_backend" "github" {\n  oidc_discovery_url = "https://token.actions.githubusercontent.com"\n}\n',
    /host_not_impersonated: .*; answer for it with --impersonate https:\/\/token\.actions\.githubusercontent\.com$/m,
  ],
  [
    'has a resource of another provider',
    'resource "random_id" "suffix" {\n  byte_length = 4\n}\n',
    /unsupported_resource: .*"random_id\.suffix".* apply it with terraform; pass over what no login needs with --ignore 'random_id'$/m,
  ],
  [
    'has several of an engine that is not supported',
    ['root_cert', 'config_urls'].map((name) => `resource "vault_pki_secret_backend_${name}" "x" {}\n`).join(''),
    /; pass over what no login needs with --ignore 'vault_pki_\*'$/m,
  ],
  [
    'has a condition that does not hold',
    'resource "vault_policy" "p" {\n  name   = "p"\n  policy = ""\n  lifecycle {\n    precondition {\n      condition     = terraform.workspace == "prod"\n      error_message = "not here"\n    }\n  }\n}\n',
    /condition_failed: .*: not here\. Give the values that it asks for; or pass it over with --ignore 'vault_policy\.p\.precondition'$/m,
  ],
  [
    'misspells a type',
    'resource "vault_jwt_auth_backend_rol" "ci" {}\n',
    /did you mean "vault_jwt_auth_backend_role"\?/,
  ],
])('up says which option helps a folder that %s', async (_, text, words) => {
  const folder = await temporaryFolder();
  await writeFile(join(folder, 'main.tf'), text);
  const { exitCode, stderr } = await cli(['up', folder, '--impersonate', 'https://gitlab.com']);
  expect([exitCode, stderr]).toEqual([expect.any(Number), expect.stringMatching(words)]);
  expect(exitCode).toBeGreaterThan(0);
});

const idp = 'https://jenkins.acme.example';

test('up starts no Consul for HCL that declares nothing of it, and serves keys where it is declared', async () => {
  const folder = await temporaryFolder();
  const method = `resource "vault_jwt_auth_backend" "j" {\n  path     = "jenkins"\n  jwks_url = "${idp}/oidc/jwks"\n}\n`;
  await writeFile(join(folder, 'main.tf'), method);
  const running = cli(['up', folder, '--impersonate', idp, '--json']);
  const { vault, consul } = JSON.parse(await firstLine(running)) as UpReport;
  expect(consul).toBe(null);
  const mounted = await fetch(`${vault.address}/v1/sys/auth`, { headers: { 'x-vault-token': vault.token } });
  expect(Object.keys(((await mounted.json()) as { data: object }).data)).toContain('jenkins/');
  running.kill('SIGINT');
  expect((await running).exitCode).toBe(0);
});

test('up --vault-only has the example of Vault alone', async () => {
  const names = `'$CONSUL_HTTP_ADDR|' + (process.env.CONSUL_HTTP_ADDR ?? 'none') + '|' + process.env.VAULTPROOF_ROLE`;
  const { stdout, exitCode } = await cli(['up', '--vault-only', '--', process.execPath, '-p', names]);
  expect([exitCode, stdout]).toEqual([0, '$CONSUL_HTTP_ADDR|none|jwt_vishpat']);
});

test('up prints export lines that a shell takes', async () => {
  const running = cli(['up', '--empty']);
  const lines: string[] = [];
  const printed = createInterface({ input: running.stdout });
  await new Promise<void>((resolve) => {
    printed.on('line', (line) => {
      lines.push(line);
      if (line.startsWith('export PATH=')) resolve();
    });
  });
  const script = `${lines.join('\n')}\ncurl -s -o /dev/null -w '%{http_code}' -H "X-Vault-Token: $VAULT_TOKEN" "$VAULT_ADDR/v1/sys/mounts"`;
  expect((await execa('sh', ['-c', script])).stdout).toBe('200');
  // Whoever pastes them keeps a PATH of their own.
  expect(lines.filter((line) => line.startsWith('export PATH='))).toEqual([
    expect.stringMatching(/^export PATH='[^']+':"\$PATH"$/),
  ]);
  running.kill('SIGINT');
  await running;
});

test('up runs a command inside the environment, and ends with its exit code', async () => {
  const script = `curl -s -H "X-Vault-Token: $VAULT_TOKEN" "$VAULT_ADDR/v1/$VAULTPROOF_SECRET_PATH"
    echo "$VAULTPROOF_CONSUL_METHOD $VAULTPROOF_CONSUL_KEY"
    exit 7`;
  const { stdout, exitCode } = await cli(['up', '--', 'sh', '-c', script]);
  const [secret = '', consul] = stdout.split('\n');
  expect(JSON.parse(secret)).toMatchObject({ data: { username: 'X' } });
  expect(consul).toBe('jwt vishpat/colour');
  expect(exitCode).toBe(7);
});

test('up ends with 127 and says why when the command does not exist', async () => {
  const { stderr, exitCode } = await cli(['up', '--empty', '--', '/nonexistent/command']);
  expect(stderr).toContain('"/nonexistent/command" could not be run');
  expect(exitCode).toBe(127);
});

test('under GitHub Actions every secret that up prints is masked on standard error first', async () => {
  const running = cli(['up', '--json'], { env: { GITHUB_ACTIONS: 'true' } });
  const { vault, consul, login } = JSON.parse(await firstLine(running)) as UpReport;
  running.kill('SIGINT');
  const { stderr } = await running;
  const masks = String(stderr)
    .split('\n')
    .filter((line) => line.startsWith('::add-mask::'));
  expect(masks).toEqual([vault.token, consul.token, login?.jwt].map((secret) => `::add-mask::${secret}`));
});

test('up ends when a server under it does, says how, and leaves nothing', async () => {
  const running = cli(['up', '--json', '--empty'], { env: { VAULTPROOF_ENGINE: 'process' } });
  const { issuer, vault, consul } = JSON.parse(await firstLine(running)) as UpReport;
  await killServer({ engine: 'process', address: consul.address });
  const { stderr, exitCode } = await running;
  expect(stderr).toContain('server_exited: "consul" ended with signal SIGKILL. The end of its log:');
  expect(stderr).not.toContain(consul.token);
  expect(exitCode).toBe(3);
  expect(await Promise.all([issuer.url, vault.address].map(answers))).toEqual([false, false]);
});

test('a command inside up goes on when a server ends, and that is said', async () => {
  const script = 'trap "exit 7" TERM; echo $VAULT_ADDR; while :; do sleep 0.05; done';
  const running = cli(['up', '--empty', '--', 'sh', '-c', script], { env: { VAULTPROOF_ENGINE: 'process' } });
  const address = await firstLine(running);
  const ended = `"${ofProduct({ vault: 'vault', openbao: 'openbao' })}" ended with signal SIGKILL`;
  const said = new Promise<void>((resolve) => {
    running.stderr.on('data', (text) => String(text).includes(ended) && resolve());
  });
  await killServer({ engine: 'process', address });
  await said;
  running.kill('SIGTERM');
  expect((await running).exitCode).toBe(7);
});

test('up hands a signal to its command, and ends with what that makes of it', async () => {
  const script = 'trap "exit 9" TERM; echo ready; while :; do sleep 0.05; done';
  const running = cli(['up', '--empty', '--', 'sh', '-c', script]);
  expect(await firstLine(running)).toBe('ready');
  running.kill('SIGTERM');
  expect((await running).exitCode).toBe(9);
});

test('a command inside up is gone after SIGKILL, and so are the servers', async () => {
  const running = cli(['up', '--empty', '--', 'sh', '-c', 'echo $$ $VAULT_ADDR; exec sleep 600']);
  const [pid = '', address = ''] = (await firstLine(running)).split(' ');
  expect(await answers(address)).toBe(true);
  expect(stillRunning([Number(pid)])).toEqual([Number(pid)]);
  running.kill('SIGKILL');
  await vi.waitFor(
    async () => {
      expect(stillRunning([Number(pid)])).toEqual([]);
      expect(await answers(address)).toBe(false);
    },
    { timeout: 15_000, interval: 50 },
  );
});

test.each([
  ['SIGTERM', 'sleep 300'],
  // In a session of its own, so that no group leads to it.
  ['SIGKILL', 'setsid sleep 300'],
] as const)('after %s a command that up runs is gone with what it started', async (signal, started) => {
  const script = `${started} >/dev/null 2>&1 & echo $!; wait`;
  const running = cli(['up', '--empty', '--', 'sh', '-c', script]);
  const pid = Number(await firstLine(running));
  expect(stillRunning([pid])).toEqual([pid]);
  running.kill(signal);
  await running;
  await vi.waitFor(() => expect(stillRunning([pid])).toEqual([]));
});
