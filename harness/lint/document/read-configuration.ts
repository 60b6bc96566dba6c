import { isRecord } from '../../../internal/json.js';
import { parseReference } from '../../terraform-json/expressions.js';
import { templateParts } from '../../terraform-json/template.js';
import { allowancesIn } from './allowances-in.js';
import type { Block, LintDocument } from './block.js';
import { checkShape } from './check-shape.js';
import { localReference } from './locals.js';
import { notTerraformJson } from './not-terraform-json.js';
import { MOST_REFERENCES, type RawResource, resolver, tooManyReferences } from './resolve.js';
import { isKnown, UNKNOWN } from './unknown.js';

const ROOT_BLOCKS = [
  ...['//', 'action', 'check', 'data', 'ephemeral', 'import', 'list', 'locals', 'module', 'moved', 'output'],
  ...['provider', 'removed', 'resource', 'terraform', 'variable'],
];
/** They say how Terraform treats a resource, not what it is. */
const META_ARGUMENTS = ['//', 'connection', 'count', 'depends_on', 'for_each', 'lifecycle', 'provider', 'provisioner'];

interface RawBlock extends Omit<Block, 'attributes' | 'references' | 'unknown' | 'allow'> {
  readonly body: Readonly<Record<string, unknown>>;
  readonly arguments: Readonly<Record<string, unknown>>;
}

/**
 * Reads a configuration in Terraform's JSON syntax. Blocks may stand in lists, as the syntax allows.
 * @throws VaultproofError `not_terraform_json`
 * @see https://developer.hashicorp.com/terraform/language/syntax/json
 */
export function readConfiguration(json: Readonly<Record<string, unknown>>): LintDocument {
  const strange = Object.keys(json).find((name) => !ROOT_BLOCKS.includes(name));
  if (strange !== undefined) throw notTerraformJson(`it has a block "${strange}"`);
  if (Object.keys(json).length === 0) throw notTerraformJson('it is empty');
  checkShape(json);
  const raw: RawBlock[] = [
    ...typed('resource', json['resource']),
    ...typed('data', json['data']),
    ...members(json['provider']).map(([name, body]) => rawBlock('provider', name, `provider.${name}`, body)),
    ...members(json['output']).map(([name, body]) => rawBlock('output', 'output', `output.${name}`, body)),
  ];
  const resources = new Map<string, RawResource>(
    raw.flatMap((block) =>
      block.kind === 'resource' ? [[block.address, { type: block.type, attributes: block.arguments }]] : [],
    ),
  );
  const locals = new Map([json['locals']].flat().flatMap((block) => (isRecord(block) ? Object.entries(block) : [])));
  const resolve = resolver({ resources, locals });
  return {
    blocks: raw.map((block) => ({
      kind: block.kind,
      type: block.type,
      address: block.address,
      constructPath: block.constructPath,
      attributes: resolve(block.arguments) as Readonly<Record<string, unknown>>,
      references: Object.fromEntries(
        Object.entries(block.body).map(([name, value]) => [name, referencesOf(value, locals)]),
      ),
      unknown: whyUnknown(block, resolve),
      allow: allowancesIn(block.body['//']),
    })),
    modules: members(json['module']).map(([name]) => `module.${name}`),
    allow: allowancesIn(json['//']),
  };
}

function typed(kind: 'resource' | 'data', blocks: unknown): RawBlock[] {
  return members(blocks).flatMap(([type, named]) =>
    members(named).map(([name, body]) =>
      rawBlock(kind, type, `${kind === 'data' ? 'data.' : ''}${type}.${name}`, body),
    ),
  );
}

function rawBlock(kind: Block['kind'], type: string, address: string, value: unknown): RawBlock {
  const body = isRecord(value) ? value : {};
  const comment = body['//'];
  const metadata = isRecord(comment) ? comment['metadata'] : undefined;
  const path = isRecord(metadata) ? metadata['path'] : undefined;
  const constructPath = typeof path === 'string' ? path : address;
  return { kind, type, address, constructPath, body, arguments: argumentsOf(kind, body) };
}

/** The arguments of a block; what a `dynamic` block makes is unknown. */
function argumentsOf(kind: Block['kind'], body: RawBlock['body']): RawBlock['arguments'] {
  const dynamic = members(body['dynamic']).map(([name]) => [name, UNKNOWN] as const);
  const meta = kind === 'resource' || kind === 'data' ? [...META_ARGUMENTS, 'dynamic'] : ['//'];
  const entries = Object.entries(body).filter(([name, value]) => !meta.includes(name) && value !== null);
  return Object.fromEntries([...dynamic, ...entries]);
}

/** The members of an object, of each object of a list, or of objects in lists as members. */
function members(value: unknown): (readonly [string, unknown])[] {
  if (Array.isArray(value)) return value.flatMap(members);
  if (!isRecord(value)) return [];
  return Object.entries(value)
    .filter(([name]) => name !== '//')
    .flatMap(([name, member]) =>
      Array.isArray(member) && member.every(isRecord)
        ? member.map((one) => [name, one] as const)
        : [[name, member] as const],
    );
}

/** Why arguments are not known, in the words of the first expression in each that is not. */
function whyUnknown(block: RawBlock, resolve: (value: unknown) => unknown): Block['unknown'] {
  return Object.fromEntries(
    Object.entries(block.arguments).flatMap(([name, value]) => {
      if (value === UNKNOWN) return [[name, 'a dynamic block']];
      if (isKnown(resolve(value))) return [];
      const open = expressionsIn(value).find((expression) => !isKnown(resolve(`\${${expression}}`)));
      return [[name, open === undefined ? 'a template' : shown(open.trim())]];
    }),
  );
}

function expressionsIn(value: unknown): string[] {
  if (typeof value !== 'string')
    return isRecord(value) || Array.isArray(value) ? Object.values(value).flatMap(expressionsIn) : [];
  return (templateParts(value) ?? []).flatMap(({ kind, text }) => (kind === 'expression' ? [text] : []));
}

/** A call by the function's name; anything else as it is written, cut off where it is long. */
function shown(expression: string): string {
  const call = /^([a-z]\w*)\s*\(/.exec(expression)?.[1];
  if (call !== undefined) return `${call}()`;
  return expression.length > 40 ? `${expression.slice(0, 40)}...` : expression;
}

/** What the expressions in a value refer to, by way of locals too. */
function referencesOf(
  value: unknown,
  locals: ReadonlyMap<string, unknown>,
  on: readonly string[] = [],
  followed = { count: 0 },
): string[] {
  const inPart = (one: unknown): string[] => referencesOf(one, locals, on, followed);
  if (Array.isArray(value)) return value.flatMap(inPart);
  if (isRecord(value)) return Object.keys(value).flatMap((name) => [name, value[name]].flatMap(inPart));
  if (typeof value !== 'string' || !value.includes('{')) return [];
  const expressions = (templateParts(value) ?? []).filter(({ kind }) => kind === 'expression');
  return expressions.flatMap(({ text }) => {
    if (++followed.count > MOST_REFERENCES) throw notTerraformJson(tooManyReferences);
    const local = localReference(text)?.name;
    if (local !== undefined)
      return on.includes(local) ? [] : referencesOf(locals.get(local), locals, [...on, local], followed);
    const reference = parseReference(text);
    return reference ? [`${reference.address}.${reference.attribute}`] : [];
  });
}
