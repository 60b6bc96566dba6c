import { isRecord } from '../../../internal/json.js';
import { type Block, isKnown, type LintDocument, referredBy } from '../../lint/index.js';

/** What is written at an address, to tell whether it is the same in two declarations. */
export interface Declaration {
  /** Whether tokens log in by it: a role, an auth method of Consul, or a module that is not read. */
  readonly isLogin: boolean;
  /** It and all that it depends on, as it is written. */
  readonly text: string;
  /** The same without what decides which tokens a role lets in. */
  readonly granted: string;
  /** The addresses of all of it. */
  readonly parts: ReadonlySet<string>;
}

/** Expressions that lead to others, which stand elsewhere. */
export interface Expressions {
  /** The arguments of modules that are not read, by their addresses. */
  readonly modules: Readonly<Record<string, unknown>>;
  /** Locals, variables, `for_each` and the arguments of modules, as they are written. */
  readonly all: unknown;
  /** A digest of the sensitive values, which are hidden; default none are. */
  readonly hidden?: string;
  /** A block as it is written, by the document's address, where the document does not have it so. */
  readonly writtenAt?: (address: string) => unknown;
}

const LOGINS = ['vault_jwt_auth_backend_role', 'consul_acl_auth_method'];

/** What of a role decides which tokens get in. */
const BOUNDS = [
  ...['bound_audiences', 'bound_claims', 'bound_claims_type', 'bound_subject', 'disable_bound_claims_parsing'],
  'token_bound_cidrs',
];

/** What decides neither who gets in nor what tokens may do. */
const ASIDE = [
  ...['//', 'depends_on', 'description', 'tune', 'verbose_oidc_logging'],
  ...['token_ttl', 'token_max_ttl', 'token_explicit_max_ttl', 'token_period', 'token_num_uses', 'max_token_ttl'],
];

/** Arguments by which a block adds something to the one that they name. */
const ADDING = [
  ...['auth_method', 'role_id', 'mount_accessor', 'canonical_id', 'group_id', 'member_group_ids'],
  ...['entity_id', 'member_entity_ids'],
];

/** What leads to values that stand elsewhere. */
const LEADS_ON = /\b(?:local|module|each|count)\b[.[]/;

/** Everything that is declared, by Terraform's address. */
export function declarationsIn(
  { blocks, modules }: LintDocument,
  expressions: Expressions,
  addressOf: (address: string) => string,
): ReadonlyMap<string, Declaration> {
  const dependencies = dependenciesAmong(blocks);
  const all = JSON.stringify(expressions.all) ?? '';
  const written = (block: Block, without: readonly string[] = []): string => {
    const kept = entriesOf(block.written ?? { ...block.attributes, references: block.references }, without);
    const text = JSON.stringify([
      block.type,
      block.attributes['namespace'],
      kept.sort(([one], [other]) => (one < other ? -1 : 1)),
    ]);
    if (Object.keys(block.unknown).length === 0) return text;
    const body = expressions.writtenAt?.(block.address);
    const source = isRecord(body) ? JSON.stringify(entriesOf(body)) : text;
    const isInModule = addressOf(block.address).startsWith('module.');
    return text + source + (isInModule || LEADS_ON.test(source) ? all : '') + (expressions.hidden ?? '');
  };
  const found = new Map<string, Declaration>();
  for (const block of blocks) {
    const isLogin = LOGINS.includes(block.type);
    const parts = closureOf(block, dependencies);
    const others = parts.filter((one) => one !== block).map((one) => written(one));
    found.set(addressOf(block.address), {
      isLogin,
      text: [written(block), ...others].join('\n'),
      granted: [written(block, BOUNDS), ...others].join('\n'),
      parts: new Set(parts.map(({ address }) => addressOf(address))),
    });
  }
  for (const address of modules) {
    const text = JSON.stringify(expressions.modules[address]) ?? '';
    const whole = LEADS_ON.test(text) ? text + all : text;
    found.set(address, { isLogin: true, text: whole, granted: whole, parts: new Set([address]) });
  }
  return found;
}

function entriesOf(body: object, without: readonly string[] = []): (readonly [name: string, value: unknown])[] {
  return Object.entries(body).filter(([name]) => !ASIDE.includes(name) && !without.includes(name));
}

function closureOf(block: Block, dependencies: (block: Block) => readonly Block[]): readonly Block[] {
  const found = new Set([block]);
  for (const one of found) for (const other of dependencies(one)) found.add(other);
  return [...found];
}

/** What a block depends on: what it refers to or names, and what adds something to it. */
function dependenciesAmong(blocks: readonly Block[]): (block: Block) => readonly Block[] {
  const byAddress = new Map<string, Block[]>();
  const byName = new Map<string, Block[]>();
  const adding = new Map<Block, Block[]>();
  for (const block of blocks) {
    put(byAddress, withoutKeys(block.address), block);
    for (const name of ['name', 'path', 'role_name']) {
      const value = block.attributes[name];
      const isNamed = block.type !== 'vault_jwt_auth_backend_role' || name === 'role_name';
      if (typeof value === 'string' && isKnown(value) && isNamed) put(byName, value.toLowerCase(), block);
    }
  }
  const named = (value: unknown): readonly Block[] => {
    if (Array.isArray(value)) return value.flatMap(named);
    return typeof value === 'string' ? (byName.get(value.toLowerCase()) ?? []) : [];
  };
  const referred = (reference: string): readonly Block[] => {
    for (let address = withoutKeys(reference); address.includes('.'); address = address.replace(/\.[^.]*$/, '')) {
      const there = byAddress.get(address);
      if (there !== undefined) return there;
    }
    return [];
  };
  const by = (block: Block, argument: string): readonly Block[] => [
    ...referredBy(block, argument).flatMap(referred),
    ...(isOwn(block, argument) ? [] : named(block.attributes[argument])).filter(
      ({ type }) => !/polic/.test(argument) || type.endsWith('_policy'),
    ),
  ];
  for (const block of blocks) {
    for (const argument of ADDING) for (const other of by(block, argument)) put(adding, other, block);
  }
  const names = blocks.filter(({ type }) => type === 'consul_acl_role' || type === 'consul_acl_policy');
  return (block) => {
    const { bind_name: name } = block.attributes;
    // What claims make may be any of them.
    const made = typeof name === 'string' && (name.includes('${') || !isKnown(name)) ? names : [];
    const named = new Set([...Object.keys(block.attributes), ...Object.keys(block.references)]);
    return [...[...named].flatMap((argument) => by(block, argument)), ...(adding.get(block) ?? []), ...made];
  };
}

/** Whether what an argument says is of the block itself, or of the tokens that it lets in: a value that is a name elsewhere is not meant. */
function isOwn({ type }: Block, argument: string): boolean {
  return /^(?:bound_|name$|path$)/.test(argument) || (argument === 'role_name' && type.endsWith('_role'));
}

function put<Key>(into: Map<Key, Block[]>, key: Key, block: Block): void {
  const there = into.get(key);
  if (there) there.push(block);
  else into.set(key, [block]);
}

function withoutKeys(address: string): string {
  return address.replaceAll(/\[[^\]]*\]/g, '');
}

/** The expressions of documents in Terraform's JSON syntax that lead to others. */
export function expressionsIn(documents: readonly unknown[]): Expressions {
  const read = documents.filter(isRecord).map(({ locals, module, variable }) => ({ locals, module, variable }));
  const modules = read.flatMap(({ module }) => Object.entries(isRecord(module) ? module : {}));
  return { modules: Object.fromEntries(modules.map(([name, body]) => [`module.${name}`, body])), all: read };
}
