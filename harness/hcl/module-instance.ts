import { basename, relative } from 'node:path';
import { checkConditions, conditionsIn } from './conditions.js';
import { addressIn, type Mode, type ResourceBlock, STACK } from './configuration.js';
import type { Scope } from './evaluate.js';
import type { EvaluationContext, PassedOverTerraform } from './evaluation-context.js';
import { functionsFor } from './functions/index.js';
import { allInstances, type Instances, instancesOf, instancesValue } from './instances.js';
import { evaluateBody, evaluateJson } from './json-values.js';
import type { CalledModule, LoadedModule } from './load.js';
import { inputsOf, type ModuleCall } from './module-call.js';
import { type ConfiguredProvider, inCalledModule } from './providers.js';
import { type ResourceInstance, resourceInstances, resourceValue } from './resource-instance.js';
import { isSensitive, noteSensitive, notingSensitive } from './sensitive.js';
import { unknownName } from './unknown-names.js';
import { refuseInvalid, refuseUndeclared } from './validate.js';
import { Lazy, mapValue, Unknown, type Value } from './values.js';
import { variableValue } from './variables.js';

/** A module with values for its variables. */
export class ModuleInstance {
  readonly #module: LoadedModule;
  readonly #call: ModuleCall;
  readonly #context: EvaluationContext;
  readonly #scope: Scope;
  readonly #locals = new Map<string, () => Value>();
  readonly #variables = new Map<string, () => Value>();
  readonly #outputs = new Map<string, () => Value>();
  readonly #resources = new Map<string, () => Instances<ResourceInstance>>();
  readonly #modules = new Map<string, () => Instances<ModuleInstance>>();
  readonly #ignored = new Map<string, string>();

  constructor(module: LoadedModule, call: ModuleCall, context: EvaluationContext) {
    this.#module = module;
    this.#call = call;
    this.#context = context;
    const { configuration, root } = module;
    const { prefix } = call;
    context.folders.add(configuration.folder);
    refuseUndeclared(configuration, prefix);
    const roots = this.#roots();
    const functions = functionsFor({
      folder: root,
      folders: () => [...context.folders],
      isLenient: context.isLenient,
      noteRead: (isSame) => context.noteRead(isSame),
    });
    const functionNamed = notingSensitive(functions, context.sensitive);
    this.#scope = {
      lookUp: (name) => roots[name] ?? this.#resourcesOf('managed', name),
      functionNamed,
      explain: unknownName,
      isLenient: context.isLenient,
    };
    for (const [name, { value, file }] of configuration.locals) {
      const place = { file, address: `${prefix}local.${name}`, header: name };
      this.#locals.set(
        name,
        context.once(place.address, () => evaluateJson(value, this.#scope, place)),
      );
    }
    for (const [name, block] of configuration.variables) {
      this.#variables.set(
        name,
        context.once(`${prefix}var.${name}`, () => {
          const given = call.given(name);
          // What is wrong with it may be said in its own words.
          if (isSensitive(block) && given !== undefined) noteSensitive(given, context.sensitive);
          const value = variableValue(name, block, given, prefix, this.#scope);
          if (isSensitive(block)) noteSensitive(value, context.sensitive);
          return value;
        }),
      );
    }
    for (const [name, { body, file }] of configuration.outputs) {
      const place = { file, address: `${prefix}output.${name}`, header: `output "${name}"` };
      this.#outputs.set(
        name,
        context.once(place.address, () => {
          const value = evaluateJson(body['value'], this.#scope, place);
          if (isSensitive({ body })) noteSensitive(value, context.sensitive);
          return value;
        }),
      );
    }
    for (const block of configuration.resources) {
      const address = this.#addressOf(block);
      if (context.isIgnored(block.type, addressIn(block.mode, block.type), address)) {
        this.#ignored.set(`${block.mode}.${block.type}.${block.name}`, address);
      }
      // A resource without count keeps its name, whatever others are called.
      const plain = block.body['count'] === undefined && block.body['for_each'] === undefined;
      const reserved = plain && call.names.length === 0 ? context.uniqueName(block.type, block.name) : undefined;
      this.#resources.set(
        `${block.mode}.${block.type}.${block.name}`,
        context.once(address, () =>
          resourceInstances(block, address, {
            call,
            reserved,
            scope: this.#scope,
            context,
            namedBy: (one) => this.#namedBy(one),
          }),
        ),
      );
    }
    for (const [name, child] of module.modules) this.#modules.set(name, this.#moduleInstances(name, child));
  }

  /** All resources and data sources that are not ignored, those of called modules included. */
  resources(): readonly ResourceInstance[] {
    const own = this.#wanted().flatMap((instances) => allInstances(instances()));
    return [...own, ...this.#called().flatMap((module) => module.resources())];
  }

  /** The addresses of what is ignored, with the modules in this one, and of what has a `count` or a `for_each` that needs it. */
  ignored(): readonly { readonly address: string; readonly cause?: string | undefined }[] {
    const named = [...this.#ignored.values(), ...this.#module.ignored.map((name) => this.#moduleAddress(name))];
    const all = [...this.#wanted(), ...this.#modules.values()].map((instances) => instances());
    return [
      ...named.map((address) => ({ address })),
      ...all.flatMap((instances) => (instances.kind === 'ignored' ? [instances] : [])),
      ...this.#called().flatMap((module) => module.ignored()),
    ];
  }

  /** Those of the resources that are not ignored. */
  #wanted(): readonly (() => Instances<ResourceInstance>)[] {
    return [...this.#resources].filter(([key]) => !this.#ignored.has(key)).map(([, instances]) => instances);
  }

  /** Checks all variables and, where something is applied, all locals, those that nothing uses included. */
  checkValues(): void {
    for (const value of this.#variables.values()) value();
    if (this.#context.isLenient) return;
    for (const value of this.#locals.values()) refuseInvalid(value);
    for (const module of this.#called()) module.checkValues();
  }

  /** Checks the conditions of all outputs, those of called modules included, see {@link checkConditions}. */
  checkOutputs(): readonly PassedOverTerraform[] {
    const own = [...this.#module.configuration.outputs].flatMap(([name, { body, file }]) => {
      const place = { file, address: `${this.#call.prefix}output.${name}`, header: `output "${name}"` };
      return checkConditions(conditionsIn(body), this.#scope, place, this.#context);
    });
    return [...own, ...this.#called().flatMap((module) => module.checkOutputs())];
  }

  /** Whether it is what `cdktf synth` wrote. */
  get isStack(): boolean {
    return this.#module.configuration.files.every(({ file }) => basename(file) === STACK);
  }

  #called(): readonly ModuleInstance[] {
    return [...this.#modules.values()].flatMap((instances) => allInstances(instances()));
  }

  /** The outputs, which are evaluated when they are asked for. */
  outputs(): readonly (readonly [
    name: string,
    output: { readonly value: () => Value; readonly isSensitive: boolean },
  ])[] {
    const { outputs } = this.#module.configuration;
    return [...this.#outputs].map(([name, value]) => {
      return [name, { value, isSensitive: isSensitive(outputs.get(name)) }];
    });
  }

  /** The provider blocks, with all of their arguments or with those that are named, and what each is by its source. */
  providers(wanted: (argument: string) => boolean = () => true): readonly ConfiguredProvider[] {
    return this.#module.configuration.providers.map(([name, { body, file }]) => {
      const place = { file, address: `provider.${name}`, header: `provider "${name}"` };
      const named = Object.fromEntries(Object.entries(body).filter(([argument]) => wanted(argument)));
      return { name, source: this.#call.provider(name), values: evaluateBody(named, this.#scope, place) };
    });
  }

  #roots(): Readonly<Record<string, Value>> {
    const { configuration, root } = this.#module;
    const named = (what: string, values: ReadonlyMap<string, () => Value>): Lazy =>
      new Lazy(`${this.#call.prefix}${what}`, (name) => values.get(name)?.(), { names: () => [...values.keys()] });
    return {
      var: named('var', this.#variables),
      local: named('local', this.#locals),
      module: new Lazy('module', (name) => this.#moduleValue(name), { names: () => [...this.#modules.keys()] }),
      data: new Lazy('data', (type) => this.#resourcesOf('data', type)),
      ephemeral: new Lazy('ephemeral', (type) => this.#resourcesOf('ephemeral', type)),
      path: mapValue([
        ['module', relative(root, configuration.folder) || '.'],
        ['root', '.'],
        ['cwd', root],
      ]),
      terraform: mapValue([['workspace', 'default']]),
    };
  }

  #moduleValue(name: string): Value | undefined {
    if (this.#module.ignored.includes(name)) return this.#ignoredValue(this.#moduleAddress(name));
    const instances = this.#modules.get(name)?.();
    if (instances?.kind === 'ignored') return this.#ignoredValue(instances.address);
    return instances && instancesValue(instances, (module) => module.#value(`module.${name}`));
  }

  #value(what: string): Lazy {
    const all = (): Value & ReadonlyMap<string, Value> =>
      mapValue([...this.#outputs].map(([name, value]) => [name, value()]));
    return new Lazy(what, (name) => this.#outputs.get(name)?.(), { all, names: () => [...this.#outputs.keys()] });
  }

  /** `vault_policy`, whose attributes are the resources of that type. */
  #resourcesOf(mode: Mode, type: string): Lazy | undefined {
    const { resources } = this.#module.configuration;
    const isOfType = (block: ResourceBlock): boolean => block.mode === mode && block.type === type;
    if (!resources.some(isOfType)) return undefined;
    const get = (name: string): Value | undefined => {
      const ignored = this.#ignored.get(`${mode}.${type}.${name}`);
      if (ignored !== undefined) return this.#ignoredValue(ignored);
      const instances = this.#resources.get(`${mode}.${type}.${name}`)?.();
      if (instances?.kind === 'ignored') return this.#ignoredValue(instances.address);
      return instances && instancesValue(instances, (instance) => resourceValue(instance, this.#context));
    };
    return new Lazy(addressIn(mode, type), get, { names: () => resources.filter(isOfType).map(({ name }) => name) });
  }

  /** What depends on it is passed over as well, see documentOf. */
  #ignoredValue(address: string): Unknown {
    this.#context.touchIgnored(address);
    return new Unknown(`\${${address}}`, address);
  }

  #moduleAddress(name: string): string {
    return `${this.#call.prefix}module.${name}`;
  }

  #addressOf({ mode, type, name }: ResourceBlock): string {
    return `${this.#call.prefix}${addressIn(mode, type, name)}`;
  }

  #moduleInstances(name: string, child: CalledModule) {
    const { block, module } = child;
    const address = this.#moduleAddress(name);
    const place = { file: block.file, address, header: `module "${name}"` };
    return this.#context.once(address, () =>
      instancesOf(
        block.body,
        this.#scope,
        place,
        (key): ModuleInstance => {
          this.#context.count(1, address);
          const at = { ...place, address: `${address}${key.suffix}` };
          const inputs = new Map(
            inputsOf(child, at, this.#context.isLenient).map(([input, json]) => [
              input,
              this.#context.once(`${at.address}.${input}`, () => evaluateJson(json, key.scope, at)),
            ]),
          );
          return new ModuleInstance(
            module,
            {
              prefix: `${address}${key.suffix}.`,
              names: [...this.#call.names, name, ...(key.name === '' ? [] : [key.name])],
              given: (input) => inputs.get(input)?.(),
              provider: inCalledModule(block.body, module.configuration, this.#call.provider),
              unknown: this.#call.unknown ?? key.unknown,
              dependsOn: () => [...this.#call.dependsOn(), ...this.#namedBy(block.body['depends_on'])],
            },
            this.#context,
          );
        },
        this.#context,
      ),
    );
  }

  /** The document's addresses of what a `depends_on` names. */
  #namedBy(dependsOn: unknown): readonly string[] {
    if (!Array.isArray(dependsOn)) return [];
    return dependsOn.flatMap((one) => {
      const path = String(one).replace(/^\$\{(.*)\}$/, '$1');
      const [first = '', second = '', third = ''] = path.split(/[.[]/);
      if (first === 'module') {
        const instances = this.#modules.get(second)?.();
        const modules = instances ? allInstances(instances) : [];
        return modules.flatMap((module) => module.resources().map(({ documentAddress }) => documentAddress));
      }
      const isManaged = first !== 'data' && first !== 'ephemeral';
      const key = isManaged ? `managed.${first}.${second}` : `${first}.${second}.${third}`;
      const instances = this.#resources.get(key)?.();
      return instances ? allInstances(instances).map(({ documentAddress }) => documentAddress) : [];
    });
  }
}
