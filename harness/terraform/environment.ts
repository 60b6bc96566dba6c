import { existsSync } from 'node:fs';
import { mkdir, symlink } from 'node:fs/promises';
import { homedir } from 'node:os';
import { delimiter, dirname, isAbsolute, join, resolve } from 'node:path';

// Rule of this folder: process.env is read here and nowhere else.

const kept = new Set([
  ...['PATH', 'HOME', 'USER', 'LOGNAME', 'TMPDIR', 'LANG', 'XDG_CONFIG_HOME', 'XDG_DATA_HOME', 'XDG_DATA_DIRS'],
  ...['HTTP_PROXY', 'HTTPS_PROXY', 'NO_PROXY', 'ALL_PROXY', 'http_proxy', 'https_proxy', 'no_proxy', 'all_proxy'],
  ...['SSL_CERT_FILE', 'SSL_CERT_DIR'],
  ...['TF_CLI_CONFIG_FILE', 'TERRAFORM_CONFIG', 'TF_PLUGIN_CACHE_DIR'],
  ...['TF_REGISTRY_CLIENT_TIMEOUT', 'TF_REGISTRY_DISCOVERY_RETRY'],
]);

/** They are paths, and Terraform runs in another folder. */
const paths = new Set(['TMPDIR', 'TF_CLI_CONFIG_FILE', 'TERRAFORM_CONFIG', 'TF_PLUGIN_CACHE_DIR']);

/**
 * What Terraform sees of the user's environment: PATH, HOME, proxies, certificates, and what concerns registries,
 * mirrors and the plugin cache (TF_TOKEN_* are the registries' credentials). No VAULT_*, CONSUL_*, TF_VAR_*, TF_CLI_ARGS
 * or TF_WORKSPACE, and no TF_LOG, since a provider's log holds tokens.
 */
export function userEnvironment(): Record<string, string> {
  const environment: Record<string, string> = {};
  for (const [name, value] of Object.entries(process.env)) {
    if (value === undefined || !(kept.has(name) || name.startsWith('TF_TOKEN_'))) continue;
    environment[name] = paths.has(name) && value !== '' ? resolve(value) : value;
  }
  return environment;
}

/** The path in VAULTPROOF_TERRAFORM_PATH; undefined when it is unset or empty. */
export function namedExecutable(): string | undefined {
  return process.env['VAULTPROOF_TERRAFORM_PATH'] || undefined;
}

/** The path in VAULTPROOF_CACHE_DIR; undefined when it is unset or empty. */
export function namedCacheDirectory(): string | undefined {
  return process.env['VAULTPROOF_CACHE_DIR'] || undefined;
}

/** The folders of PATH in order; relative ones are left out. */
export function pathFolders(): readonly string[] {
  return (process.env['PATH'] ?? '').split(delimiter).filter((folder) => isAbsolute(folder));
}

/** Where the user's CLI configuration may be; the first that exists counts. */
export function cliConfigurationPaths(product: 'terraform' | 'tofu'): readonly string[] {
  const named = process.env['TF_CLI_CONFIG_FILE'] || process.env['TERRAFORM_CONFIG'];
  if (named) return [named];
  const home = process.env['HOME'] || homedir();
  const terraform = join(home, '.terraformrc');
  const configHome = process.env['XDG_CONFIG_HOME'] || join(home, '.config');
  return product === 'terraform'
    ? [terraform]
    : [join(home, '.tofurc'), join(configHome, 'opentofu', 'tofurc'), terraform];
}

/** What is Terraform's or OpenTofu's own among the user's files, as far as it exists. */
function userCliFiles(): readonly { readonly name: string; readonly path: string }[] {
  const home = process.env['HOME'] || homedir();
  const configHome = process.env['XDG_CONFIG_HOME'] || join(home, '.config');
  return [
    ...['.terraformrc', '.tofurc', '.terraform.d'].map((name) => ({ name, path: join(home, name) })),
    { name: join('.config', 'opentofu'), path: join(configHome, 'opentofu') },
  ].filter(({ path }) => existsSync(path));
}

/** The whole environment of an `init`: the user's as far as it is kept, and what ours adds. */
export function terraformEnvironment(added: Readonly<Record<string, string>>): Record<string, string> {
  return { ...userEnvironment(), TF_IN_AUTOMATION: '1', TF_INPUT: '0', CHECKPOINT_DISABLE: '1', ...added };
}

/**
 * The whole environment of what runs a configuration. Its HOME is another, so that what runs with it finds no login.
 * @param home made by `makeHome`
 */
export function configuredEnvironment(home: string, added: Readonly<Record<string, string>>): Record<string, string> {
  const { XDG_CONFIG_HOME: _config, XDG_DATA_HOME: _data, XDG_DATA_DIRS: _dirs, ...rest } = terraformEnvironment({});
  // Only `init` uses a plugin cache, yet nothing starts where the CLI configuration has one below the user's HOME.
  return { ...rest, TF_PLUGIN_CACHE_DIR: home, ...added, HOME: home };
}

/** The variables that keep requests to some hosts from a proxy, beside the hosts that the user keeps from it. */
export function withoutProxy(hosts: readonly string[]): Record<string, string> {
  const { NO_PROXY, no_proxy } = userEnvironment();
  const all = [...new Set([NO_PROXY, no_proxy, ...hosts].filter((host) => host !== undefined && host !== ''))].join(
    ',',
  );
  return { NO_PROXY: all, no_proxy: all };
}

/**
 * Makes a HOME for what runs with Terraform: tools find no login of the user's in it. It has links to what is
 * Terraform's own, where the user has it: the CLI configuration and the logins to registries.
 * @returns its absolute path
 * @see https://developer.hashicorp.com/terraform/cli/config/config-file#locations
 */
export async function makeHome(folder: string): Promise<string> {
  const home = homeIn(folder);
  await mkdir(home, { mode: 0o700 });
  for (const { name, path } of userCliFiles()) {
    await mkdir(dirname(join(home, name)), { recursive: true });
    await symlink(path, join(home, name));
  }
  return home;
}

/** Where it is. */
export function homeIn(folder: string): string {
  return join(folder, 'home');
}
