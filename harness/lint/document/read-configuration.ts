import { isRecord } from '../../api/vault-api.js';
import { parseReference } from '../../terraform-json/expressions.js';
import { allowancesIn } from './allowances-in.js';
import type { Block, LintDocument } from './block.js';
import { checkShape } from './check-shape.js';
import { localReference } from './locals.js';
import { notTerraformJson } from './not-terraform-json.js';
import { type RawResource, resolver } from './resolve.js';
import { templateParts } from './template.js';
import { UNKNOWN } from './unknown.js';

const ROOT_BLOCKS = [
  ...['//', 'action', 'check', 'data', 'ephemeral', 'import', 'list', 'locals', 'module', 'moved', 'output'],
  ...['provider', 'removed', 'resource', 'terraform', 'variable'],
];
/** They say how Terraform treats a resource, not what it is. */
const META_ARGUMENTS = ['//', 'connection', 'count', 'depends_on', 'for_each', 'lifecycle', 'provider', 'provisioner'];

interface RawBlock extends Omit<Block, 'attributes' | 'references' | 'allow'> {
  readonly body: Readonly<Record<string, unknown>>;
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
      block.kind === 'resource' ? [[block.address, { type: block.type, attributes: argumentsOf(block) }]] : [],
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
      attributes: resolve(argumentsOf(block)) as Readonly<Record<string, unknown>>,
      references: Object.fromEntries(
        Object.entries(block.body).map(([name, value]) => [name, referencesOf(value, locals)]),
      ),
      allow: allowancesIn(block.body['//']),
    })),
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
  return { kind, type, address, constructPath: typeof path === 'string' ? path : address, body };
}

/** The arguments of a block; what a `dynamic` block makes is unknown. */
function argumentsOf({ kind, body }: RawBlock): Readonly<Record<string, unknown>> {
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

/** What the expressions in a value refer to, by way of locals too. */
function referencesOf(value: unknown, locals: ReadonlyMap<string, unknown>, on: readonly string[] = []): string[] {
  if (Array.isArray(value)) return value.flatMap((one) => referencesOf(one, locals, on));
  if (isRecord(value)) return referencesOf(Object.entries(value).flat(), locals, on);
  if (typeof value !== 'string' || !value.includes('{')) return [];
  const expressions = (templateParts(value) ?? []).filter(({ kind }) => kind === 'expression');
  return expressions.flatMap(({ text }) => {
    const local = localReference(text)?.name;
    if (local !== undefined) return on.includes(local) ? [] : referencesOf(locals.get(local), locals, [...on, local]);
    const reference = parseReference(text);
    return reference ? [`${reference.address}.${reference.attribute}`] : [];
  });
}
