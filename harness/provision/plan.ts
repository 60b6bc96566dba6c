import { closestMatch } from 'leven';
import { type ErrorCode, VaultproofError } from '../../errors/index.js';
import { type Capability, type CapableServer, type Lack, unsupportedByServer } from '../api/vault-capabilities.js';
import type { DeclaredResource, TerraformConfig } from '../terraform-json/configuration.js';
import type { Json } from '../terraform-json/document.js';
import { joinedNamespace } from '../terraform-json/provider-namespaces.js';
import { expressionResolver, findExpressions, type Reference } from '../terraform-json/templates.js';
import { type Attributes, parseAttributes } from './arguments.js';
import { dataSources } from './data-sources.js';
import { type Dependent, dependencyOrder } from './dependency-order.js';
import type { DataSource, ResourceType } from './resource-type.js';
import { resourceTypes } from './resources/index.js';

/** A resource or a data source with its type and what has to be there before it. */
export type Planned = PlannedResource | PlannedDataSource;

interface PlannedParts extends Dependent {
  readonly declared: DeclaredResource;
  readonly references: readonly Reference[];
  /** Its arguments, unless they refer to what a server decides. */
  attributes: Attributes | undefined;
}

/** A resource to be made. */
export interface PlannedResource extends PlannedParts {
  readonly mode: 'managed';
  readonly type: ResourceType;
}

/** A data source to be read. */
export interface PlannedDataSource extends PlannedParts {
  readonly mode: 'data';
  readonly type: DataSource;
}

interface Problem {
  readonly code: ErrorCode;
  readonly text: string;
}

/**
 * Checks that all of a configuration can be applied, before anything is, and puts it in order.
 * @returns the resources and data sources, each after those that it needs
 * @throws VaultproofError `unsupported_resource`, `unsupported_attribute` and `unsupported_expression` for what is not
 * known here, `declaration_invalid` for what Terraform refuses, too: the first problem's code, with all problems in the
 * message and in `details.problems`; and `dependency_cycle`
 */
export function planResources(config: TerraformConfig): Planned[] {
  const problems: Problem[] = config.otherBlocks.map((block) => ({
    code: 'unsupported_resource',
    text: `block "${block}"`,
  }));
  const declarations = new Map(config.resources.map((declared) => [declared.address, declared]));
  const planned = new Map<string, Planned>();
  const resolve = expressionResolver(({ address, attribute }) => planned.get(address)?.attributes?.[attribute]);
  for (const declared of config.resources) {
    const type = typeOf(declared);
    if (type) planned.set(declared.address, toPlanned(declared, type));
    else {
      const what = declared.mode === 'data' ? 'data source' : 'resource';
      problems.push({
        code: 'unsupported_resource',
        text: `${what} "${declared.address}"${meant(declared.type, typesOf(declared.mode))}`,
      });
    }
  }
  const outputs = Object.entries(config.outputs).map(([name, value]) => {
    const found = findExpressions(value);
    checkExpressions(`output.${name}`, found);
    return { name, value, references: found.references };
  });
  refuseProblems();
  const ordered = dependencyOrder([...planned.values()]);
  // Each comes after those that it refers to, so that most values can be checked before anything is applied.
  for (const one of ordered) {
    if (!one.attributes && one.references.every(hasValue)) one.attributes = check(one.declared, one.type);
  }
  for (const { name, value, references } of outputs) if (references.every(hasValue)) checkOutput(name, value);
  refuseProblems();
  return ordered;

  function refuseProblems(): void {
    const [first] = problems;
    if (first) throw refusal(first.code, problems);
  }

  function toPlanned(declared: DeclaredResource, type: ResourceType | DataSource): Planned {
    const { address, mode, attributes: given, providerNamespace, dependsOn } = declared;
    const found = findExpressions(given);
    const ofProvider = findExpressions(providerNamespace);
    const isKnown = (name: string): boolean => Object.hasOwn(type.schema.shape, name);
    const unknown = Object.keys(given).filter((name) => !isKnown(name));
    if (declared.lifecycle) unknown.push(...unsupportedInLifecycle(declared.lifecycle, isKnown));
    for (const name of unknown) {
      const text = `argument "${name}" of "${address}"${meant(name, Object.keys(type.schema.shape))}`;
      problems.push({ code: 'unsupported_attribute', text });
    }
    const isLiteral = found.references.length === 0 && found.unsupported.length === 0 && unknown.length === 0;
    checkExpressions(address, found);
    checkExpressions(`the provider of ${address}`, ofProvider);
    const needs = [...found.references, ...ofProvider.references].map((reference) => reference.address);
    for (const needed of dependsOn) {
      needs.push(needed);
      if (declarations.has(needed)) continue;
      const text = `depends_on "${needed}" of "${address}" (nothing declares that)`;
      problems.push({ code: 'declaration_invalid', text });
    }
    const attributes = isLiteral ? check(declared, type) : undefined;
    return { address, mode, declared, type, needs, references: [...found.references], attributes } as Planned;
  }

  function hasValue({ address, attribute }: Reference): boolean {
    const target = planned.get(address);
    return target?.attributes !== undefined && isDeclaredAlone(target.type, attribute);
  }

  function check(declared: DeclaredResource, type: ResourceType | DataSource): Attributes | undefined {
    const { attributes, issues } = parseAttributes(declared, type, resolve);
    for (const issue of issues) {
      problems.push({ code: 'declaration_invalid', text: `value of "${declared.address}": ${issue}` });
    }
    return attributes;
  }

  function checkOutput(name: string, value: unknown): void {
    try {
      resolve(value);
    } catch (error) {
      if (!(error instanceof VaultproofError)) throw error;
      problems.push({ code: 'declaration_invalid', text: `value of "output.${name}": ${error.message}` });
    }
  }

  function meantHere(address: string): string {
    const closest = closestMatch(address, [...declarations.keys()], SLIP);
    return closest === undefined ? '' : `: did you mean "${closest}"?`;
  }

  function checkExpressions(where: string, { references, unsupported }: ReturnType<typeof findExpressions>): void {
    for (const expression of unsupported) {
      problems.push({ code: 'unsupported_expression', text: `"${expression}" in "${where}"` });
    }
    for (const { address, attribute } of references) {
      const target = declarations.get(address);
      const type = target && typeOf(target);
      if (target && !type) continue;
      if (!type || !(Object.hasOwn(type.schema.shape, attribute) || type.computed.includes(attribute))) {
        const text = `"\${${address}.${attribute}}" in "${where}"`;
        const known = type ? [...Object.keys(type.schema.shape), ...type.computed] : [];
        if (target) problems.push({ code: 'unsupported_expression', text: text + meant(attribute, known) });
        else
          problems.push({ code: 'declaration_invalid', text: `${text} (nothing declares that${meantHere(address)})` });
      }
    }
  }
}

/** An argument that is not known here may be the provider's all the same, and is no slip of the pen then. */
const SLIP = { maxDistance: 2 };

function meant(name: string, known: readonly string[]): string {
  const closest = closestMatch(name, [...known], SLIP);
  return closest === undefined ? '' : ` (did you mean "${closest}"?)`;
}

function typeOf({ mode, type }: DeclaredResource): ResourceType | DataSource | undefined {
  return mode === 'data' ? dataSources.get(type) : resourceTypes.get(type);
}

function typesOf(mode: DeclaredResource['mode']): readonly string[] {
  return [...(mode === 'data' ? dataSources : resourceTypes).keys()];
}

/** Whether an argument's value is what was declared, whatever the server makes of it. */
function isDeclaredAlone(type: ResourceType | DataSource, argument: string): boolean {
  return !type.computed.includes(argument) && !('kept' in type && type.kept?.includes(argument));
}

function refusal(code: ErrorCode, problems: readonly Problem[]): VaultproofError {
  const [invalid, unknown] = [true, false].map((isInvalid) =>
    problems
      .filter((problem) => (problem.code === 'declaration_invalid') === isInvalid)
      .map(({ text }) => text)
      .join('; '),
  );
  const advice = [
    ...(invalid ? [`${invalid}; correct the declaration`] : []),
    ...(unknown ? [`the direct provisioner does not support ${unknown}; correct it, or apply it with terraform`] : []),
  ];
  return new VaultproofError(code, `nothing was applied: ${advice.join('. And ')}`, {
    details: { problems: problems.map(({ text }) => text) },
  });
}

/** They say how a resource is removed or replaced, which no test of what is there can see. */
const PASSED_OVER = ['prevent_destroy', 'create_before_destroy'];
const IGNORE_CHANGES = 'ignore_changes';

/**
 * What of a resource's `lifecycle` is not known here, such as `replace_triggered_by` or a part of an argument to ignore.
 * @param isArgument whether the resource type has an argument of a name
 * @see https://developer.hashicorp.com/terraform/language/meta-arguments/lifecycle
 */
function unsupportedInLifecycle(lifecycle: Json, isArgument: (name: string) => boolean): string[] {
  const { [IGNORE_CHANGES]: ignored = [], ...others } = lifecycle;
  const names = Object.keys(others).filter((name) => !PASSED_OVER.includes(name));
  const isKnown = ignored === 'all' || (Array.isArray(ignored) && ignored.every((name) => isArgument(bare(name))));
  return [...names, ...(isKnown ? [] : [IGNORE_CHANGES])].map((name) => `lifecycle.${name}`);
}

/** The arguments of a resource that is there already, with what it was made with where changes of that are ignored. */
export function withIgnoredChanges(
  { lifecycle }: DeclaredResource,
  declared: Attributes,
  before: Attributes,
): Attributes {
  const ignored = lifecycle?.[IGNORE_CHANGES];
  if (ignored === 'all') return before;
  if (!Array.isArray(ignored)) return declared;
  return { ...declared, ...Object.fromEntries(ignored.map((name) => [bare(name), before[bare(name)]])) };
}

/** The syntax takes a name as it is, and as an expression. */
function bare(name: unknown): string {
  return String(name).replace(/^\$\{\s*(.*?)\s*\}$/, '$1');
}

/**
 * Refuses a configuration that takes what the Vault lacks, before anything is written.
 * @throws VaultproofError `unsupported_by_server`, with all that it lacks
 */
export async function refuseUnsupported(planned: readonly Planned[], server: CapableServer): Promise<void> {
  const needed = planned.flatMap(needsOf);
  const capabilities = [...new Set(needed.map(({ capability }) => capability))];
  const supported = await Promise.all(capabilities.map((capability) => server.supports(capability)));
  const missing = capabilities.filter((_capability, index) => supported[index] === false);
  const [first, ...others] = needed.filter(({ capability }) => missing.includes(capability));
  if (first) throw unsupportedByServer(server, [first, ...others], 'nothing was applied');
}

function needsOf({ mode, address, declared, type }: Planned): Lack[] {
  const namespace = joinedNamespace(declared.providerNamespace, declared.attributes['namespace']);
  const within = namespace !== '' && type.type.startsWith('vault_');
  const inNamespace: Lack[] = within ? [{ capability: 'namespaces', neededBy: address, value: namespace }] : [];
  if (mode === 'data' || type.capabilities === undefined) return inNamespace;
  // What an expression stands for, and what is no name, the server decides.
  const capabilities = type.capabilities(declared.attributes).filter((capability) => /^[\w/-]*\w$/.test(capability));
  return [...inNamespace, ...capabilities.map((capability: Capability) => ({ capability, neededBy: address }))];
}
