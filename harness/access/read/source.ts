import { existsSync } from 'node:fs';
import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { VaultproofError } from '../../../errors/index.js';
import { type LintDocument, readDocument, referredBy } from '../../lint/index.js';
import { consulAccess } from './consul.js';
import type { DeclaredAccess } from './declared.js';
import { vaultAccess } from './vault.js';

/** How declarations are read. */
export interface ReadAccessOptions {
  /** Whose rules policies have; default `vault`. */
  readonly product?: 'vault' | 'openbao' | undefined;
}

/**
 * What one or several documents declare together: Terraform's JSON as `cdktf synth` writes it, or plans as `terraform show -json`
 * prints them.
 * @param documents parsed
 * @throws VaultproofError `not_terraform_json`
 */
export function accessOf(documents: readonly unknown[], { product = 'vault' }: ReadAccessOptions = {}): DeclaredAccess {
  const read = keptApart(documents.map(readDocument));
  const whole: LintDocument = {
    blocks: read.flatMap(({ blocks }) => blocks),
    modules: read.flatMap(({ modules }) => modules),
    allow: {},
  };
  const access = vaultAccess(whole, product);
  const undecided = [...access.undecided];
  const consul = consulAccess(whole, (what) => undecided.push(what));
  const modules = whole.modules.map((address) => `${address}: the module is not read, a plan has it`);
  return { ...access, consul, undecided: [...undecided, ...modules] };
}

/** Two stacks may have the same addresses: those of a later one are named with its place, so that no reference leads into another one. */
function keptApart(documents: readonly LintDocument[]): readonly LintDocument[] {
  const taken = new Set<string>();
  return documents.map((document, index) => {
    const isApart = document.blocks.every(({ address }) => !taken.has(address));
    const own = isApart ? document : withPlace(document, `document ${index + 1}: `);
    for (const { address } of own.blocks) taken.add(address);
    return own;
  });
}

function withPlace(document: LintDocument, place: string): LintDocument {
  const blocks = document.blocks.map((block) => ({
    ...block,
    address: `${place}${block.address}`,
    references: Object.fromEntries(
      Object.keys(block.references).map((name) => [name, referredBy(block, name).map((one) => `${place}${one}`)]),
    ),
  }));
  return { ...document, blocks };
}

/**
 * Reads who gets into Vault and Consul, and what they may do, of declarations, without a server and without Terraform: of a folder of HCL, a
 * `cdktf.out`, one `cdk.tf.json`, or a plan as `terraform show -json` prints it.
 * @param source a path, or documents that were parsed
 * @returns what is declared; what is not known is in `undecided`, by name
 * @throws VaultproofError `configuration_not_found`, `not_terraform_json`, and what a configuration in HCL throws
 * @see https://developer.hashicorp.com/vault/docs/concepts/policies
 * @example
 * const access = await readAccess('infra');
 * whoCan(access, { path: 'kv/data/app/db', capability: 'read' }).who;
 */
export async function readAccess(
  source: string | readonly unknown[],
  options: ReadAccessOptions = {},
): Promise<DeclaredAccess> {
  return accessOf(typeof source === 'string' ? await documentsAt(source) : source, options);
}

async function documentsAt(path: string): Promise<readonly unknown[]> {
  const kind = await stat(path).catch((cause: unknown) => {
    throw new VaultproofError('configuration_not_found', `there is no "${path}": name a folder or a file`, { cause });
  });
  if (!kind.isDirectory()) return [await jsonAt(path)];
  // HCL may have a folder "stacks", too.
  const names = (await readdir(join(path, 'stacks')).catch(() => [])).sort();
  const stacks = names.map((name) => join(path, 'stacks', name, 'cdk.tf.json')).filter((file) => existsSync(file));
  if (stacks.length > 0) return Promise.all(stacks.map(jsonAt));
  const { readUnapplied } = await import('../../hcl/index.js');
  return [(await readUnapplied(path)).json];
}

async function jsonAt(path: string): Promise<unknown> {
  try {
    return JSON.parse(await readFile(path, 'utf8'));
  } catch (cause) {
    throw new VaultproofError(
      'not_terraform_json',
      `"${path}" is not JSON: name a folder of HCL, or a plan as "terraform show -json" prints it`,
      { cause },
    );
  }
}
