import { existsSync } from 'node:fs';
import { readdir, readFile, stat } from 'node:fs/promises';
import { basename, isAbsolute, join } from 'node:path';
import { VaultproofError } from '../../../errors/index.js';
import { isRecord } from '../../../internal/json.js';
import { type KnownOptions, refuseUnknownOptions } from '../../../internal/known-options.js';
import {
  type Block,
  type LintDocument,
  providerArguments,
  readDocument,
  referredBy,
  UNKNOWN,
} from '../../lint/index.js';
import { consulAccess } from './consul.js';
import { declarationsIn, type Expressions, expressionsIn } from './declarations.js';
import type { DeclaredAccess, DeclaredLogin } from './declared.js';
import { inNamespaces, namespacesIn, type ProvidedDocument } from './namespaces.js';
import { vaultAccess } from './vault.js';

/** How declarations are read. */
export interface ReadAccessOptions {
  /** Whose rules policies have; default `vault`. */
  readonly product?: 'vault' | 'openbao' | undefined;
  /** Values by name, for the variables of a folder of HCL. */
  readonly variables?: Readonly<Record<string, unknown>> | undefined;
  /** Files of values beside `terraform.tfvars` and `*.auto.tfvars`, relative to the folder. */
  readonly variableFiles?: readonly string[] | undefined;
  /** Types or addresses of HCL to pass over, `*` standing for anything: `vault_pki_*`, `module.legacy`. */
  readonly ignore?: readonly string[] | undefined;
}

/** See {@link refuseUnknownOptions}. */
const readAccessOptions: KnownOptions<ReadAccessOptions> = {
  product: true,
  variables: true,
  variableFiles: true,
  ignore: true,
};

/** Documents, and what of HCL they don't say. */
interface Source {
  readonly documents: readonly ProvidedDocument[];
  readonly expressions: Expressions;
  /** Terraform's addresses by those of the document, where they differ. */
  readonly addresses?: ReadonlyMap<string, string>;
  /** Where one of Terraform's addresses is declared, where that is known. */
  readonly placeOf?: (address: string) => string | undefined;
  /** The patterns of `ignore` that match nothing. */
  readonly unmatched?: readonly string[];
}

function accessOf(
  { documents, expressions, addresses, placeOf, unmatched = [] }: Source,
  product: 'vault' | 'openbao',
): DeclaredAccess {
  const { documents: placed, from, undecided: providers } = inNamespaces(documents);
  const read = keptApart(placed.map(withoutSensitive), (index) => documents[index]?.name ?? '');
  const whole: LintDocument = {
    isPlan: read.some((one) => one.isPlan === true),
    blocks: read.flatMap(({ blocks }) => blocks),
    modules: [...new Set([...read.flatMap(({ modules }) => modules), ...Object.keys(expressions.modules)])],
    allow: {},
  };
  const { document: there, undecided: open } = withKnownInstances(whole);
  const access = vaultAccess(there, product);
  const undecided = [...providers, ...open, ...access.undecided];
  const consul = consulAccess(there, (what) => undecided.push(what));
  const modules = whole.modules.map((address) => `${address}: the module is not read, a plan has it`);
  const addressOf = (address: string): string => addresses?.get(address) ?? address;
  const found = {
    ...access,
    consul,
    undecided: [...undecided, ...unknownArguments(whole), ...modules],
    ...(from && { namespace: from }),
  };
  const declarations = (): ReturnType<typeof declarationsIn> => declarationsIn(whole, expressions, addressOf);
  const named = addresses === undefined ? found : withAddresses(found, addressOf);
  return { ...named, declarations, ...(placeOf && { placeOf }), ...(unmatched.length > 0 && { unmatched }) };
}

/** What no provider that is known reads: a name that is misspelt, or an argument of a newer provider. Terraform has checked a plan. */
function unknownArguments({ blocks, isPlan }: LintDocument): readonly string[] {
  return blocks.flatMap(({ kind, type, address, attributes, within }) => {
    const known = isPlan === true || kind !== 'resource' || within !== undefined ? undefined : providerArguments[type];
    const isRead = SHOWN.includes(type) || type.startsWith('consul_acl_');
    if (known === undefined || !isRead) return [];
    return Object.keys(attributes)
      .filter((name) => !known.includes(name))
      .map((name) => `${address}: it has no argument "${name}" in the providers that are known, and it is left out`);
  });
}

/** A plan has sensitive values, too: they are taken for values that are not known. */
function withoutSensitive(document: LintDocument): LintDocument {
  const blocks = document.blocks.map((block): Block => {
    const { attributes, sensitive = [], unknown } = block;
    if (!SHOWN.includes(block.type) || sensitive.length === 0) return block;
    const all = <Value>(value: Value) => Object.fromEntries(sensitive.map((name) => [name, value]));
    return {
      ...block,
      attributes: { ...attributes, ...all(UNKNOWN) },
      unknown: { ...unknown, ...all('it is sensitive') },
      // By these a change is told.
      written: { ...attributes, references: block.references },
    };
  });
  return { ...document, blocks };
}

/** Of these, values are shown. */
const SHOWN = ['vault_jwt_auth_backend', 'vault_jwt_auth_backend_role', 'vault_policy'];

/** An address in a sentence, as documents have them. */
const ADDRESS = /(?:data\.)?[a-z]\w*\.[\w-]+/g;

/** Terraform's addresses in place of the document's. */
function withAddresses(
  { logins, others, consul, undecided, ...access }: DeclaredAccess,
  addressOf: (address: string) => string,
): DeclaredAccess {
  const renamed = <Login extends { readonly address: string; readonly trusts?: DeclaredLogin['trusts'] }>(
    login: Login,
  ): Login => ({
    ...login,
    address: addressOf(login.address),
    ...(login.trusts && { trusts: login.trusts.map((one) => ({ ...one, address: addressOf(one.address) })) }),
  });
  const rules = (all: readonly Readonly<Record<string, unknown>>[]) =>
    all.map((rule) => ({ ...rule, ID: addressOf(String(rule['ID'])) }));
  return {
    ...access,
    logins: logins.map(renamed),
    ...(others && { others: others.map(renamed) }),
    consul: consul && {
      ...consul,
      logins: consul.logins.map((one) => ({ ...renamed(one), rules: rules(one.rules) })),
      ...(consul.tokens && { tokens: consul.tokens.map(renamed) }),
    },
    undecided: undecided.map((one) => one.replaceAll(ADDRESS, addressOf)),
  };
}

/** Two stacks may have the same addresses: those of a later one are named with it, so that no reference leads into another one. */
function keptApart(documents: readonly LintDocument[], nameOf: (index: number) => string): readonly LintDocument[] {
  const taken = new Set<string>();
  return documents.map((document, index) => {
    const isApart = document.blocks.every(({ address }) => !taken.has(address));
    const own = isApart ? document : withPlace(document, `${nameOf(index)}: `);
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
 * Reads who gets into Vault and Consul, and what they may do, of declarations, without a server and without Terraform: of a folder of HCL or one file of it, a
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
  refuseUnknownOptions('readAccess', options, readAccessOptions);
  const { product = 'vault', ...variables } = options;
  return accessOf(typeof source === 'string' ? await sourceAt(source, variables) : sourceOf(source), product);
}

/** @param isStack whether they are what `cdktf synth` wrote, where they are no plans */
function sourceOf(documents: readonly unknown[], isStack = true): Source {
  const provided = documents.map((json, index) => {
    const document = readDocument(json);
    return {
      name: stackIn(json) ?? `document ${index + 1}`,
      document,
      namespaces: namespacesIn(document, isStack && document.isPlan !== true),
    };
  });
  return { documents: provided, expressions: expressionsIn(documents) };
}

/** What CDKTF notes of the stack that it wrote. */
function stackIn(json: unknown): string | undefined {
  const comment = isRecord(json) ? json['//'] : undefined;
  const metadata = isRecord(comment) ? comment['metadata'] : undefined;
  const name = isRecord(metadata) ? metadata['stackName'] : undefined;
  return typeof name === 'string' ? `stack "${name}"` : undefined;
}

async function sourceAt(path: string, { variables, variableFiles, ignore }: ReadAccessOptions): Promise<Source> {
  const kind = await stat(path).catch((cause: unknown) => {
    throw new VaultproofError('configuration_not_found', `there is no "${path}": name a folder or a file`, { cause });
  });
  const isHcl = kind.isDirectory() || path.endsWith('.tf');
  if (!isHcl) return sourceOf([await jsonAt(path)], basename(path) === 'cdk.tf.json');
  // HCL may have a folder "stacks", too.
  const names = (await readdir(join(path, 'stacks')).catch(() => [])).sort();
  const stacks = names.map((name) => join(path, 'stacks', name, 'cdk.tf.json')).filter((file) => existsSync(file));
  if (stacks.length > 0) return sourceOf(await Promise.all(stacks.map(jsonAt)));
  const { readUnapplied } = await import('../../hcl/index.js');
  const read = await readUnapplied(path, {
    hidesSensitive: true,
    ...(ignore && { ignore }),
    ...(variables && { variables }),
    ...(variableFiles && { variableFiles }),
  });
  return {
    documents: [
      {
        name: path,
        document: sayingSensitive(readDocument(read.json), read.hiddenVariables),
        namespaces: read.namespaces,
      },
    ],
    expressions: {
      modules: read.remoteModules,
      all: read.expressions,
      ...(read.hiddenValues && { hidden: read.hiddenValues }),
      ...(read.writtenAt && { writtenAt: read.writtenAt }),
    },
    addresses: read.addresses,
    unmatched: read.unmatched,
    placeOf: (address) => {
      const place = read.placeOf(address);
      // Of an absolute path, files are named from there.
      return place !== undefined && isAbsolute(path) ? join(path, place) : place;
    },
  };
}

/** A document that says of what needs a sensitive variable that this is why it is not known. */
function sayingSensitive(document: LintDocument, variables: readonly string[]): LintDocument {
  if (variables.length === 0) return document;
  const isHidden = (reason: string): boolean => variables.includes(/^var\.([\w-]+)/.exec(reason)?.[1] ?? '');
  const blocks = document.blocks.map((block) => {
    const reasons = Object.entries(block.unknown);
    const unknown = reasons.map(([name, why]) => [name, isHidden(why) ? `${why} is sensitive` : why] as const);
    return { ...block, unknown: Object.fromEntries(unknown) };
  });
  return { ...document, blocks };
}

async function jsonAt(path: string): Promise<unknown> {
  try {
    return JSON.parse(await readFile(path, 'utf8'));
  } catch (cause) {
    throw new VaultproofError(
      'not_terraform_json',
      `"${path}" is not JSON: name a folder or a file of HCL, or a plan as "terraform show -json" prints it`,
      { cause },
    );
  }
}

/** What says who gets in, and what they may do, beside auth methods, which are there where a role of them is. */
const DECIDING = /^(?:vault_jwt_auth_backend_role|vault_policy|vault_identity_\w+|consul_acl_\w+)$/;

/**
 * Leaves out what may not be there, or several times: what has a `count` or a `for_each` that is not known. Only what says who gets
 * in, or what they may do, is left out, and named.
 */
function withKnownInstances(document: LintDocument): {
  readonly document: LintDocument;
  readonly undecided: readonly string[];
} {
  const isOpen = (block: Block): boolean =>
    block.kind === 'resource' && DECIDING.test(block.type) && openArgument(block) !== undefined;
  return {
    document: { ...document, blocks: document.blocks.filter((block) => !isOpen(block)) },
    undecided: document.blocks.filter(isOpen).map((block) => {
      const argument = openArgument(block) ?? '';
      return `${block.address}: "${argument}" is not known (${block.unknown[argument]})`;
    }),
  };
}

function openArgument({ unknown }: Block): string | undefined {
  return ['count', 'for_each'].find((argument) => unknown[argument] !== undefined);
}
