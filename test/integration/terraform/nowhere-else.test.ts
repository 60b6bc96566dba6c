import { existsSync } from 'node:fs';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type TerraformOptions, type TerraformProvisioner, terraformProvisioner } from 'vaultproof';
import { afterEach, beforeEach, describe, expect, onTestFinished, test, vi } from 'vitest';
import { requires } from '../../support/requirement.js';
import { temporaryFolder } from '../../support/temporary-folder.js';
import { startTrapServer } from '../../support/trap-server.js';

// What Terraform has built in needs no registry: a state elsewhere, and what runs beside a resource.

beforeEach(requires('terraform'));
afterEach(() => {
  vi.unstubAllEnvs();
});

function start(options: TerraformOptions = {}): TerraformProvisioner {
  const terraform = terraformProvisioner(options);
  onTestFinished(() => terraform.stop());
  return terraform;
}

/** A state that somebody else keeps, behind a password. */
function remoteState(url: string) {
  return {
    terraform_remote_state: { it: { backend: 'http', config: { address: url, username: 'u', password: 'p' } } },
  };
}

/** A resource, and what runs when it is made. */
function resourceWith(provisioner: Readonly<Record<string, unknown>>, more: object = {}) {
  return { terraform_data: { it: { provisioner: [provisioner], ...more } } };
}

async function moduleWith(files: Readonly<Record<string, string>>): Promise<string> {
  const folder = await temporaryFolder();
  for (const [name, text] of Object.entries(files)) await writeFile(join(folder, name), text);
  return folder;
}

const connection = { type: 'ssh', host: '127.0.0.1', user: 'u', password: 'p' };

describe('what reaches something else than the servers', () => {
  const commands: { what: string; named: string; declare: (url: string, file: string) => object }[] = [
    {
      what: 'a state that is kept elsewhere',
      named: 'terraform_remote_state',
      declare: (url) => ({ data: remoteState(url) }),
    },
    {
      what: 'the same in a check',
      named: 'terraform_remote_state',
      declare: (url) => ({
        check: { it: { data: remoteState(url), assert: { condition: true, error_message: 'no' } } },
      }),
    },
    {
      what: 'a certificate that is fetched',
      named: 'tls_certificate',
      declare: (url) => ({ data: { tls_certificate: { it: { url } } } }),
    },
    {
      what: 'a command',
      named: 'local-exec',
      declare: (url, file) => ({
        resource: resourceWith({ 'local-exec': { command: `touch '${file}'; curl ${url}` } }),
      }),
    },
    {
      what: 'a command when something is removed',
      named: 'local-exec',
      declare: (_, file) => ({
        removed: [
          {
            from: 'terraform_data.gone',
            lifecycle: { destroy: true },
            provisioner: { 'local-exec': { when: 'destroy', command: `touch '${file}'` } },
          },
        ],
      }),
    },
    {
      what: 'a command on another machine',
      named: 'remote-exec',
      declare: (url) => ({
        resource: resourceWith({
          'remote-exec': { inline: ['true'], connection: { ...connection, port: new URL(url).port } },
        }),
      }),
    },
    {
      what: 'a file on another machine',
      named: 'file',
      declare: (url) => ({
        resource: resourceWith(
          { file: { content: 'x', destination: '/x' } },
          { connection: { ...connection, port: new URL(url).port } },
        ),
      }),
    },
    {
      what: 'a connection',
      named: 'connection',
      declare: () => ({ resource: { terraform_data: { it: { connection } } } }),
    },
  ];

  test.each(commands)('$what is refused before anything runs', async ({ named, declare }) => {
    const trap = await startTrapServer();
    const file = join(await temporaryFolder(), 'written');
    const terraform = start();
    const refused = { code: 'reaches_elsewhere', details: { named: [named] } };
    await expect(terraform.plan('demo', declare(trap.url, file))).rejects.toMatchObject(refused);
    await expect(terraform.apply('demo', declare(trap.url, file))).rejects.toMatchObject(refused);
    expect(trap.caught).toEqual([]);
    expect(existsSync(file)).toBe(false);
  });

  test.each([
    {
      what: 'a command',
      named: 'local-exec',
      file: 'main.tf',
      text: (_: string, written: string) =>
        `resource terraform_data it {\n  /**/ provisioner /**/ "local-exec" {\n    command = "touch '${written}'"\n  }\n}\n`,
    },
    {
      what: 'a state elsewhere, with its name escaped',
      named: 'terraform_remote_state',
      file: 'main.tf',
      text: (url: string) =>
        `data "terraform\\u005fremote_state" "it" {\n  backend = "http"\n  config  = { address = "${url}" }\n}\n`,
    },
    {
      what: 'a command as JSON',
      named: 'local-exec',
      file: 'main.tf.json',
      text: (_: string, written: string) =>
        JSON.stringify({ resource: resourceWith({ 'local-exec': { command: `touch '${written}'` } }) }),
    },
  ])('$what in a module is refused before anything runs', async ({ named, file, text }) => {
    const trap = await startTrapServer();
    const written = join(await temporaryFolder(), 'written');
    const inner = await moduleWith({ [file]: text(trap.url, written) });
    const outer = await moduleWith({ 'main.tf': `module "inner" {\n  source = "${inner}"\n}\n` });
    await expect(start().apply('demo', { module: { outer: { source: outer } } })).rejects.toMatchObject({
      code: 'reaches_elsewhere',
      details: { module: 'outer.inner', named: [named] },
    });
    expect(trap.caught).toEqual([]);
    expect(existsSync(written)).toBe(false);
  });
});

test('a module in JSON that says something twice is refused: Terraform takes both', async () => {
  const written = join(await temporaryFolder(), 'written');
  const [one, other] = [
    resourceWith({ 'local-exec': { command: `touch '${written}'` } }),
    { terraform_data: { b: {} } },
  ];
  const text = `{"resource": ${JSON.stringify(one)}, "resource": ${JSON.stringify(other)}}`;
  const module = await moduleWith({ 'main.tf.json': text });
  await expect(start().apply('demo', { module: { it: { source: module } } })).rejects.toMatchObject({
    code: 'declaration_invalid',
    details: { module: 'it', file: 'main.tf.json' },
  });
  expect(existsSync(written)).toBe(false);
});

describe('by name', () => {
  test('a data source and a provisioner may reach something else, in a module as well', async () => {
    const trap = await startTrapServer();
    const file = join(await temporaryFolder(), 'written');
    const module = await moduleWith({
      'main.tf': `resource "terraform_data" "it" {\n  provisioner "local-exec" {\n    command = "touch '${file}'"\n  }\n}\n`,
    });
    const terraform = start({ allowProvisioners: ['local-exec'], allowDataSources: ['terraform_remote_state'] });
    await terraform.apply('demo', { module: { it: { source: module } } });
    expect(existsSync(file)).toBe(true);
    await terraform.plan('other', { data: remoteState(trap.url) }).catch(() => undefined);
    expect(trap.caught).toContain('GET /');
  });

  test('nothing else is allowed with it', async () => {
    const terraform = start({ allowProvisioners: ['file'] });
    await expect(
      terraform.apply('demo', { resource: resourceWith({ 'local-exec': { command: 'true' } }) }),
    ).rejects.toMatchObject({ code: 'reaches_elsewhere', details: { named: ['local-exec'] } });
  });

  test.each(['hashicorp/local', 'hashicorp/http', 'hashicorp/external'])('%s runs by name alone', async (source) => {
    const declared = { terraform: { required_providers: { it: { source } } } };
    await expect(start().plan('demo', declared)).rejects.toMatchObject({
      code: 'unsupported_provider',
      details: { providers: [source] },
    });
  });
});

describe('what runs with Terraform', () => {
  /** What a command sees of its environment. */
  async function seen(names: readonly string[]): Promise<Record<string, string>> {
    const file = join(await temporaryFolder(), 'seen');
    const command = names.map((name) => `echo "${name}=$${name}" >> '${file}'`).join('; ');
    const more = `; ls -A "$HOME" | sort | tr '\\n' ' ' | sed 's/^/entries=/' >> '${file}'`;
    const terraform = start({ allowProvisioners: ['local-exec'] });
    await terraform.apply('demo', { resource: resourceWith({ 'local-exec': { command: `${command}${more}` } }) });
    const lines = (await readFile(file, 'utf8')).trim().split('\n');
    return Object.fromEntries(lines.map((line) => line.split(/=(.*)/s).slice(0, 2) as [string, string]));
  }

  test('has a HOME of its own, with the CLI configuration and the logins to registries and nothing else', async () => {
    const home = await temporaryFolder();
    await mkdir(join(home, '.terraform.d'));
    await writeFile(join(home, '.terraform.d', 'credentials.tfrc.json'), '{}');
    // Terraform refuses to start with a cache that it does not find, so this is read, and not as the HOME it has.
    await mkdir(join(home, 'plugins'));
    await writeFile(join(home, '.terraformrc'), 'plugin_cache_dir = "$HOME/plugins"\n');
    await writeFile(join(home, '.vault-token'), 'canary');
    vi.stubEnv('HOME', home);
    vi.stubEnv('TF_CLI_CONFIG_FILE', undefined);
    vi.stubEnv('XDG_CONFIG_HOME', join(home, '.config'));
    const { HOME, XDG_CONFIG_HOME, entries } = await seen(['HOME', 'XDG_CONFIG_HOME']);
    expect(HOME).not.toBe(home);
    expect(XDG_CONFIG_HOME).toBe('');
    expect(entries?.trim()).toBe('.terraform.d .terraformrc');
  });

  test('finds a CLI configuration that is named relative to the working directory', async () => {
    const folder = await temporaryFolder();
    await writeFile(join(folder, 'named.tfrc'), 'disable_checkpoint = true\n');
    vi.spyOn(process, 'cwd').mockReturnValue(folder);
    vi.stubEnv('TF_CLI_CONFIG_FILE', 'named.tfrc');
    expect(await seen(['TF_CLI_CONFIG_FILE'])).toMatchObject({ TF_CLI_CONFIG_FILE: join(folder, 'named.tfrc') });
    vi.restoreAllMocks();
  });
});
