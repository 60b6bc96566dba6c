import { checkConditions, conditionsOf } from './conditions.js';
import { addressIn, headerOf, type ResourceBlock } from './configuration.js';
import type { Place } from './error-location.js';
import type { Scope } from './evaluate.js';
import type { EvaluationContext, PassedOverTerraform } from './evaluation-context.js';
import { type InstanceKey, type Instances, instancesOf, type UnknownInstances } from './instances.js';
import { evaluateBody } from './json-values.js';
import type { ModuleCall } from './module-call.js';
import { providerName } from './providers.js';
import { knownDeep, Lazy, Unknown, unknownIn, type Value } from './values.js';

/** One instance of a resource or a data source. */
export interface ResourceInstance {
  readonly block: ResourceBlock;
  /** As Terraform has it: `module.login["ci"].vault_policy.reader[0]`. */
  readonly address: string;
  /** As the document has it: `vault_policy.login-ci-reader-0`. */
  readonly documentAddress: string;
  readonly name: string;
  readonly place: Place;
  /** The root module's, such as `vault.team`. */
  readonly provider: string;
  readonly body: () => Map<string, Value>;
  /** Why it stands for all instances of its block, or of a module that it is in; default it is one. */
  readonly unknown?: UnknownInstances | undefined;
  /** The document's addresses of what `depends_on` names, the module's own included. */
  readonly dependsOn: () => readonly string[];
  /** Checks its conditions, see {@link checkConditions}. */
  readonly check: () => readonly PassedOverTerraform[];
}

/** What the instances of a block have from the module that it is in. */
interface InModule {
  readonly call: ModuleCall;
  readonly scope: Scope;
  readonly context: EvaluationContext;
  /** The name of the only instance; default one is made for each. */
  readonly reserved: string | undefined;
  /** The document's addresses of what a `depends_on` names. */
  readonly namedBy: (dependsOn: unknown) => readonly string[];
}

/**
 * The instances of a resource or a data source.
 * @param address the block's, such as `module.login["ci"].vault_policy.reader`
 */
export function resourceInstances(
  block: ResourceBlock,
  address: string,
  { call, scope, context, reserved, namedBy }: InModule,
): Instances<ResourceInstance> {
  const { mode, type, name, body, file } = block;
  const at = { file, address, header: headerOf(block) };
  const make = (key: InstanceKey): ResourceInstance => {
    context.count(1, address);
    const place = { ...at, address: `${address}${key.suffix}` };
    const parts = [...call.names, name, ...(key.name === '' && key.suffix === '' ? [] : [key.name])];
    const unique = reserved ?? context.uniqueName(type, parts.join('-'));
    const instance: ResourceInstance = {
      block,
      address: place.address,
      documentAddress: addressIn(mode, type, unique),
      name: unique,
      place,
      provider: call.provider(providerName(block)),
      body: context.once(place.address, () => evaluateBody(body, key.scope, place)),
      unknown: call.unknown ?? key.unknown,
      dependsOn: () => [...call.dependsOn(), ...namedBy(body['depends_on'])],
      check: () => checkConditions(conditionsOf(body), key.scope, place, context, resourceValue(instance, context)),
    };
    return instance;
  };
  return instancesOf(body, scope, at, make, context);
}

/** An instance's attributes: what is declared where its value is needed, else a reference. */
export function resourceValue(instance: ResourceInstance, context: EvaluationContext): Lazy {
  const { address, documentAddress, block } = instance;
  return new Lazy(address, (attribute) => {
    if (block.type === 'terraform_data' && (attribute === 'output' || attribute === 'input')) {
      return instance.body().get('input') ?? null;
    }
    context.touch(documentAddress);
    const declared = (): Value | undefined => {
      // Its other arguments may refer to this one.
      const value = block.body[attribute] === undefined ? undefined : knownDeep(instance.body().get(attribute) ?? null);
      return value === undefined || value === null || unknownIn(value) ? undefined : value;
    };
    const source = `${address}.${attribute}`;
    return new Unknown(`\${${documentAddress}.${attribute}}`, source, { isReference: true, declared });
  });
}
