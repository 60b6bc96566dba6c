import { appendFile, mkdir, readdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { type TerraformOptions, type TerraformProvisioner, terraformProvisioner } from 'vaultproof';
import { afterEach, beforeEach, expect, onTestFinished, test, vi } from 'vitest';
import { requires } from '../../support/requirement.js';
import { temporaryFolder } from '../../support/temporary-folder.js';

// `init` does not run a provider: a file in a mirror is one to it. What comes after it fails to start that file.
const STARTED = { code: 'provider_unavailable', message: expect.stringContaining('failed to instantiate provider') };

beforeEach(requires('terraform'));
beforeEach(async () => {
  vi.stubEnv('VAULTPROOF_CACHE_DIR', await temporaryFolder());
  vi.stubEnv('TF_PLUGIN_CACHE_DIR', undefined);
});
afterEach(() => {
  vi.unstubAllEnvs();
});

const vault = { address: 'http://127.0.0.1:9', token: 'none' };

function start(options: TerraformOptions = {}): TerraformProvisioner {
  const terraform = terraformProvisioner({ vault, ...options });
  onTestFinished(() => terraform.stop());
  return terraform;
}

/** Names a mirror with some versions of the provider as the only place where providers are. */
async function useMirror(...versions: readonly string[]): Promise<string> {
  const folder = await temporaryFolder();
  const platform = `${process.platform}_${process.arch === 'x64' ? 'amd64' : process.arch}`;
  for (const registry of ['registry.terraform.io', 'registry.opentofu.org', 'elsewhere.example']) {
    for (const version of versions) {
      const file = join(
        folder,
        registry,
        'hashicorp',
        'vault',
        version,
        platform,
        `terraform-provider-vault_v${version}`,
      );
      await mkdir(dirname(file), { recursive: true });
      await writeFile(file, '#!/bin/sh\nexit 1\n', { mode: 0o755 });
    }
  }
  const configuration = join(folder, 'terraformrc');
  await writeFile(configuration, `provider_installation {\n  filesystem_mirror { path = "${folder}" }\n}\n`);
  vi.stubEnv('TF_CLI_CONFIG_FILE', configuration);
  return configuration;
}

function needing(version?: string) {
  const provider = { source: 'hashicorp/vault', ...(version === undefined ? {} : { version }) };
  return { terraform: { required_providers: { vault: provider } } };
}

test('a provider that is nowhere is an error with the words of terraform', async () => {
  await useMirror();
  await expect(start().apply('demo', needing())).rejects.toMatchObject({
    code: 'provider_unavailable',
    message: expect.stringContaining('hashicorp/vault'),
  });
});

test('a registry that does not answer is the same error', async () => {
  const configuration = join(await temporaryFolder(), 'terraformrc');
  await writeFile(configuration, 'provider_installation {\n  direct {}\n}\n');
  vi.stubEnv('TF_CLI_CONFIG_FILE', configuration);
  const required_providers = { mine: { source: '127.0.0.1:9/me/mine' } };
  const terraform = start({ allowProviders: ['127.0.0.1:9/me/mine'] });
  await expect(terraform.apply('demo', { terraform: { required_providers } })).rejects.toMatchObject({
    code: 'provider_unavailable',
  });
});

test('a version that no release has is told apart', async () => {
  await useMirror('1.0.0', '2.0.0');
  await expect(start().apply('demo', needing('~> 3.0'))).rejects.toMatchObject({
    code: 'provider_version_unavailable',
    message: expect.stringContaining('~> 3.0'),
  });
});

test('what could not be had is looked for again; a provider that cannot be started is named', async () => {
  const configuration = await useMirror();
  const terraform = start();
  await expect(terraform.apply('demo', needing())).rejects.toMatchObject({ code: 'provider_unavailable' });
  const second = await useMirror('1.0.0');
  expect(second).not.toBe(configuration);
  await expect(terraform.apply('demo', needing())).rejects.toMatchObject(STARTED);
});

test('init is run once for the same providers, however many folders need them at the same time', async () => {
  await useMirror('1.0.0', '2.0.0');
  const lines: string[] = [];
  const report = (line: string) => lines.push(line);
  const provisioners = [start({ report }), start({ report }), start({ report })];
  const outcomes = await Promise.allSettled([
    ...provisioners.map((terraform) => terraform.apply('one', needing())),
    ...provisioners.map((terraform) => terraform.apply('other', needing())),
  ]);
  expect(outcomes).toMatchObject(Array.from({ length: 6 }, () => ({ status: 'rejected', reason: STARTED })));
  expect(lines.filter((line) => /init took \d+ ms/.test(line))).toHaveLength(1);

  await expect(start({ report }).apply('demo', needing('1.0.0'))).rejects.toMatchObject(STARTED);
  expect(lines.filter((line) => /init took \d+ ms/.test(line))).toHaveLength(2);
});

test('the plugin cache is ours where the user has none', async () => {
  await useMirror('1.0.0');
  const mine = await temporaryFolder();
  vi.stubEnv('VAULTPROOF_CACHE_DIR', mine);
  await expect(start().apply('demo', needing())).rejects.toMatchObject(STARTED);
  expect(await found(mine)).toBe(true);
});

test.each(['a variable', 'the CLI configuration'])('a plugin cache that %s names is used instead', async (by) => {
  const [ours, theirs] = [await temporaryFolder(), await temporaryFolder()];
  vi.stubEnv('VAULTPROOF_CACHE_DIR', ours);
  const configuration = await useMirror('1.0.0');
  if (by === 'a variable') vi.stubEnv('TF_PLUGIN_CACHE_DIR', theirs);
  else await appendFile(configuration, `plugin_cache_dir = "${theirs}"\n`);
  await expect(start().apply('demo', needing())).rejects.toMatchObject(STARTED);
  expect([await found(theirs), await found(ours)]).toEqual([true, false]);
});

test('a module is fetched and applied', async () => {
  const module = await temporaryFolder();
  await writeFile(join(module, 'main.tf'), 'resource "terraform_data" "it" {\n  input = "the provider works"\n}\n');
  expect(await start().apply('demo', { module: { it: { source: module } } })).toMatchObject({
    created: ['module.it.terraform_data.it'],
  });
});

test.each([
  ['as usual', 'main.tf', 'provider "vault" {\n  address = "https://vault.invalid"\n}\n'],
  ['with a name without quotes', 'main.tf', 'provider vault {\n  address = "https://vault.invalid"\n}\n'],
  ['with a comment within', 'main.tf', 'provider/* the one */"vault"/**/{\n  address = "https://vault.invalid"\n}\n'],
  ['in JSON, escaped', 'main.tf.json', '{"pro\\u0076ider": {"vault": {"address": "https://vault.invalid"}}}'],
])('a module that configures a provider itself is refused, %s', async (_, file, text) => {
  const module = await temporaryFolder();
  await writeFile(join(module, file), text);
  await useMirror('1.0.0');
  await expect(start().apply('demo', { module: { it: { source: module } } })).rejects.toMatchObject({
    code: 'unsupported_provider',
    details: { module: 'it' },
  });
});

test('a provider of another registry with the name of one that may run is refused in a module, too', async () => {
  const module = await temporaryFolder();
  const source = 'elsewhere.example/hashicorp/vault';
  await writeFile(
    join(module, 'main.tf'),
    `terraform {\n  required_providers {\n    vault = { source = "${source}" }\n  }\n}\n`,
  );
  await useMirror('1.0.0');
  await expect(start().apply('demo', { module: { it: { source: module } } })).rejects.toMatchObject({
    code: 'unsupported_provider',
    details: { providers: [source] },
  });
});

test('a module that is nowhere fails the init', async () => {
  await expect(start().apply('demo', { module: { it: { source: '/nonexistent/module' } } })).rejects.toMatchObject({
    code: 'init_failed',
  });
});

async function found(folder: string): Promise<boolean> {
  return (await readdir(folder, { recursive: true })).some((path) => /hashicorp\/vault\/1\.0\.0/.test(path));
}
