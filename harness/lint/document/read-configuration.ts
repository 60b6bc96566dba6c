import { isRecord } from '../../../internal/json.js';
import {
  blocks,
  DEEPEST,
  type Json,
  labelled,
  labelledBlocks,
  notTerraformJson,
  refuseUnknownBlocks,
} from '../../terraform-json/document.js';
import {
  bareReference,
  mapTemplates,
  parseReference,
  templateParts,
  withoutLiterals,
} from '../../terraform-json/templates.js';
import { type Block, isKnown, type LintDocument, UNKNOWN } from './document.js';
import { jsonEncoded } from './json-encode.js';

/** They say how Terraform treats a resource, not what it is. */
const META_ARGUMENTS = ['//', 'connection', 'count', 'depends_on', 'for_each', 'lifecycle', 'provider', 'provisioner'];

interface RawBlock extends Omit<Block, 'attributes' | 'references' | 'unknown' | 'written' | 'allow'> {
  readonly body: Readonly<Record<string, unknown>>;
  readonly arguments: Readonly<Record<string, unknown>>;
}

/**
 * Reads a configuration in Terraform's JSON syntax. Blocks may stand in lists, as the syntax allows.
 * @throws VaultproofError `not_terraform_json`
 * @see https://developer.hashicorp.com/terraform/language/syntax/json
 */
export function readConfiguration(json: Json): LintDocument {
  refuseUnknownBlocks(json);
  const raw = [
    ...rawBlocks(json, 'resource'),
    ...rawBlocks(json, 'data'),
    ...rawBlocks(json, 'provider'),
    ...rawBlocks(json, 'output'),
  ];
  const resources = new Map<string, RawResource>(
    raw.flatMap((block) =>
      block.kind === 'resource' ? [[block.address, { type: block.type, attributes: block.arguments }]] : [],
    ),
  );
  const locals = new Map(blocks(json['locals'], '"locals"').flatMap((block) => Object.entries(block)));
  const resolve = resolver({ resources, locals });
  return {
    blocks: raw.map((block) => ({
      kind: block.kind,
      type: block.type,
      address: block.address,
      constructPath: block.constructPath,
      provider: block.provider,
      attributes: resolve(block.arguments) as Readonly<Record<string, unknown>>,
      references: Object.fromEntries(
        Object.entries(block.body).map(([name, value]) => [name, referencesOf(value, locals)]),
      ),
      unknown: whyUnknown(block, resolve),
      written: block.body,
      allow: allowancesIn(block.body['//']),
    })),
    modules: labelled(json['module'], '"module"').map(([name]) => `module.${name}`),
    allow: allowancesIn(json['//']),
  };
}

function rawBlocks(json: Json, kind: Block['kind']): RawBlock[] {
  return labelledBlocks(json, kind).map(({ type, address, constructPath, body }) => {
    const provider = typeof body['provider'] === 'string' ? bareReference(body['provider']) : undefined;
    return { kind, type, address, constructPath, provider, body, arguments: argumentsOf(kind, body) };
  });
}

/** The arguments of a block; what a `dynamic` block makes is unknown. */
function argumentsOf(kind: Block['kind'], body: RawBlock['body']): RawBlock['arguments'] {
  const dynamic = [body['dynamic']].flat().flatMap((one) => (isRecord(one) ? Object.keys(one) : []));
  const meta = kind === 'resource' || kind === 'data' ? [...META_ARGUMENTS, 'dynamic'] : ['//'];
  const entries = Object.entries(body).filter(([name, value]) => !meta.includes(name) && value !== null);
  return Object.fromEntries([
    ...dynamic.map((name) => [name, UNKNOWN]),
    ...entries.map(([name, value]) => [name, kind === 'resource' ? withoutNulls(value) : value]),
  ]);
}

/** A map's null elements are not there for the provider, nor are a block's. */
function withoutNulls(value: unknown): unknown {
  if (!isRecord(value)) return Array.isArray(value) ? value.map(withoutNulls) : value;
  const entries = Object.entries(value).filter(([, item]) => item !== null);
  return Object.fromEntries(entries.map(([name, item]) => [name, withoutNulls(item)]));
}

/**
 * Why arguments, and which instances there are, are not known, in the words of the first expression in each that is not. What is of an
 * instance (`each.value.x`) is not known since the instances are not.
 */
function whyUnknown(block: RawBlock, resolve: (value: unknown) => unknown): Block['unknown'] {
  const reasons = (all: readonly (readonly [name: string, value: unknown])[]): (readonly [string, string])[] =>
    all.flatMap(([name, value]) => {
      if (value === UNKNOWN) return [[name, 'a dynamic block']];
      if (isKnown(resolve(value))) return [];
      const isOpen = (expression: string): boolean => !isKnown(resolve(`\${${expression}}`));
      const open = expressionsIn(value).find(isOpen);
      return [[name, open === undefined ? 'a template' : shown(open.trim(), isOpen)]];
    });
  const instances = reasons(['count', 'for_each'].map((name) => [name, block.body[name]]));
  const ofInstances = instances[0]?.[1];
  const others = reasons(Object.entries(block.arguments)).map(
    ([name, reason]) => [name, /^(?:each|count)\./.test(reason) ? (ofInstances ?? reason) : reason] as const,
  );
  return Object.fromEntries([...instances, ...others]);
}

function expressionsIn(value: unknown): string[] {
  if (typeof value !== 'string')
    return isRecord(value) || Array.isArray(value) ? Object.values(value).flatMap(expressionsIn) : [];
  return (templateParts(value) ?? []).flatMap(({ kind, text }) => (kind === 'expression' ? [text] : []));
}

/** Names with their attributes and indexes: `var.teams`, `each.value.id`. Paths are known. */
const REFERENCES = /(?<![\w.])(?!path\.)[a-z]\w*(?:\.[A-Za-z_][\w-]*|\[[^\]]*\])+/g;

/**
 * A call by the function's name, with the first reference in it that is not known: `var.teams in join()`; anything else as it is
 * written, cut off where it is long.
 */
function shown(expression: string, isOpen: (expression: string) => boolean): string {
  const call = /^([a-z]\w*)\s*\(/.exec(expression)?.[1];
  if (call === undefined) return shortened(expression);
  const open = withoutLiterals(expression).match(REFERENCES)?.find(isOpen);
  return open === undefined ? `${call}()` : `${shortened(open)} in ${call}()`;
}

function shortened(expression: string): string {
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

/** How many references may be followed for one block: where each leads on to two, some few would never end. */
const MOST_REFERENCES = 10_000;

/** What is said of more. */
const tooManyReferences = `one block leads on to more than ${MOST_REFERENCES} references`;

/** A resource's arguments before its references are resolved. */
interface RawResource {
  readonly type: string;
  readonly attributes: Readonly<Record<string, unknown>>;
}

/** What expressions of a document may refer to, before references in it are resolved itself. */
interface Referable {
  /** By address. */
  readonly resources: ReadonlyMap<string, RawResource>;
  readonly locals: ReadonlyMap<string, unknown>;
}

/** What Terraform computes, and which argument it equals. */
const computed: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  vault_auth_backend: { id: 'path' },
  vault_jwt_auth_backend: { id: 'path' },
  vault_mount: { id: 'path' },
  vault_policy: { id: 'name' },
};

const defaults: Readonly<Record<string, Readonly<Record<string, unknown>>>> = {
  vault_jwt_auth_backend: { path: 'jwt' },
};

/** What an attribute of a resource is as far as its arguments tell; undefined where they don't. */
function attributeOf({ type, attributes }: RawResource, name: string): unknown {
  const argument = computed[type]?.[name] ?? name;
  const isMount = type === 'vault_auth_backend' && argument === 'path';
  return attributes[argument] ?? (isMount ? attributes['type'] : defaults[type]?.[argument]);
}

/** Resolves a value's references to resources and locals of the same document; what is no such one becomes unknown. */
function resolver({ resources, locals }: Referable): (value: unknown) => unknown {
  let followed = 0;
  const resolve = (value: unknown, on: readonly string[]): unknown =>
    mapTemplates(value, (text) => {
      const parts = templateParts(text);
      // A directive says whether what follows is there at all.
      if (!parts || parts.some(({ kind }) => kind === 'directive')) return UNKNOWN;
      const values = parts.map((part) => (part.kind === 'text' ? part.text : referred(part.text, on)));
      return values.length === 1 ? values[0] : values.map(inText).join('');
    });
  const referred = (expression: string, on: readonly string[]): unknown => {
    const name = expression.trim();
    if (on.includes(name)) return UNKNOWN;
    if (++followed > MOST_REFERENCES) throw notTerraformJson(tooManyReferences);
    if (on.length > DEEPEST) throw notTerraformJson(`more than ${DEEPEST} references lead on to each other`);
    const json = jsonEncoded(expression, (inner) => referred(inner, on));
    if (json !== undefined) return json;
    const local = localReference(expression);
    if (local) {
      // A local that is an object may refer to itself by way of its members.
      const whole = `local.${local.name}`;
      if (on.includes(whole)) return UNKNOWN;
      const part = partOf(resolve(locals.get(local.name), [...on, whole]), local.path);
      return part === undefined ? UNKNOWN : part;
    }
    const reference = parseReference(expression);
    const resource = reference && resources.get(reference.address);
    return resource ? resolve(attributeOf(resource, reference.attribute) ?? UNKNOWN, [...on, name]) : UNKNOWN;
  };
  return (value) => {
    followed = 0;
    return resolve(value, []);
  };
}

function inText(value: unknown): string {
  return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean' ? String(value) : UNKNOWN;
}

/** A reference to a local, or to a part of one: `local.claims.sub`, `local.claims["sub"]`, `local.list[0]`. */
interface LocalReference {
  readonly name: string;
  /** The names of members and the numbers of items that lead to the part. */
  readonly path: readonly string[];
}

const LOCAL = /^\s*local\.([\w-]+)((?:\.[A-Za-z_][\w-]*|\[\d+\]|\["[^"\\$%]*"\])*)\s*$/;
const STEP = /\.([A-Za-z_][\w-]*)|\[(\d+)\]|\["([^"]*)"\]/g;

/** An expression as a reference to a local; undefined where it is none. */
function localReference(expression: string): LocalReference | undefined {
  const [, name, steps = ''] = LOCAL.exec(expression) ?? [];
  if (name === undefined) return undefined;
  return { name, path: [...steps.matchAll(STEP)].map(([, member, index, key]) => member ?? index ?? key ?? '') };
}

/** The part of a value that a path leads to; undefined where there is none. */
function partOf(value: unknown, path: readonly string[]): unknown {
  const [step, ...rest] = path;
  if (step === undefined) return value;
  if (!Array.isArray(value) && !isRecord(value)) return undefined;
  return Object.hasOwn(value, step)
    ? partOf(Object.entries(value).find(([name]) => name === step)?.[1], rest)
    : undefined;
}

/** The allowances in a comment of Terraform's JSON syntax: `{"//": {"vaultproof": {"allow": {CODE: REASON}}}}`. */
function allowancesIn(comment: unknown): Readonly<Record<string, unknown>> {
  const ours = isRecord(comment) ? comment['vaultproof'] : undefined;
  const allow = isRecord(ours) ? ours['allow'] : undefined;
  return isRecord(allow) ? allow : {};
}
