import { type ErrorCode, VaultproofError } from '../../errors/index.js';
import { findExpressions, type Reference } from '../terraform-json/expressions.js';
import type { DeclaredResource, TerraformConfig } from '../terraform-json/terraform-json.js';
import { dataSources } from './data-sources/index.js';
import { type Dependent, dependencyOrder } from './dependency-order.js';
import { type Attributes, parseAttributes } from './parse-attributes.js';
import type { DataSource, ResourceType } from './resource-type.js';
import { resourceTypes } from './resources/index.js';

/** A resource or a data source with its type and what has to be there before it. */
export type Planned = PlannedResource | PlannedDataSource;

interface PlannedParts extends Dependent {
  readonly declared: DeclaredResource;
  readonly references: readonly Reference[];
  /** Its arguments, unless they refer to what a server decides. */
  readonly attributes: Attributes | undefined;
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
 * @throws VaultproofError `unsupported_resource`, `unsupported_attribute`, `unsupported_expression` or
 * `dependency_cycle`: the first problem's code, with all problems in the message and in `details.problems`
 */
export function planResources(config: TerraformConfig): Planned[] {
  const byAddress = new Map(config.resources.map((resource) => [resource.address, resource]));
  const problems: Problem[] = config.otherBlocks.map((block) => ({
    code: 'unsupported_resource',
    text: `block "${block}"`,
  }));
  const planned = config.resources.flatMap((declared): Planned[] => {
    const { address, mode, attributes: given, dependsOn } = declared;
    const type = typeOf(declared);
    if (!type) {
      problems.push({
        code: 'unsupported_resource',
        text: `${mode === 'data' ? 'data source' : 'resource'} "${address}"`,
      });
      return [];
    }
    const unknown = Object.keys(given).filter((name) => !Object.hasOwn(type.schema.shape, name));
    for (const name of unknown) {
      problems.push({ code: 'unsupported_attribute', text: `argument "${name}" of "${address}"` });
    }
    const found = findExpressions(given);
    checkExpressions(address, found);
    for (const needed of dependsOn.filter((needed) => !byAddress.has(needed))) {
      const text = `depends_on "${needed}" of "${address}" (nothing declares that)`;
      problems.push({ code: 'unsupported_expression', text });
    }
    const needs = [...found.references.map((reference) => reference.address), ...dependsOn];
    const isLiteral = found.references.length === 0 && found.unsupported.length === 0 && unknown.length === 0;
    const attributes = isLiteral ? check(declared, type, noReference) : undefined;
    return [{ address, mode, declared, type, needs, references: found.references, attributes } as Planned];
  });
  for (const [name, value] of Object.entries(config.outputs))
    checkExpressions(`output.${name}`, findExpressions(value));
  refuseProblems();
  const known = new Map<string, Planned>();
  for (const one of dependencyOrder(planned)) known.set(one.address, withWhatIsKnown(one));
  refuseProblems();
  return [...known.values()];

  function refuseProblems(): void {
    const [first] = problems;
    if (first) throw refusal(first.code, problems);
  }

  /** Each comes after those that it refers to, so that most values can be checked before anything is applied. */
  function withWhatIsKnown(one: Planned): Planned {
    const isKnown = ({ address, attribute }: Reference): boolean => {
      const target = known.get(address);
      return target?.attributes !== undefined && isDeclaredAlone(target.type, attribute);
    };
    if (one.attributes || !one.references.every(isKnown)) return one;
    const lookUp = ({ address, attribute }: Reference): unknown => known.get(address)?.attributes?.[attribute];
    return { ...one, attributes: check(one.declared, one.type, lookUp) } as Planned;
  }

  function check(
    declared: DeclaredResource,
    type: ResourceType | DataSource,
    lookUp: (reference: Reference) => unknown,
  ): Attributes | undefined {
    const { attributes, issues } = parseAttributes(declared, type, lookUp);
    for (const issue of issues) {
      problems.push({ code: 'unsupported_attribute', text: `value of "${declared.address}": ${issue}` });
    }
    return attributes;
  }

  function checkExpressions(where: string, { references, unsupported }: ReturnType<typeof findExpressions>): void {
    for (const expression of unsupported) {
      problems.push({ code: 'unsupported_expression', text: `"${expression}" in "${where}"` });
    }
    for (const { address, attribute } of references) {
      const target = byAddress.get(address);
      const type = target && typeOf(target);
      if (target && !type) continue;
      if (!type || !(Object.hasOwn(type.schema.shape, attribute) || type.computed.includes(attribute))) {
        const why = target ? '' : ' (nothing declares that)';
        problems.push({ code: 'unsupported_expression', text: `"\${${address}.${attribute}}" in "${where}"${why}` });
      }
    }
  }
}

function typeOf({ mode, type }: DeclaredResource): ResourceType | DataSource | undefined {
  return mode === 'data' ? dataSources.get(type) : resourceTypes.get(type);
}

/** Whether an argument's value is what was declared, whatever the server makes of it. */
function isDeclaredAlone(type: ResourceType | DataSource, argument: string): boolean {
  return !type.computed.includes(argument) && !('kept' in type && type.kept?.includes(argument));
}

function noReference(): never {
  throw new TypeError('there is no reference in what is literal');
}

function refusal(code: ErrorCode, problems: readonly Problem[]): VaultproofError {
  const texts = problems.map(({ text }) => text);
  return new VaultproofError(
    code,
    `nothing was applied, because the direct provisioner doesn't know: ${texts.join('; ')}; correct it, or apply it with terraform`,
    { details: { problems: texts } },
  );
}
