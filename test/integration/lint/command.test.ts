import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join, relative } from 'node:path';
import { describe, expect, test } from 'vitest';
import { cli } from '../../support/cli.js';
import { cliInProcess } from '../../support/cli-in-process.js';
import { folderWith, temporaryFolder } from '../../support/temporary-folder.js';
import { importsIn } from '../../unit/docs/imports.js';

const clean = { resource: { vault_policy: { a: { name: 'a', policy: 'path "kv/a" { capabilities = ["read"] }' } } } };
const faulty = {
  resource: { vault_policy: { a: { name: 'a', policy: 'path "sys/audit" { capabilities = ["sudo"] }' } } },
};
/** Much of it is not known before Terraform runs. */
const opaque = {
  module: { m: { source: './m' } },
  resource: {
    vault_jwt_auth_backend: {
      jwt: { jwks_url: 'https://i.example', bound_issuer: 'https://i.example', jwt_supported_algs: ['RS256'] },
    },
    vault_policy: {
      a: { name: 'a', policy: `\${file("a.hcl")}` },
      b: { name: 'b', policy: `\${var.p}` },
      c: { name: 'c', policy: 'path "kv/a" { capabilities = ["read"] }' },
    },
  },
};
const warned = { output: { my_token: { value: 'x' } } };

/** Runs the command outside of GitHub Actions, wherever these tests run. */
function lint(args: readonly string[], input: unknown = '') {
  return cliInProcess(['lint', ...args], {
    env: { GITHUB_ACTIONS: undefined },
    input: typeof input === 'string' ? input : JSON.stringify(input),
  });
}

async function fileWith(json: unknown, name = 'cdk.tf.json'): Promise<string> {
  const path = join(await temporaryFolder(), name);
  await writeFile(path, JSON.stringify(json));
  return path;
}

describe('vaultproof lint', () => {
  test('ends with 0 and says so where nothing is found', async () => {
    expect(await lint([await fileWith(clean)])).toMatchObject({
      exitCode: 0,
      stdout: '',
      stderr: '0 findings\n1 policy',
    });
  });

  test('says what it passed over, and that it looked at nothing', async () => {
    const { stdout, stderr } = await lint([await fileWith(opaque), await fileWith(clean)]);
    expect(stdout).toBe('');
    expect(stderr.split('\n')).toEqual([
      '0 findings',
      '1 auth method, 2 policies; passed over: 2 policies (file(), var.p), 1 module (lint a plan for it)',
    ]);
    const nothing = await lint(['-'], { resource: { aws_instance: { a: {}, b: {} } } });
    expect(nothing.stderr.split('\n')).toEqual([
      '0 findings',
      'no auth method, role, binding rule or policy; passed over: 2 resources (aws_instance)',
    ]);
  });

  test('ends with 1 and says what, where, why and what to do', async () => {
    const file = await fileWith(faulty);
    const { exitCode, stdout, stderr } = await lint([file]);
    expect({ exitCode, stderr }).toEqual({
      exitCode: 1,
      stderr: '1 finding (1 error, 0 warnings)\ndocs/lints.md explains each of them\n1 policy',
    });
    expect(stdout.split('\n')).toEqual([
      `${file}: error policy-sudo: vault_policy.a`,
      '  policy "sys/audit"',
      '  it grants sudo, which opens the paths that Vault keeps for root',
      '  remove sudo, or allow this for a path that needs it',
    ]);
  });

  test('prints one JSON object with --json, under GitHub Actions too', async () => {
    const file = await fileWith(faulty);
    const { exitCode, stdout } = await cli(['lint', '--json', file], { env: { GITHUB_ACTIONS: 'true' } });
    expect(exitCode).toBe(1);
    expect(JSON.parse(stdout)).toEqual({
      findings: [
        {
          file,
          code: 'policy-sudo',
          severity: 'error',
          address: 'vault_policy.a',
          constructPath: 'vault_policy.a',
          attribute: 'policy',
          found: 'sys/audit',
          reason: 'it grants sudo, which opens the paths that Vault keeps for root',
          fix: 'remove sudo, or allow this for a path that needs it',
        },
      ],
      lookedAt: { policy: 1 },
      passedOver: [],
    });
  });

  test('says in JSON what it passed over, and where', async () => {
    const file = await fileWith(opaque);
    const { stdout } = await lint(['--json', file]);
    expect(JSON.parse(stdout)).toEqual({
      findings: [],
      lookedAt: { authMethod: 1, policy: 1 },
      passedOver: [
        { file, kind: 'policy', address: 'vault_policy.a', reason: 'file()' },
        { file, kind: 'policy', address: 'vault_policy.b', reason: 'var.p' },
        { file, kind: 'module', address: 'module.m', reason: 'lint a plan for it' },
      ],
    });
  });

  test.each([
    [['--github'], undefined],
    [[], 'true'],
  ])('prints annotations with %j and GITHUB_ACTIONS=%s', async (options, GITHUB_ACTIONS) => {
    const file = await fileWith({ ...faulty, ...warned }, 'a,b:c%.json');
    const { stdout } = await cliInProcess(['lint', ...options, file], { env: { GITHUB_ACTIONS } });
    const escaped = file.replace('a,b:c%.json', 'a%2Cb%3Ac%25.json');
    expect(stdout.split('\n')).toEqual([
      expect.stringMatching(
        /^::error file=[^,]*,title=policy-sudo::vault_policy\.a policy "sys\/audit": it grants sudo/,
      ),
      expect.stringMatching(/^::warning file=[^,]*,title=secret-looking-output::output\.my_token value: an output/),
    ]);
    expect(stdout).toContain(`file=${escaped},`);
  });

  test('lints a folder of HCL with its modules, with the file and the line of each block', async () => {
    const folder = await temporaryFolder();
    const files = {
      'main.tf': `variable "url" {}\n\nmodule "login" {\n  source = "./login"\n  url    = var.url\n}\n`,
      'login/main.tf': `variable "url" {}\n\nresource "vault_policy" "all" {\n  name   = "all"\n  policy = "path \\"*\\" { capabilities = [\\"sudo\\"] }"\n}\n`,
    };
    await mkdir(join(folder, 'login'));
    for (const [name, text] of Object.entries(files)) await writeFile(join(folder, name), text);
    const { stdout, stderr, exitCode } = await lint(['--json', folder]);
    const { findings } = JSON.parse(stdout) as { findings: Record<string, unknown>[] };
    const place = { file: join(folder, 'login/main.tf'), line: 3, address: 'module.login.vault_policy.all' };
    expect(findings.length).toBeGreaterThan(0);
    for (const finding of findings) expect(finding).toMatchObject(place);
    expect(exitCode).toBe(1);
    expect(stderr).toMatch(/1 policy$/);
    await writeFile(join(folder, 'main.tf'), 'locals {\n  a =\n}\n');
    const broken = await lint([folder]);
    expect(broken.exitCode).toBe(2);
    expect(broken.stderr).toContain(`syntax_invalid: ${relative('', join(folder, 'main.tf'))}:2:`);
  });

  test('values of variables are those of --var and --var-file, for the folders that declare them', async () => {
    const folder = await temporaryFolder();
    const policies = (name: string) =>
      `variable "${name}" {}\n\nresource "vault_policy" "p" {\n  name   = "p"\n  policy = "path \\"x\\" { capabilities = [\\"\${var.${name}}\\"] }"\n}\n`;
    for (const name of ['one', 'two']) {
      await mkdir(join(folder, name));
      await writeFile(join(folder, name, 'main.tf'), policies(name));
    }
    await writeFile(join(folder, 'test.tfvars'), 'two = "sudo"\n');
    const found = async (...args: string[]): Promise<string[]> => {
      const { findings } = JSON.parse((await lint(['--json', folder, ...args])).stdout);
      return findings.map(({ file, code }: { file: string; code: string }) => `${relative(folder, file)} ${code}`);
    };
    expect(await found()).toEqual([]);
    expect(await found('--var', 'one=sudo', '--var', 'two=read')).toEqual(['one/main.tf policy-sudo']);
    expect(await found(`--var-file=${join(folder, 'test.tfvars')}`)).toEqual(['two/main.tf policy-sudo']);
    expect(await lint([folder, '--var', 'three=x'])).toMatchObject({
      exitCode: 2,
      stderr: expect.stringContaining('no folder declares the variable "three"'),
    });
    expect(await lint([folder, '--var-file', 'none.tfvars'])).toMatchObject({
      exitCode: 2,
      stderr: expect.stringContaining('--var-file "none.tfvars" does not exist'),
    });
    expect(await lint([folder, '--var', 'three'])).toMatchObject({
      exitCode: 2,
      stderr: expect.stringContaining('--var "three" has no value: write --var NAME=VALUE'),
    });
  });

  test('lints every *.tf.json below a folder', async () => {
    const folder = await temporaryFolder();
    for (const [name, json] of [
      ['stacks/b/cdk.tf.json', clean],
      ['stacks/a/cdk.tf.json', faulty],
      ['.terraform/modules/m/main.tf.json', faulty],
      ['other.json', faulty],
    ] as const) {
      await mkdir(join(folder, dirname(name)), { recursive: true });
      await writeFile(join(folder, name), JSON.stringify(json));
    }
    const { stdout } = await lint(['--json', folder]);
    const { findings, lookedAt } = JSON.parse(stdout) as { findings: { file: string }[]; lookedAt: object };
    expect(findings.map(({ file }) => file)).toEqual([join(folder, 'stacks/a/cdk.tf.json')]);
    expect(lookedAt).toEqual({ policy: 2 });
    expect(await lint([await temporaryFolder()])).toMatchObject({
      exitCode: 2,
      stderr: expect.stringMatching(
        /^configuration_not_found: there is no \*\.tf or \*\.tf\.json below ".*": name the folder/,
      ),
    });
  });

  test('reports errors alone with --severity error, and ends with 0 where there are warnings alone', async () => {
    const both = await fileWith({ ...faulty, ...warned });
    const { stdout, stderr, exitCode } = await lint(['--severity', 'error', both]);
    expect(stdout).toContain('policy-sudo');
    expect(stdout).not.toContain('secret-looking-output');
    expect(stderr).toContain('1 finding (1 error, 0 warnings); 1 warning left out by --severity');
    expect(exitCode).toBe(1);
    expect((await lint(['--severity', 'error', await fileWith(warned)])).exitCode).toBe(0);
    expect((await lint([await fileWith(warned)])).exitCode).toBe(1);
  });

  test('prints SARIF that code scanning takes', async () => {
    const file = await fileWith({ ...faulty, ...warned }, 'with space.tf.json');
    const { stdout, exitCode } = await lint(['--sarif', file]);
    expect(exitCode).toBe(1);
    const { version, runs } = JSON.parse(stdout);
    expect(version).toBe('2.1.0');
    expect(runs).toHaveLength(1);
    const [{ tool, results }] = runs;
    const helpUri = 'https://github.com/vaultproof/vaultproof/blob/main/docs/lints.md';
    const help = { text: `See ${helpUri}.` };
    const texts = (text: string) => ({ shortDescription: { text }, fullDescription: { text }, help, helpUri });
    expect(tool.driver.rules).toEqual([
      { id: 'policy-sudo', ...texts('policy sudo'), defaultConfiguration: { level: 'error' } },
      { id: 'secret-looking-output', ...texts('secret looking output'), defaultConfiguration: { level: 'warning' } },
    ]);
    expect(results).toEqual([
      {
        ruleId: 'policy-sudo',
        level: 'error',
        message: { text: expect.stringMatching(/^vault_policy\.a policy "sys\/audit": it grants sudo.*; remove sudo/) },
        locations: [
          {
            physicalLocation: {
              artifactLocation: { uri: file.replace(' ', '%20') },
              region: { startLine: 1 },
            },
            logicalLocations: [{ name: 'vault_policy.a', fullyQualifiedName: 'vault_policy.a' }],
          },
        ],
      },
      expect.objectContaining({ ruleId: 'secret-looking-output', level: 'warning' }),
    ]);
  });

  test('reads several files, and standard input for -', async () => {
    const [one, two] = [await fileWith(clean), await fileWith(faulty)];
    const { exitCode, stdout } = await lint([one, two, '-'], faulty);
    expect(exitCode).toBe(1);
    expect(stdout.match(/^\S+: error/gm)).toEqual([`${two}: error`, '-: error']);
  });
});

describe('--allow', () => {
  test.each([['policy-sudo=it audits, and = nothing else'], ['policy-sudo@vault_policy.a=it audits']])(
    '%s takes the finding away',
    async (allow) => {
      expect(await lint(['--allow', allow, '-'], faulty)).toMatchObject({ exitCode: 0, stdout: '' });
    },
  );

  test('may be given several times, and holds for all files', async () => {
    const files = [await fileWith(faulty), await fileWith(warned)];
    const allow = ['--allow', 'policy-sudo=it audits', '--allow=secret-looking-output=it is none'];
    expect(await lint([...allow, ...files])).toMatchObject({ exitCode: 0 });
  });

  test.each([
    ['policy-sudo', 'allowance-without-reason'],
    ['policy-sudo=', 'allowance-without-reason'],
    ['policy-sudo@vault_policy.b=why', 'unused-allowance'],
    ['comma-split=why', 'unused-allowance'],
  ])('%s is a finding: %s', async (allow, code) => {
    const { exitCode, stdout } = await lint(['--allow', allow, '-'], faulty);
    expect(exitCode).toBe(1);
    expect(stdout).toContain(`error ${code}: allow`);
  });
});

describe('a cdktf app', () => {
  /** Writes two stacks, with the same address in both; the auth method has the issuer that it is told. */
  const app = `
import { mkdirSync, writeFileSync } from 'node:fs';
const { CDKTF_OUTDIR, JWKS_URL, BOUND_ISSUER } = process.env;
for (const stack of ['one', 'two']) {
  const folder = CDKTF_OUTDIR + '/stacks/' + stack;
  mkdirSync(folder, { recursive: true });
  const comment = { metadata: { path: stack + '/sudo' } };
  const policy = { '//': comment, name: 'a', policy: 'path "sys/audit" { capabilities = ["sudo"] }' };
  const jwt = { jwks_url: JWKS_URL, bound_issuer: BOUND_ISSUER, jwt_supported_algs: ['RS256'] };
  const resource = { vault_policy: { sudo: policy }, ...(stack === 'two' && { vault_jwt_auth_backend: { jwt } }) };
  writeFileSync(folder + '/cdk.tf.json', JSON.stringify({ resource }));
}
`;

  test('is run, by its file or the folder of its cdktf.json, and what it synthesises is looked through', async () => {
    const folder = await folderWith({ 'main.mjs': app, 'cdktf.json': '{"app":"node main.mjs"}' });
    for (const [name, file] of [
      ['main.mjs', 'main.mjs'],
      ['cdktf.json', 'cdktf.json'],
      ['', 'cdktf.json'],
    ] as const) {
      const { exitCode, stdout, stderr } = await lint([join(folder, name)]);
      expect({ exitCode, errors: stdout.match(/^.* error .*$/gm), counted: stderr.split('\n')[2] }).toEqual({
        exitCode: 1,
        errors: ['one', 'two'].map(
          (stack) => `${join(folder, file)}: error policy-sudo: vault_policy.sudo (${stack}/sudo)`,
        ),
        counted: '1 auth method, 2 policies',
      });
      expect(stdout).not.toContain('also');
    }
  });

  test('that is one of several sources is looked through beside them, with its failure', async () => {
    const folder = await folderWith({ 'main.mjs': app, 'bad.mjs': 'throw new Error("not today")' });
    const [good, bad] = [join(folder, 'main.mjs'), join(folder, 'bad.mjs')];
    const { exitCode, stdout } = await lint(['--json', good, bad, await fileWith(clean)]);
    expect(exitCode).toBe(2);
    expect(JSON.parse(stdout)).toMatchObject({
      findings: [{ file: good }, { file: good }],
      lookedAt: { policy: 3 },
      errors: [{ file: bad, code: 'synth_failed' }],
    });
    expect((await lint([bad])).stderr).toContain('not today');
  });

  test('takes no option of HCL, and needs an app in its cdktf.json', async () => {
    const folder = await folderWith({ 'main.mjs': app, 'cdktf.json': '{}' });
    const ofHcl = await lint([join(folder, 'main.mjs'), '--ignore', 'vault_*']);
    expect([ofHcl.exitCode, ofHcl.stderr]).toEqual([2, expect.stringContaining('--ignore is for HCL')]);
    const without = await lint([folder]);
    expect([without.exitCode, without.stderr]).toEqual([2, expect.stringContaining('has no "app" to run')]);
  });
});

describe('wrong use', () => {
  test.each([
    [[], '', 'Missing required positional argument: FILE'],
    [['/nonexistent.json'], '', 'configuration_not_found: "/nonexistent.json" does not exist'],
    [['-', '--allow', 'no-such-code=x'], clean, 'unknown code "no-such-code"'],
    [['-', '--json', '--github'], clean, 'give one of --json and --github'],
    [['-', '--json', '--sarif'], clean, 'give one of --json and --sarif'],
    [['-', '--sarif', '--gitlab'], clean, 'give one of --sarif and --gitlab'],
    [['-', '--severity', 'warn'], clean, 'unknown severity "warn": did you mean "warning"?'],
    [['-', '--strict'], clean, 'unknown option "--strict"'],
    [['-'], 'planted-canary', 'not_terraform_json: standard input is not JSON: correct line 1, column 1'],
    [['-'], '{\n  "a": 1,\n}', 'not_terraform_json: standard input is not JSON: correct line 3, column 1'],
    [['-'], { name: 'x' }, 'not_terraform_json: standard input: this is not terraform'],
  ])('%j ends with 2 and says why', async (args, input, says) => {
    const { exitCode, stdout, stderr } = await lint(args, input);
    expect(exitCode).toBe(2);
    expect(stderr).toContain(says);
    expect(stdout + stderr).not.toContain('planted-canary');
  });

  test.each([
    ['a.tfvars', 'a = "planted-canary"', 'terraform show -json p | vaultproof lint -'],
    ['hcl', '# a\nmodule "m" {}', 'terraform show -json p | vaultproof lint -'],
    ['p', 'PK\u0003\u0004', 'terraform show -json FILE | vaultproof lint -'],
  ])('of %s says how it becomes JSON', async (name, content, says) => {
    const file = join(await temporaryFolder(), name);
    await writeFile(file, content);
    const { exitCode, stdout, stderr } = await lint([file]);
    expect({ exitCode, stdout }).toEqual({ exitCode: 2, stdout: '' });
    expect(stderr).toContain('not_terraform_json');
    expect(stderr).toContain(says.replace('FILE', file));
    expect(stderr).not.toContain('planted-canary');
  });

  test('with --json is one JSON object on standard output', async () => {
    const { exitCode, stdout } = await lint(['-', '--json'], { name: 'x' });
    expect(exitCode).toBe(2);
    expect(JSON.parse(stdout)).toMatchObject({ error: { code: 'not_terraform_json' } });
  });
});

test('--help says what it reads', async () => {
  const { exitCode, stdout } = await lint(['--help']);
  expect(exitCode).toBe(0);
  expect(stdout).toContain('terraform show -json');
});

test('the command loads no package besides citty, and what finds the name that was meant', () => {
  const imports = importsIn(['cli/', 'errors/', 'harness/']).filter(
    // What reads HCL is loaded for a folder of it.
    ({ when, to }) => when !== 'never' && to !== 'cli/lint/hcl.ts',
  );
  const loaded = new Set(['cli/lint/index.ts']);
  for (const path of loaded) {
    for (const { to } of imports.filter(({ from, kind }) => from === path && kind === 'ours')) loaded.add(to);
  }
  expect(loaded).toContain('harness/lint/policy/hcl.ts');
  const packages = imports.filter(({ kind, from }) => kind === 'package' && loaded.has(from));
  expect([...new Set(packages.map(({ to }) => to))].sort()).toEqual(['citty', 'leven', 'vaultproof']);
});
