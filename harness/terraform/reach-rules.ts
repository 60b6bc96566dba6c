import { readdir, readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { UsageError, VaultproofError } from '../../errors/index.js';
import { memberNames } from '../../internal/json.js';
import { blocks, configurationRoot, type Json, labelled, labelledBlocks } from '../terraform-json/document.js';

/** What may reach something else than the servers, by name. */
export interface ReachRules {
  /** Provisioners, such as `local-exec`. */
  readonly provisioners: readonly string[];
  /** Data sources, such as `terraform_remote_state`. */
  readonly dataSources: readonly string[];
}

/** Data sources of providers that may run: they connect to what the configuration names, and not to the servers. */
const REACHING_DATA_SOURCES: ReadonlySet<string> = new Set([
  'terraform_remote_state',
  'tls_certificate',
  // They try the credentials that Vault made, at AWS and at Azure.
  'vault_aws_access_credentials',
  'vault_azure_access_credentials',
]);

/** Provisioners that go where a `connection` says. */
const CONNECTING = ['remote-exec', 'file'];

/** The types of a configuration's data sources and ephemeral resources, those of its checks included. */
export function dataSourceTypes(root: Json): string[] {
  const checks = labelled(root['check'], '"check"').flatMap(([name, body]) => blocks(body, `"check.${name}"`));
  return [root['data'], root['ephemeral'], ...checks.map((check) => check['data'])].flatMap((value) =>
    blocks(value, '"data"').flatMap((block) => Object.keys(block)),
  );
}

/**
 * What of a module in Terraform's JSON syntax reaches something else than the servers, and is not allowed to.
 * @returns the names of data sources and provisioners, and `connection`
 * @throws VaultproofError `not_terraform_json`
 */
export function reachedBy(root: Json, rules: ReachRules): string[] {
  const bodies = [...labelledBlocks(root, 'resource').map(({ body }) => body), ...blocks(root['removed'], '"removed"')];
  const provisioners = bodies.flatMap((body) =>
    blocks(body['provisioner'], '"provisioner"').flatMap((block) => Object.keys(block)),
  );
  const connects = bodies.some((body) => body['connection'] !== undefined);
  const mayConnect = CONNECTING.some((name) => rules.provisioners.includes(name));
  return refused(dataSourceTypes(root), provisioners, rules, connects && !mayConnect ? ['connection'] : []);
}

/**
 * The same of a module in Terraform's native syntax. It is looked for and not parsed: what a comment says counts, too.
 * @see https://developer.hashicorp.com/terraform/language/syntax/configuration
 */
function reachedByNative(text: string, rules: ReachRules): string[] {
  const plain = withoutEscapes(text);
  const sources = [...REACHING_DATA_SOURCES].filter((name) => new RegExp(`\\b${name}\\b`).test(plain));
  const provisioners = [...plain.matchAll(PROVISIONER)].map(([, label]) => label ?? 'provisioner');
  return refused(sources, provisioners, rules);
}

/** Whether a module in Terraform's native syntax configures a provider. */
function configuresProvider(text: string): boolean {
  return PROVIDER.test(withoutEscapes(text));
}

/**
 * Refuses a configuration that would reach something else than the servers of the environment.
 * @param named what reaches it
 * @param module the module that it is in; undefined for the configuration itself
 * @throws VaultproofError `reaches_elsewhere`
 */
export function refuseReach(named: readonly string[], module?: string): void {
  if (named.length === 0) return;
  const where = module === undefined ? '' : ` in the module "${module}"`;
  throw new VaultproofError(
    'reaches_elsewhere',
    `nothing was applied, because this may reach other systems${where}: ${named.map((name) => `"${name}"`).join(', ')}; ` +
      'list the allowed ones in the option "allowProvisioners" or "allowDataSources"',
    { details: { named, ...(module !== undefined && { module }) } },
  );
}

/** Between a block's type and its labels. */
const GAP = String.raw`(?:\s|/\*[\s\S]*?\*/)*`;
const PROVISIONER = new RegExp(String.raw`\bprovisioner\b${GAP}"?([\w-]+)?`, 'g');
const PROVIDER = new RegExp(String.raw`(?<![\w.-])provider${GAP}(?:"[^"\n]*"|(?<=[\s/])[\w-]+)${GAP}\{`);

/** Labels may be written with escapes. */
function withoutEscapes(text: string): string {
  return text.replaceAll(/\\u([\da-f]{4})|\\U([\da-f]{8})/gi, (written, short?: string, long?: string) => {
    const code = Number.parseInt(short ?? long ?? '', 16);
    return code <= 0x10ffff ? String.fromCodePoint(code) : written;
  });
}

function refused(
  dataSources: readonly string[],
  provisioners: readonly string[],
  rules: ReachRules,
  others: readonly string[] = [],
): string[] {
  const named = [
    ...dataSources.filter((name) => REACHING_DATA_SOURCES.has(name) && !rules.dataSources.includes(name)),
    ...provisioners.filter((name) => !rules.provisioners.includes(name)),
  ];
  return [...new Set(named.length > 0 ? named : others)];
}

/** What a file of a module does that is not left to modules. */
interface Found {
  readonly reached: readonly string[];
  readonly configuresProvider: boolean;
}

/**
 * Refuses modules that bring a provider's configuration with them, since it would say which server is written to, and
 * modules that reach something else. They are here, and nothing of them has run.
 * @param folder where `init` was run
 * @throws VaultproofError `unsupported_provider`, `reaches_elsewhere`, and `declaration_invalid` for JSON that can't be read
 * as Terraform reads it
 */
export async function checkModules(folder: string, rules: ReachRules): Promise<void> {
  const text = await readFile(join(folder, '.terraform', 'modules', 'modules.json'), 'utf8').catch(() => '{}');
  const { Modules: modules = [] } = JSON.parse(text) as { Modules?: readonly { Key: string; Dir: string }[] };
  for (const { Key: name, Dir: place } of modules.filter(({ Key }) => Key !== '')) {
    const files = (await readdir(resolve(folder, place))).filter((file) => /\.(?:tf|tofu)(?:\.json)?$/.test(file));
    for (const file of files) {
      const source = await readFile(resolve(folder, place, file), 'utf8');
      const found = file.endsWith('.json') ? inJson(source, name, file, rules) : inNative(source, rules);
      if (found.configuresProvider) {
        throw new VaultproofError(
          'unsupported_provider',
          `nothing was applied, because the module "${name}" configures a provider itself: configure it in the stack`,
          { details: { module: name } },
        );
      }
      refuseReach(found.reached, name);
    }
  }
}

function inNative(source: string, rules: ReachRules): Found {
  return { reached: reachedByNative(source, rules), configuresProvider: configuresProvider(source) };
}

function inJson(source: string, module: string, file: string, rules: ReachRules): Found {
  const refuse = (reason: string): never => {
    throw new VaultproofError('declaration_invalid', `the module "${module}" is not valid: "${file}" ${reason}`, {
      details: { module, file },
    });
  };
  let json: unknown;
  try {
    json = JSON.parse(source);
  } catch {
    refuse('is not JSON, correct it');
  }
  // Terraform takes both; we would see the last.
  const { repeated } = memberNames(source);
  if (repeated !== undefined) refuse(`has "${repeated}" twice in one object: write it once`);
  const root = configurationRoot(json);
  return { reached: reachedBy(root, rules), configuresProvider: root['provider'] !== undefined };
}

/** They reach no server, or ours, and write no file; of the data sources that do, see above. */
const ALLOWED = ['vault', 'consul', 'random', 'null', 'time', 'tls'].map((name) => `hashicorp/${name}`);

/** Which providers may run. */
export interface ProviderRules {
  readonly vault: boolean;
  readonly consul: boolean;
  /** Sources that are allowed besides ours, such as `hashicorp/aws`. */
  readonly allowed: readonly string[];
}

/**
 * Refuses a configuration that would reach something else than the servers of the environment.
 * @throws VaultproofError `unsupported_provider`
 * @throws TypeError when it needs a Vault or a Consul and there is none: the provider would look for one elsewhere
 */
export function checkProviders(sources: Iterable<string>, rules: ProviderRules): void {
  const needed = [...sources];
  const strangers = needed.filter((source) => !ALLOWED.includes(source) && !rules.allowed.includes(source));
  if (strangers.length > 0) {
    throw new VaultproofError(
      'unsupported_provider',
      `nothing was applied, because these providers may reach other systems: ${strangers.join(', ')}; ` +
        'list the allowed ones in the option "allowProviders"',
      { details: { providers: strangers } },
    );
  }
  for (const server of ['vault', 'consul'] as const) {
    if (!needed.includes(`hashicorp/${server}`) || rules[server]) continue;
    throw new UsageError(`this needs a ${server}, and this environment has none: start it with { ${server}: true }`);
  }
}
