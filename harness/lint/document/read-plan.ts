import { isRecord } from '../../../internal/json.js';
import { SensitiveValues } from '../../../internal/sensitive-values.js';
import type { Json } from '../../terraform-json/document.js';
import { type Block, byKey, isKnown, type LintDocument, UNKNOWN } from './document.js';

const POLICY_DOCUMENT = 'vault_policy_document';

/** A module of the plan: what it plans, and what it was written as, where the plan tells. */
interface PlannedModule {
  readonly planned: Json;
  readonly written: Json | undefined;
}

/**
 * Reads a plan as `terraform show -json` prints it, with all its modules. A plan has no comments, so no allowances.
 * @see https://developer.hashicorp.com/terraform/internals/json-format
 */
export function readPlan(json: Json): LintDocument {
  const values = record(json['planned_values']);
  const configuration = isRecord(json['configuration']) ? json['configuration'] : undefined;
  const unknowns = new Map(
    list(json['resource_changes']).map((change) => [
      String(change['address']),
      record(change['change'])['after_unknown'],
    ]),
  );
  const root = { planned: record(values['root_module']), written: recordOf(configuration?.['root_module']) };
  const outputs = record(root.written?.['outputs']);
  return {
    blocks: [
      ...modulesFrom(root).flatMap((module) => resourcesOf(module, unknowns)),
      ...(root.written ? dataOf(root.written, '') : []),
      ...Object.entries(record(configuration?.['provider_config'])).map(([key, provider]) =>
        block('provider', String(record(provider)['name'] ?? key), `provider.${key}`, constants(provider)),
      ),
      ...Object.entries(record(values['outputs'])).map(([name, output]) => ({
        ...block('output', 'output', `output.${name}`, record(output)),
        references: mapReferences({ value: record(outputs[name])['expression'] }),
      })),
    ],
    modules: [],
    isPlan: true,
    sensitive: sensitiveIn(json, values, configuration),
    allow: {},
  };
}

/** The values of sensitive variables of the root module, and what resources have where the plan marks them. */
function sensitiveIn(json: Json, planned: Json, configuration: Json | undefined): SensitiveValues {
  const sensitive = new SensitiveValues();
  const declared = record(record(configuration?.['root_module'])['variables']);
  for (const [name, variable] of Object.entries(record(json['variables']))) {
    if (record(declared[name])['sensitive'] === true) sensitive.addAll(record(variable)['value']);
  }
  for (const module of modulesFrom({ planned: record(planned['root_module']), written: undefined })) {
    for (const { values, sensitive_values: marks } of list(module.planned['resources']))
      sensitive.addAll(markedIn(values, marks));
  }
  return sensitive;
}

/** The values in a value that a plan marks as sensitive; one that is not known yet is undefined. */
function markedIn(value: unknown, marks: unknown): readonly unknown[] {
  if (marks === true) return [value];
  if (Array.isArray(marks)) {
    return marks.flatMap((mark, at) => markedIn(Array.isArray(value) ? value[at] : undefined, mark));
  }
  return Object.entries(record(marks)).flatMap(([name, mark]) => markedIn(record(value)[name], mark));
}

/** A module and all below it. */
function modulesFrom(module: PlannedModule): PlannedModule[] {
  const calls = record(module.written?.['module_calls']);
  const children = list(module.planned['child_modules']).flatMap((planned) => {
    const name = /module\.([\w-]+)(?:\[[^\]]*\])?$/.exec(String(planned['address']))?.[1] ?? '';
    return modulesFrom({ planned, written: recordOf(record(calls[name])['module']) });
  });
  return [module, ...children];
}

function resourcesOf({ planned, written }: PlannedModule, unknowns: ReadonlyMap<string, unknown>): Block[] {
  const known = list(planned['resources']).filter(({ mode, type }) => mode !== 'data' || type === POLICY_DOCUMENT);
  const sources = byKey(list(written?.['resources']), ({ address }) => address);
  return known.map((resource) => {
    const [type, address] = [String(resource['type']), String(resource['address'])];
    const isData = resource['mode'] === 'data';
    const [source] = sources.get(`${isData ? 'data.' : ''}${type}.${resource['name']}`) ?? [];
    const provider = source?.['provider_config_key'];
    const expressions = written && record(source?.['expressions']);
    const attributes = plannedAttributes(record(resource['values']), record(unknowns.get(address)), expressions);
    return {
      ...block(isData ? 'data' : 'resource', type, address, attributes),
      references: mapReferences(expressions),
      ...(typeof provider === 'string' && { provider }),
      sensitive: Object.entries(record(resource['sensitive_values'])).flatMap(([name, marks]) =>
        markedIn(undefined, marks).length > 0 && Object.hasOwn(attributes, name) ? [name] : [],
      ),
    };
  });
}

/** What is planned. What isn't known yet is unknown where somebody wrote it, and not set where the provider computes it. */
function plannedAttributes(values: Json, unknown: Json, expressions: Json | undefined): Json {
  const open = Object.keys(unknown)
    .filter((name) => unknown[name] === true)
    .filter((name) => expressions === undefined || Object.hasOwn(expressions, name))
    .map((name) => [name, UNKNOWN] as const);
  const known = Object.entries(values)
    .filter(([, value]) => value !== null)
    .map(([name, value]) => [name, withUnknown(value, unknown[name])] as const);
  return Object.fromEntries([...known, ...open]);
}

/** A value with the parts of it that are not known yet marked. */
function withUnknown(value: unknown, unknown: unknown): unknown {
  if (unknown === true) return UNKNOWN;
  if (Array.isArray(unknown) && Array.isArray(value)) {
    const longer = value.length >= unknown.length ? value : unknown;
    return longer.map((_, index) => withUnknown(value[index], unknown[index]));
  }
  if (!isRecord(unknown)) return value;
  const names = new Set([...Object.keys(record(value)), ...Object.keys(unknown)]);
  return Object.fromEntries([...names].map((name) => [name, withUnknown(record(value)[name], unknown[name])]));
}

/**
 * Data sources are planned only when they can't be read yet; the configuration always has them. The text of a policy
 * document that was read stands in its policy.
 */
function dataOf(module: Json, prefix: string): Block[] {
  const own = list(module['resources']).filter(({ mode, type }) => mode === 'data' && type !== POLICY_DOCUMENT);
  const calls = Object.entries(record(module['module_calls']));
  return [
    ...own.map((data) =>
      block(
        'data',
        String(data['type']),
        `${prefix}${data['address']}`,
        constants({ expressions: data['expressions'] }),
      ),
    ),
    ...calls.flatMap(([name, call]) => dataOf(record(record(call)['module']), `${prefix}module.${name}.`)),
  ];
}

function constants(holder: unknown): Json {
  const entries = Object.entries(record(record(holder)['expressions']));
  return Object.fromEntries(entries.map(([name, expression]) => [name, constant(expression)]));
}

/** The value of an expression that is one; of a nested block, all of its. */
function constant(expression: unknown): unknown {
  if (Array.isArray(expression)) return expression.map(constant);
  if (!isRecord(expression)) return UNKNOWN;
  if (Object.hasOwn(expression, 'constant_value')) return expression['constant_value'];
  if (Object.hasOwn(expression, 'references') || Object.keys(expression).length === 0) return UNKNOWN;
  return Object.fromEntries(Object.entries(expression).map(([name, inner]) => [name, constant(inner)]));
}

function mapReferences(expressions: Json | undefined): Block['references'] {
  const entries = Object.entries(expressions ?? {});
  return Object.fromEntries(entries.map(([name, expression]) => [name, attributesIn(referencesIn(expression))]));
}

/** What an expression refers to, and those in nested blocks. */
function referencesIn(expression: unknown): string[] {
  if (Array.isArray(expression)) return expression.flatMap(referencesIn);
  if (!isRecord(expression)) return [];
  if (Object.hasOwn(expression, 'references')) return [...texts(expression['references'])];
  return Object.values(expression).flatMap(referencesIn);
}

/** References without those that only lead to another: Terraform names the resource beside its attribute. */
function attributesIn(references: readonly string[]): readonly string[] {
  return references.filter(
    (one) => !references.some((other) => other.startsWith(`${one}.`) || other.startsWith(`${one}[`)),
  );
}

function block(kind: Block['kind'], type: string, address: string, attributes: Json): Block {
  const open = Object.keys(attributes).filter((name) => !isKnown(attributes[name]));
  const unknown = Object.fromEntries(open.map((name) => [name, 'known after apply']));
  return { kind, type, address, constructPath: address, attributes, references: {}, unknown, allow: {} };
}

function record(value: unknown): Json {
  return isRecord(value) ? value : {};
}

function recordOf(value: unknown): Json | undefined {
  return isRecord(value) ? value : undefined;
}

function list(value: unknown): readonly Json[] {
  return Array.isArray(value) ? value.filter(isRecord) : [];
}

function texts(value: unknown): readonly string[] {
  return Array.isArray(value) ? value.filter((one) => typeof one === 'string') : [];
}
