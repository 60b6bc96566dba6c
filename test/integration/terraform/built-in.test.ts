import { existsSync } from 'node:fs';
import { chmod, mkdir, readFile, writeFile } from 'node:fs/promises';
import { delimiter, dirname, join } from 'node:path';
import { inspect } from 'node:util';
import { startEnvironment, type TerraformOptions, type TerraformProvisioner, terraformProvisioner } from 'vaultproof';
import { afterEach, beforeEach, describe, expect, onTestFinished, test, vi } from 'vitest';
import { startChild } from '../../support/child.js';
import { requires } from '../../support/requirement.js';
import { temporaryFolder } from '../../support/temporary-folder.js';
import { descendantsOf, foldersIn, stillRunning } from '../../support/what-runs.js';

// `terraform_data` is built into Terraform: it needs no registry and no server.

beforeEach(requires('terraform'));
afterEach(() => {
  vi.unstubAllEnvs();
});

const ADDRESS = 'terraform_data.gate';

function start(options: TerraformOptions = {}): TerraformProvisioner {
  const terraform = terraformProvisioner({ allowProvisioners: ['local-exec'], ...options });
  onTestFinished(() => terraform.stop());
  return terraform;
}

/** One resource, with a command that runs when it is made. */
function gate(input: unknown, command?: string) {
  const provisioner =
    command === undefined ? {} : { triggers_replace: command, provisioner: [{ 'local-exec': { command } }] };
  return {
    resource: { terraform_data: { gate: { '//': { metadata: { path: 'demo/gate' } }, input, ...provisioner } } },
    output: { shown: { value: `\${${ADDRESS}.output}` }, hidden: { value: 'canary-output', sensitive: true } },
  };
}

/** A command that says that it runs, and then waits for good. */
async function endless(): Promise<{ command: string; running: () => Promise<void> }> {
  const flag = join(await temporaryFolder(), 'running');
  return {
    command: `echo $$ > '${flag}'; exec sleep 600`,
    running: () => vi.waitFor(() => expect(existsSync(flag)).toBe(true), { timeout: 20_000, interval: 20 }),
  };
}

test('a configuration is planned, applied, changed and destroyed, with a line for every step', async () => {
  const lines: string[] = [];
  const terraform = start({ report: (line) => lines.push(line) });
  const made = { address: ADDRESS, constructPath: 'demo/gate', action: 'create', attributes: [] };
  expect(await terraform.plan('demo', gate('one'))).toEqual([made]);
  expect(await terraform.apply('demo', gate('one'))).toMatchObject({
    created: [ADDRESS],
    updated: [],
    removed: [],
    pending: [],
    differences: [],
    outputs: { shown: 'one' },
  });
  expect(await terraform.plan('demo', gate('two'))).toEqual([
    { ...made, action: 'update', attributes: ['input', 'output'] },
  ]);
  expect(await terraform.apply('demo', gate('two'))).toMatchObject({ created: [], updated: [ADDRESS] });
  expect(await terraform.outputs('demo')).toMatchObject({ shown: 'two' });
  expect(await terraform.destroy('demo')).toMatchObject({ removed: [ADDRESS], outputs: {} });
  expect(await terraform.outputs('demo')).toEqual({});
  expect(lines).toEqual([
    'terraform: terraform_data.gate: Creating...',
    expect.stringMatching(/^terraform: terraform_data\.gate: Creation complete after 0s/),
    expect.stringMatching(/^terraform: terraform_data\.gate: Modifying\.\.\./),
    expect.stringMatching(/^terraform: terraform_data\.gate: Modifications complete after 0s/),
    expect.stringMatching(/^terraform: terraform_data\.gate: Destroying\.\.\./),
    expect.stringMatching(/^terraform: terraform_data\.gate: Destruction complete after 0s/),
  ]);
  expect(lines.join('\n')).not.toContain('canary');
});

test('configurations of two names, and two provisioners, share nothing', async () => {
  const [one, other] = [start(), start()];
  const results = await Promise.all([
    one.apply('a', gate('1')),
    one.apply('b', gate('2')),
    other.apply('a', gate('3')),
  ]);
  expect(results.map(({ outputs }) => outputs['shown'])).toEqual(['1', '2', '3']);
  expect(new Set([await one.folder('a'), await one.folder('b'), await other.folder('a')]).size).toBe(3);
});

test('applies of the same name at the same time wait for each other', async () => {
  const terraform = start();
  const results = await Promise.all(['1', '2', '3'].map((input) => terraform.apply('demo', gate(input))));
  expect(results.map(({ outputs }) => outputs['shown'])).toEqual(['1', '2', '3']);
});

test('stop() removes the folders, and nothing is applied after it', async () => {
  const terraform = start();
  await terraform.apply('demo', gate('one'));
  const folder = await terraform.folder('demo');
  expect(existsSync(folder)).toBe(true);
  await terraform.stop();
  await terraform.stop();
  expect(existsSync(folder)).toBe(false);
  await expect(terraform.apply('demo', gate('two'))).rejects.toMatchObject({ code: 'server_stopped' });
});

test('of the environment terraform sees what it needs, and no variable that would lead it elsewhere', async () => {
  const file = join(await temporaryFolder(), 'environment');
  for (const [name, value] of Object.entries({
    VAULT_ADDR: 'https://canary.invalid',
    VAULT_TOKEN: 'canary',
    CONSUL_HTTP_ADDR: 'canary',
    AWS_SECRET_ACCESS_KEY: 'canary',
    TF_VAR_x: 'canary',
    TF_CLI_ARGS: '-canary',
    TF_CLI_ARGS_apply: '-canary',
    TF_WORKSPACE: 'canary',
    TF_DATA_DIR: '/canary',
    TF_LOG: 'trace',
    HTTPS_PROXY: 'http://proxy.invalid:3128',
    TF_TOKEN_registry_example_com: 'for-a-registry',
  })) {
    vi.stubEnv(name, value);
  }
  const server = { address: 'http://127.0.0.1:9', token: 'a-token' };
  const terraform = start({ vault: server, consul: server });
  await terraform.apply('demo', gate('one', `env > '${file}'`));
  const lines = (await readFile(file, 'utf8')).split('\n');
  expect(lines).toEqual(
    expect.arrayContaining([
      'VAULT_ADDR=http://127.0.0.1:9',
      'VAULT_TOKEN=a-token',
      'CONSUL_HTTP_ADDR=http://127.0.0.1:9',
      'CONSUL_HTTP_TOKEN=a-token',
      'HTTPS_PROXY=http://proxy.invalid:3128',
      'TF_TOKEN_registry_example_com=for-a-registry',
      'TF_IN_AUTOMATION=1',
      'CHECKPOINT_DISABLE=1',
    ]),
  );
  expect(lines.filter((line) => line.includes('canary'))).toEqual([]);
});

describe('a failure', () => {
  test('of a root module shows no value of a sensitive variable', async () => {
    const folder = await temporaryFolder();
    await writeFile(
      join(folder, 'main.tf'),
      `variable "password" {
  sensitive = true
}
variable "pins" {
  sensitive = true
  default   = { first = "canary-default" }
}
module "login" {
  source = "./login"
  secret = "canary-module"
}
output "made" {
  value     = [base64encode(var.password), module.login.made]
  sensitive = true
}
resource "terraform_data" "gate" {
  lifecycle {
    precondition {
      condition     = var.password == ""
      error_message = "refused: \${nonsensitive(var.password)} and \${nonsensitive(var.pins).first}, \${nonsensitive(base64encode(var.password))}, \${nonsensitive(module.login.made)}"
    }
  }
}
`,
    );
    await mkdir(join(folder, 'login'));
    await writeFile(
      join(folder, 'login', 'main.tf'),
      `variable "secret" {
  sensitive = true
}
output "made" {
  value     = upper(var.secret)
  sensitive = true
}
`,
    );
    await using env = await startEnvironment({ vault: false, consul: false });
    const given = { provisioner: 'terraform', variables: { password: 'canary-given' } } as const;
    const error = await env.applyTerraform(folder, given).catch((refused: unknown) => refused);
    expect(error).toMatchObject({
      code: 'declaration_invalid',
      message: expect.stringContaining(
        'refused: (sensitive value) and (sensitive value), (sensitive value), (sensitive value)',
      ),
    });
    expect(inspect(error, { depth: 20 })).not.toMatch(/canary|Y2FuYXJ5/i);
  });

  test('of a resource has its construct path', async () => {
    await expect(start().apply('demo', gate('one', 'exit 7'))).rejects.toMatchObject({
      code: 'apply_failed',
      details: { address: ADDRESS, constructPath: 'demo/gate' },
    });
  });

  test('of the declaration is told before anything is made', async () => {
    const declared = gate(`\${terraform_data.nobody.output}`, 'exit 7');
    await expect(start().apply('demo', declared)).rejects.toMatchObject({ code: 'declaration_invalid' });
  });

  test.each([
    {
      what: 'each other',
      names: ['a', 'b'],
      declared: { a: reference('b'), b: reference('a'), waits: reference('a') },
    },
    { what: 'itself', names: ['a'], declared: { a: reference('a'), waits: reference('a') } },
  ])('of resources that wait for $what names them, and none that only wait for them', async ({ names, declared }) => {
    await expect(start().apply('demo', { resource: { terraform_data: declared } })).rejects.toMatchObject({
      code: 'dependency_cycle',
      details: { addresses: names.map((name) => `terraform_data.${name}`) },
    });
  });

  test('of a reference that points nowhere names what is not there', async () => {
    const declared = { a: reference('nobody') };
    await expect(start().apply('demo', { resource: { terraform_data: declared } })).rejects.toMatchObject({
      code: 'declaration_invalid',
      message: expect.stringContaining('"nobody" has not been declared'),
    });
  });

  test('never repeats the configuration', async () => {
    const failure = await start()
      .apply('demo', { resource: { terraform_data: { gate: { inputs: 'canary-input' } } } })
      .catch((error: unknown) => error);
    expect(failure).toMatchObject({ code: 'declaration_invalid' });
    expect(String(failure) + JSON.stringify(failure)).not.toContain('canary');
  });

  test('of a plan that is never empty names the resource and its arguments', async () => {
    await expect(start().apply('demo', gate(`\${timestamp()}`))).rejects.toMatchObject({
      code: 'plan_not_empty',
      details: {
        changes: [{ address: ADDRESS, constructPath: 'demo/gate', action: 'update', attributes: ['input', 'output'] }],
      },
    });
  });

  test('of a state that somebody else locks is named, and over when they end', async () => {
    const terraform = start();
    await terraform.apply('demo', gate('one'));
    const { command, running } = await endless();
    const [folder, controller] = [await temporaryFolder(), new AbortController()];
    // Two provisioners of one folder do not happen; somebody who runs terraform in it by hand may.
    const other = start({
      signal: controller.signal,
      executable: await terraformIn(folder, await terraform.folder('demo')),
    });
    const held = other.apply('demo', gate('two', command)).catch((error: unknown) => error);
    await running();
    await expect(terraform.apply('demo', gate('three'))).rejects.toMatchObject({ code: 'state_locked' });
    await expect(terraform.plan('demo', gate('three'))).rejects.toThrow('could not be planned: ');
    await expect(terraform.destroy('demo')).rejects.toThrow('could not be destroyed: ');
    controller.abort(new Error('enough'));
    expect(await held).toEqual(new Error('enough'));
    expect(await terraform.apply('demo', gate('three'))).toMatchObject({ outputs: { shown: 'three' } });
  });

  test('of a version that the configuration does not want is told apart', async () => {
    await expect(
      start().apply('demo', { ...gate('one'), terraform: { required_version: '< 1.0.0' } }),
    ).rejects.toMatchObject({ code: 'terraform_too_old' });
  });
});

describe('an apply that is interrupted', () => {
  test('ends with the reason, leaves no process and no lock, and can be done again', async () => {
    const { command, running } = await endless();
    const controller = new AbortController();
    const terraform = start({ signal: controller.signal });
    const outcome = terraform.apply('demo', gate('one', command)).catch((error: unknown) => error);
    await running();
    const pids = descendantsOf(process.pid).filter(({ command: line }) =>
      /(?:terraform|tofu) apply|sleep 600/.test(line),
    );
    expect(pids.length).toBeGreaterThanOrEqual(2);
    controller.abort(new Error('enough'));
    expect(await outcome).toEqual(new Error('enough'));
    await vi.waitFor(() => expect(stillRunning(pids.map(({ pid }) => pid))).toEqual([]), { timeout: 5_000 });
    expect(existsSync(join(await terraform.folder('demo'), '.terraform.tfstate.lock.info'))).toBe(false);
  });

  test('is killed when it does not end in time', async () => {
    const { command, running } = await endless();
    const controller = new AbortController();
    const terraform = start({ signal: controller.signal, graceMs: 1 });
    const outcome = terraform.apply('demo', gate('one', `trap '' INT; ${command}`)).catch((error: unknown) => error);
    await running();
    controller.abort(new Error('enough'));
    expect(await outcome).toEqual(new Error('enough'));
  });

  test('an apply that stop() interrupts ends as well', async () => {
    const { command, running } = await endless();
    const terraform = start();
    const outcome = terraform.apply('demo', gate('one', command)).catch((error: unknown) => error);
    await running();
    await terraform.stop();
    expect(await outcome).toMatchObject({ code: 'server_stopped' });
  });

  test.each(['SIGKILL', 'SIGTERM'] as const)(
    'an apply that %s of our process interrupts leaves no process and no folder',
    async (signal) => {
      const { command, running } = await endless();
      const folder = await temporaryFolder();
      const child = startChild(
        'terraform-child.ts',
        { configuration: gate('one', command) },
        { env: { TMPDIR: folder } },
      );
      onTestFinished(() => child.kill('SIGKILL'));
      await child.started;
      await running();
      const pids = descendantsOf(child.pid).map(({ pid }) => pid);
      expect(await foldersIn(folder)).toHaveLength(1);
      child.kill(signal);
      await child.ended;
      await vi.waitFor(
        async () => {
          expect(stillRunning(pids)).toEqual([]);
          expect(await foldersIn(folder)).toEqual([]);
        },
        { timeout: 15_000, interval: 50 },
      );
    },
  );
});

/** A `terraform` that works in a certain folder, wherever it is started. */
async function terraformIn(folder: string, where: string): Promise<string> {
  const path = join(folder, 'terraform');
  const script = `#!/bin/sh
case $1 in version) ;; *) cp main.tf.json '${where}/main.tf.json'; cd '${where}' ;; esac
PATH='${(process.env['PATH'] ?? '')
    .split(delimiter)
    .filter((entry) => entry !== dirname(path))
    .join(delimiter)}'
exec terraform "$@"
`;
  await writeFile(path, script);
  await chmod(path, 0o755);
  return path;
}

function reference(name: string) {
  return { input: `\${terraform_data.${name}.output}` };
}
