import { generateKeyPairSync } from 'node:crypto';
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Environment } from 'vaultproof';
import { expect, test } from 'vaultproof/vitest';
import { beforeEach, describe, vi } from 'vitest';
import { withEntryHint } from '../../../cli/entry-hint.js';
import { cli } from '../../support/cli.js';
import { cliInProcess } from '../../support/cli-in-process.js';
import { requires } from '../../support/requirement.js';
import { temporaryFolder } from '../../support/temporary-folder.js';
import { requiresProviders } from '../../support/terraform-provider.js';
import { foldersIn, stillRunning } from '../../support/what-runs.js';

test.override({ fileServices: { vault: true, consul: true } });

let env: Environment;
test.beforeAll(({ fileEnv }) => {
  env = fileEnv;
});

test.each([
  ['nothing', []],
  ['what does not exist', ['/nonexistent/main.ts']],
  ['a folder without a stack', ['test/unit/docs']],
  ['what is neither an app nor JSON', ['README.md']],
])('%s is wrong use, and no server is started for it', async (_, args) => {
  const env = { VAULTPROOF_ENGINE: 'process', VAULTPROOF_VAULT_PATH: '/nonexistent/vault' };
  expect(await cliInProcess(['parity', ...args], { env })).toMatchObject({ exitCode: 2, stdout: '' });
});

test('an app that fails is wrong use, with its own words', async () => {
  const app = join(await temporaryFolder(), 'app.mjs');
  await writeFile(app, 'throw new Error("not today")');
  expect(await cliInProcess(['parity', app])).toMatchObject({
    exitCode: 2,
    stderr: expect.stringContaining('not today'),
  });
});

test('an app that imports what is not there says so first, without its stack trace', async () => {
  const app = join(await temporaryFolder(), 'app.mjs');
  await writeFile(app, "import './nope.mjs'");
  const { exitCode, stderr } = await cliInProcess(['parity', app]);
  expect(exitCode).toBe(2);
  expect(stderr).toMatch(/Cannot find module '.*nope\.mjs'/);
  expect(stderr).not.toMatch(/^\s+at /m);
});

test.each(['', 'cdktf.json'])('a project is run by the "app" of its cdktf.json, in its folder: "%s"', async (entry) => {
  const folder = join(await temporaryFolder(), 'a project');
  await mkdir(join(folder, 'stacks'), { recursive: true });
  const app = 'node main.mjs && false || exit 1';
  await writeFile(
    join(folder, 'cdktf.json'),
    JSON.stringify({ language: 'typescript', app, context: { team: 'red' } }),
  );
  const told = '[process.env.JWKS_URL, process.env.CDKTF_CONTEXT_JSON].join(" and ")';
  await writeFile(join(folder, 'main.mjs'), `throw new Error("told " + ${told})`);
  const { exitCode, stderr } = await cliInProcess(['parity', join(folder, entry)]);
  expect(exitCode).toBe(2);
  expect(stderr).toMatch(/told http\S+ and \{"team":"red"\}/);
});

test.each([
  ['{"language": "typescript"}', 'has no "app"'],
  ['{', 'is not JSON'],
])('a cdktf.json of %s is wrong use', async (text, words) => {
  const folder = await temporaryFolder();
  await writeFile(join(folder, 'cdktf.json'), text);
  expect(await cli(['parity', folder])).toMatchObject({ exitCode: 2, stderr: expect.stringContaining(words) });
});

test('an app that writes no stack is told to', async () => {
  const app = join(await temporaryFolder(), 'app.mjs');
  await writeFile(app, '');
  const { exitCode, stderr } = await cliInProcess(['parity', app]);
  expect(exitCode).toBe(2);
  expect(stderr).toContain(
    `"${app}" could not be synthesised: "node ${app}" wrote no stack; call app.synth() in the app`,
  );
});

test('a folder "stacks" of sources is not what was synthesised', async () => {
  const folder = await temporaryFolder();
  await mkdir(join(folder, 'stacks', 'presets'), { recursive: true });
  const { exitCode, stderr } = await cliInProcess(['parity', folder]);
  expect(exitCode).toBe(2);
  expect(stderr).toContain(
    `there is no *.tf or cdk.tf.json in "${folder}", nor a cdk.tf.json in a folder of its "stacks"`,
  );
});

test('nothing of an app is ignored', async () => {
  expect(await cli(['parity', 'stacks/main.ts', '--ignore', 'vault_*'])).toMatchObject({
    exitCode: 2,
    stderr: expect.stringContaining('--ignore is for HCL'),
  });
});

describe('with terraform', () => {
  beforeEach(requires('terraform'));

  test('both pass over what is ignored, and what needs it', async () => {
    const folder = await temporaryFolder();
    const main = [
      'data "aws_caller_identity" "me" {}',
      'resource "vault_policy" "p" {\n  name   = data.aws_caller_identity.me.account_id\n  policy = ""\n}',
      'output "kept" {\n  value = "kept"\n}\n',
    ];
    await writeFile(join(folder, 'main.tf'), main.join('\n'));
    const { exitCode, stdout, stderr } = await cli(['parity', '--json', folder, '--ignore', 'data.aws_*, nomad_job']);
    expect({ exitCode, result: JSON.parse(stdout) }).toEqual({
      exitCode: 0,
      result: { applied: [folder], compared: expect.any(Number), differences: [], pending: [] },
    });
    expect(stderr).toContain('passed over "data.aws_caller_identity.me": its type or address is ignored');
    expect(stderr).toContain('passed over "vault_policy.p": it needs "data.aws_caller_identity.me"');
    expect(stderr.match(/--ignore .*/g)).toEqual(['--ignore "nomad_job" matches nothing: correct it, or leave it out']);
  });
});

test('without terraform the exit code is 3', async () => {
  const file = join(await temporaryFolder(), 'cdk.tf.json');
  await writeFile(file, '{"resource":{}}');
  const { exitCode, stdout } = await cliInProcess(['parity', '--json', file], {
    env: { VAULTPROOF_TERRAFORM_PATH: '/nonexistent/terraform' },
  });
  expect(exitCode).toBe(3);
  expect(JSON.parse(stdout)).toMatchObject({ error: { code: 'terraform_not_found' } });
});

test.each([
  ['vault_jwt_auth_backend', { path: 'jwt', jwks_url: 'https://idp.invalid/jwks' }],
  ['vault_jwt_auth_backend', { path: 'jwt', oidc_discovery_url: 'https://idp.invalid' }],
  ['consul_acl_auth_method', { name: 'jwt', type: 'jwt', config_json: '{"JWKSURL":"https://idp.invalid/jwks"}' }],
  ['consul_acl_auth_method', { name: 'jwt', type: 'jwt', config_json: '{"OIDCDiscoveryURL":"https://idp.invalid"}' }],
])(
  'what a server says of a vendor out of reach gets a hint for apps, for JSON and for HCL: %s %j',
  async (type, arguments_) => {
    const error = await env.applyJson({ resource: { [type]: { jwt: arguments_ } } }).catch((reason: unknown) => reason);
    expect(withEntryHint('main.ts', 'app', error)).toMatchObject({
      code: 'apply_failed',
      message: expect.stringMatching(
        /"main\.ts" always names this issuer: read JWKS_URL.*--impersonate https:\/\/idp\.invalid$/,
      ),
    });
    expect(withEntryHint('cdk.tf.json', 'synthesised', error)).toMatchObject({
      message: expect.stringMatching(
        /pass the app's entry file instead, such as main\.ts.*--impersonate https:\/\/idp\.invalid$/,
      ),
    });
    expect(withEntryHint('infra/vault', 'terraform', error)).toMatchObject({
      message: expect.stringMatching(
        /"infra\/vault" names an issuer .* --var jwks_url=JWKS_URL, or answer for it with --impersonate https:\/\/idp\.invalid$/,
      ),
    });
  },
);

test('any other failure gets none', async () => {
  const policy = { name: 'p', policy: 'path "x" {' };
  const error = await env.applyJson({ resource: { vault_policy: { policy } } }).catch((reason: unknown) => reason);
  expect(error).toMatchObject({ code: 'apply_failed' });
  expect(withEntryHint('main.ts', 'app', error)).toBe(error);
});

test.each([
  [{ format_version: '1.2', planned_values: {} }, 'it is a plan, which only "lint" accepts'],
  [{ version: 4, terraform_version: '1.11.0', resources: [] }, 'it is a state'],
])('a plan and a state are no declaration, before Terraform is looked for: %j', async (json, words) => {
  const file = join(await temporaryFolder(), 'plan.json');
  await writeFile(file, JSON.stringify(json));
  const { exitCode, stderr } = await cliInProcess(['parity', file], {
    env: { VAULTPROOF_TERRAFORM_PATH: '/nonexistent/terraform' },
  });
  expect({ exitCode, stderr }).toEqual({ exitCode: 2, stderr: expect.stringContaining(words) });
});

/** An app that writes one configuration as `cdktf synth` does. */
function synthesising(json: string): string {
  return `import { mkdirSync, writeFileSync } from 'node:fs';
const folder = \`\${process.env.CDKTF_OUTDIR}/stacks/demo\`;
mkdirSync(folder, { recursive: true });
writeFileSync(\`\${folder}/cdk.tf.json\`, ${JSON.stringify(json)});`;
}

describe('with the real provider', () => {
  beforeEach(requiresProviders('vault'));

  test.each(['stacks/main.ts', 'cdktf.json'])(
    'the bundled app, %s, ends in two servers that are configured alike',
    async (entry) => {
      const { exitCode, stdout } = await cli(['parity', '--json', entry]);
      expect({ exitCode, result: JSON.parse(stdout) }).toEqual({
        exitCode: 0,
        result: { applied: ['vault-jwt'], compared: expect.any(Number), differences: [], pending: [] },
      });
    },
  );

  test('the stacks of a folder like cdktf.out are compared, and counted', async () => {
    const folder = await temporaryFolder();
    const { publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    const pem = publicKey.export({ type: 'spki', format: 'pem' }).toString().trim();
    const role = { backend: 'jwt', role_name: 'r', role_type: 'jwt', user_claim: 'sub', bound_audiences: ['a'] };
    await mkdir(join(folder, 'stacks', 'one'), { recursive: true });
    await writeFile(
      join(folder, 'stacks', 'one', 'cdk.tf.json'),
      JSON.stringify({
        resource: {
          vault_jwt_auth_backend: { jwt: { path: 'jwt', jwt_validation_pubkeys: [pem] } },
          vault_jwt_auth_backend_role: { r: { ...role, depends_on: ['vault_jwt_auth_backend.jwt'] } },
        },
      }),
    );
    const { exitCode, stdout } = await cli(['parity', folder]);
    expect({ exitCode, last: stdout.split('\n').at(-1) }).toEqual({
      exitCode: 0,
      last: expect.stringMatching(/^one: \d+ places compared, 0 differences$/),
    });
  });

  test.each(['jwks_url', 'oidc_discovery_url'])(
    'JSON whose issuer has gone says to pass the app instead: %s',
    async (argument) => {
      const file = join(await temporaryFolder(), 'cdk.tf.json');
      const jwt = { path: 'jwt', [argument]: 'http://127.0.0.1:9/jwks.json' };
      await writeFile(file, JSON.stringify({ resource: { vault_jwt_auth_backend: { jwt } } }));
      const { exitCode, stderr } = await cli(['parity', file]);
      expect(exitCode).toBe(1);
      expect(stderr).toContain('apply_failed: ');
      expect(stderr).toContain("pass the app's entry file instead, such as main.ts");
    },
  );

  test('an app that names a key set that is out of reach says to take the one that it is told of', async () => {
    const app = join(await temporaryFolder(), 'app.mjs');
    const jwt = { path: 'jwt', jwks_url: 'https://idp.invalid/jwks' };
    const json = JSON.stringify({ resource: { vault_jwt_auth_backend: { jwt } } });
    await writeFile(app, synthesising(json));
    const { exitCode, stderr } = await cli(['parity', app]);
    expect(exitCode).toBe(1);
    expect(stderr).toContain('read JWKS_URL and BOUND_ISSUER from the environment');
  });

  test('Ctrl-C in the middle of an apply ends it with 130, and leaves nothing', async () => {
    const folder = await temporaryFolder();
    const running = cli(['parity', 'stacks/main.ts'], { env: { TMPDIR: folder } });
    const begun = new Promise<void>((resolve) => {
      running.stderr.on('data', (text: Buffer) => {
        if (text.toString().includes(': Creating')) resolve();
      });
    });
    await Promise.race([begun, running]);
    running.kill('SIGINT');
    expect(await running).toMatchObject({ exitCode: 130, stdout: '' });
    await vi.waitFor(async () => expect(await foldersIn(folder)).toEqual([]), { timeout: 15_000, interval: 50 });
  });
});

describe('with the real providers', () => {
  beforeEach(requiresProviders('vault', 'consul'));

  test.each([
    ['github-actions-basic', ['--var', 'jwks_url=JWKS_URL', '--var', 'issuer=ISSUER_URL']],
    ['github-actions-basic', ['--impersonate', 'https://token.actions.githubusercontent.com']],
    ['github-actions-basic/main.tf', ['--var', 'jwks_url=JWKS_URL']],
    ['consul-nomad-workloads', ['--var', 'jwks_url=JWKS_URL']],
  ])('HCL ends in two servers that are configured alike: %s %j', async (name, options) => {
    const source = `test/fixtures/hcl/logins/${name}`;
    const { exitCode, stdout } = await cli(['parity', '--json', source, ...options]);
    expect({ exitCode, result: JSON.parse(stdout) }).toEqual({
      exitCode: 0,
      result: { applied: [source], compared: expect.any(Number), differences: [], pending: [] },
    });
  });

  test('HCL that names a vendor out of reach says how to give it another issuer', async () => {
    const source = 'test/fixtures/hcl/logins/github-actions-basic';
    const { exitCode, stderr } = await cli(['parity', source, '--var', 'jwks_url=https://idp.invalid/jwks']);
    expect(exitCode).toBe(1);
    expect(stderr).toContain('--var jwks_url=JWKS_URL');
  });
});

test('an app that hangs is interrupted with all that it started, and nothing is left', async () => {
  const folder = await temporaryFolder();
  const temporary = join(folder, 'tmp');
  await mkdir(temporary);
  await writeFile(join(folder, 'cdktf.json'), JSON.stringify({ language: 'typescript', app: 'node app.mjs & wait' }));
  const script = `import { writeFileSync } from 'node:fs'; writeFileSync('pid', String(process.pid)); setInterval(() => {}, 1_000);`;
  await writeFile(join(folder, 'app.mjs'), script);
  const app = async (): Promise<number> => Number(await readFile(join(folder, 'pid'), 'utf8'));
  for (const [signal, exitCode] of [
    ['SIGTERM', 130],
    ['SIGKILL', undefined],
  ] as const) {
    await rm(join(folder, 'pid'), { force: true });
    const running = cli(['parity', folder], { env: { TMPDIR: temporary } });
    const pid = await vi.waitFor(app, { timeout: 30_000, interval: 20 });
    running.kill(signal);
    expect((await running).exitCode).toBe(exitCode);
    await vi.waitFor(() => expect(stillRunning([pid])).toEqual([]), { timeout: 10_000, interval: 20 });
    await vi.waitFor(async () => expect(await foldersIn(temporary)).toEqual([]), { timeout: 10_000, interval: 20 });
  }
});
