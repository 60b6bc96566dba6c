import { type ErrorCode, VaultproofError } from '../../errors/index.js';
import { findExpressions } from '../terraform-json/expressions.js';
import type { DeclaredResource, TerraformConfig } from '../terraform-json/terraform-json.js';
import type { ResourceType } from './resource-type.js';
import { resourceTypes } from './resources/index.js';

/** A resource with its type and what has to be there before it. */
export interface PlannedResource {
  readonly declared: DeclaredResource;
  readonly type: ResourceType;
  /** The addresses of the resources that it refers to or depends on. */
  readonly needs: readonly string[];
}

interface Problem {
  readonly code: ErrorCode;
  readonly text: string;
}

/**
 * Checks that all of a configuration can be applied, before anything is, and puts it in order.
 * @returns the resources, each after those that it needs
 * @throws VaultproofError `unsupported_resource`, `unsupported_attribute`, `unsupported_expression` or
 * `dependency_cycle`: the first problem's code, with all problems in the message and in `details.problems`
 */
export function planResources(config: TerraformConfig): PlannedResource[] {
  const byAddress = new Map(config.resources.map((resource) => [resource.address, resource]));
  const problems: Problem[] = config.otherBlocks.map((block) => ({
    code: 'unsupported_resource',
    text: `block "${block}"`,
  }));
  const planned = config.resources.flatMap((declared): PlannedResource[] => {
    const type = resourceTypes.get(declared.type);
    if (!type) {
      problems.push({ code: 'unsupported_resource', text: `resource "${declared.address}"` });
      return [];
    }
    const unknown = Object.keys(declared.attributes).filter((name) => !Object.hasOwn(type.schema.shape, name));
    for (const name of unknown) {
      problems.push({ code: 'unsupported_attribute', text: `argument "${name}" of "${declared.address}"` });
    }
    const { references, unsupported } = findExpressions(declared.attributes);
    checkExpressions(declared.address, { references, unsupported });
    return [{ declared, type, needs: [...references.map(({ address }) => address), ...declared.dependsOn] }];
  });
  for (const [name, value] of Object.entries(config.outputs))
    checkExpressions(`output.${name}`, findExpressions(value));
  for (const { declared } of planned) {
    for (const address of declared.dependsOn.filter((needed) => !byAddress.has(needed))) {
      problems.push({ code: 'unsupported_expression', text: `depends_on "${address}" of "${declared.address}"` });
    }
  }
  if (problems[0]) throw refusal(problems[0].code, problems);
  return inOrder(planned);

  function checkExpressions(where: string, { references, unsupported }: ReturnType<typeof findExpressions>): void {
    for (const expression of unsupported) {
      problems.push({ code: 'unsupported_expression', text: `"${expression}" in "${where}"` });
    }
    for (const { address, attribute } of references) {
      const target = byAddress.get(address);
      const type = target && resourceTypes.get(target.type);
      if (target && !type) continue;
      if (!type || !(Object.hasOwn(type.schema.shape, attribute) || type.computed.includes(attribute))) {
        problems.push({ code: 'unsupported_expression', text: `"\${${address}.${attribute}}" in "${where}"` });
      }
    }
  }
}

function refusal(code: ErrorCode, problems: readonly Problem[]): VaultproofError {
  const texts = problems.map(({ text }) => text);
  return new VaultproofError(
    code,
    `nothing was applied, because the direct provisioner doesn't know: ${texts.join('; ')}; apply this with terraform`,
    { details: { problems: texts } },
  );
}

function inOrder(planned: readonly PlannedResource[]): PlannedResource[] {
  const done = new Set<string>();
  const ordered: PlannedResource[] = [];
  let waiting = [...planned];
  while (waiting.length > 0) {
    const ready = waiting.filter(({ needs }) => needs.every((address) => done.has(address)));
    if (ready.length === 0) {
      const addresses = waiting.map(({ declared }) => declared.address);
      throw new VaultproofError('dependency_cycle', `resources wait for each other: ${addresses.join(', ')}`, {
        details: { addresses },
      });
    }
    for (const resource of ready) done.add(resource.declared.address);
    ordered.push(...ready);
    waiting = waiting.filter((resource) => !ready.includes(resource));
  }
  return ordered;
}
