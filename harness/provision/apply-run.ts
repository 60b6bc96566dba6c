import { isDeepStrictEqual } from 'node:util';
import { UsageError, VaultproofError } from '../../errors/index.js';
import { isNotFound } from '../api/vault-api.js';
import { joinedNamespace } from '../terraform-json/provider-namespaces.js';
import { expressionResolver } from '../terraform-json/templates.js';
import { applyFailure } from './apply-failure.js';
import { type Attributes, parseAttributes } from './arguments.js';
import { dependencyOrder, runInOrder } from './dependency-order.js';
import { findWritten, watchAnswers } from './lost-answer.js';
import { type Planned, type PlannedDataSource, type PlannedResource, withIgnoredChanges } from './plan.js';
import { requestInNamespace } from './request-wrappers.js';
import type { Applied, Computed, ResourceType, ServerRequest, Servers } from './resource-type.js';

/** What was applied to a server, by address. */
export type State = ReadonlyMap<string, AppliedResource>;

interface AppliedResource extends Applied<Attributes> {
  readonly constructPath: string;
  readonly type: ResourceType;
  /** Where it is: its own namespace in that of its provider, nothing for the one where the server is. */
  readonly namespace: string;
  readonly needs: readonly string[];
  /** What it may be instead, since the answer to a write was lost; it may not be there, either. */
  readonly maybe?: readonly Attributes[];
}

/** A resource to be made, and where. */
interface Located extends PlannedResource {
  readonly namespace: string;
}

/** A server answers so many requests side by side about as fast as more. */
const AT_ONCE = 16;

/** One apply of one configuration, and what it leaves behind. */
export class ApplyRun {
  readonly state: Map<string, AppliedResource>;
  readonly result = { created: [] as string[], updated: [] as string[], removed: [] as string[] };
  /** A reference stands for what the server decided, else for what was declared. */
  readonly #resolve = expressionResolver(({ address, attribute }) => {
    const applied = this.state.get(address) ?? this.#read.get(address);
    return applied?.computed[attribute] ?? applied?.attributes[attribute];
  });
  readonly #servers: Servers;
  readonly #read = new Map<string, Applied<Attributes>>();

  constructor(servers: Servers, before: State) {
    this.#servers = servers;
    this.state = new Map(before);
  }

  /** Removes what is no longer declared, each before what it needed. */
  async removeOrphans(planned: readonly Planned[]): Promise<void> {
    const declared = new Set(planned.map(({ address }) => address));
    await this.#removeAll([...this.state.keys()].filter((address) => !declared.has(address)));
  }

  /** The outputs of the configuration, with what was applied in them. */
  outputs(declared: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
    const resolved = Object.entries(declared).map(([name, value]) => {
      try {
        return [name, this.#resolve(value)] as const;
      } catch (cause) {
        throw applyFailure({ address: `output.${name}`, constructPath: `output.${name}` }, cause);
      }
    });
    return Object.fromEntries(resolved);
  }

  /** Makes and reads everything as soon as what it needs is there; one failure lets the others finish first. */
  async applyAll(planned: readonly Planned[]): Promise<void> {
    await runInOrder(planned, AT_ONCE, (one) => this.#apply(one));
  }

  async #apply(one: Planned): Promise<void> {
    try {
      const attributes = one.attributes ?? this.#parse(one);
      const namespace = this.#namespaceOf(one, attributes);
      if (one.mode === 'data') return await this.#readData(one, attributes, namespace);
      const before = this.state.get(one.address);
      if (before && (await this.#change({ ...one, namespace }, attributes, before))) return;
      const made = { ...kept({ ...one, namespace }), attributes, computed: {} };
      const create = (request: ServerRequest): Promise<Computed> => one.type.create(request, attributes);
      const computed = await this.#write(one.address, made, [attributes], create);
      this.#keep({ ...one, namespace }, attributes, computed);
      this.result.created.push(one.address);
    } catch (cause) {
      throw applyFailure(one.declared, cause);
    }
  }

  #parse({ declared, type }: Planned): Attributes {
    const { attributes, issues } = parseAttributes(declared, type, this.#resolve);
    if (attributes) return attributes;
    const { address, constructPath } = declared;
    throw new VaultproofError('declaration_invalid', `"${constructPath}" is not valid: ${issues.join('; ')}`, {
      details: { address, constructPath, issues },
    });
  }

  #namespaceOf({ declared }: Planned, attributes: Attributes): string {
    const outer = this.#resolve(declared.providerNamespace);
    if (typeof outer === 'string') return joinedNamespace(outer, attributes['namespace']);
    const { address, constructPath, providerNamespace } = declared;
    const message = `the namespace "${providerNamespace}" of the provider of "${constructPath}" has no value`;
    throw new VaultproofError('declaration_invalid', message, { details: { address, constructPath } });
  }

  async #readData({ address, type }: PlannedDataSource, attributes: Attributes, namespace: string): Promise<void> {
    const computed = await type.read(this.#request({ type, namespace }), attributes);
    this.#read.set(address, { attributes, computed });
  }

  /** Makes what is there as it is declared, or removes it where that takes a new one, which keeps nothing of it. */
  async #change(planned: Located, declared: Attributes, before: AppliedResource): Promise<boolean> {
    if (before.namespace !== planned.namespace) {
      await this.#remove(planned.address, before);
      return false;
    }
    if (before.maybe) return this.#changeFound(planned, declared, before);
    const { address, type } = planned;
    const wanted = withIgnoredChanges(planned.declared, declared, before.attributes);
    const attributes = withKeptArguments(type, { ...wanted }, before.attributes);
    if (isSame(type, before.attributes, attributes)) {
      this.#keep(planned, attributes, before.computed);
      return true;
    }
    if (isReplaced(type, before, attributes)) {
      await this.#remove(address, before);
      return false;
    }
    await this.#update(planned, attributes, before);
    return true;
  }

  /** The same where an answer was lost: everything that it may be is changed to what is declared. */
  async #changeFound(planned: Located, declared: Attributes, before: AppliedResource): Promise<boolean> {
    const { address, type } = planned;
    const found = await this.#found(address, before);
    const wanted = found.map((one) => withIgnoredChanges(planned.declared, declared, one.attributes));
    const attributes = found.map((one, index) => withKeptArguments(type, { ...wanted[index] }, one.attributes));
    const isKept = type.find && found.every((one, index) => !isReplaced(type, one, attributes[index] ?? declared));
    if (found.length === 0 || !isKept) {
      await this.#remove(address, before);
      return false;
    }
    for (const [index, one] of found.entries()) {
      await this.#update(planned, attributes[index] ?? declared, { ...before, ...one });
    }
    return true;
  }

  async #update(planned: Located, attributes: Attributes, before: AppliedResource): Promise<void> {
    const { address, type } = planned;
    const moved = type.mountPoint && type.mountPoint(before.attributes) !== type.mountPoint(attributes);
    if (moved) await this.#removeAll(this.#below(before));
    const maybe = [...(before.maybe ?? [before.attributes]), attributes];
    const update = (request: ServerRequest) => type.update(request, attributes, before);
    const changed = await this.#write(address, before, maybe, update);
    // What is declared is so now, whatever the server made of it before.
    const still = Object.entries(before.computed).filter(([name]) => attributes[name] === undefined);
    this.#keep(planned, attributes, { ...Object.fromEntries(still), ...changed });
    this.result.updated.push(address);
  }

  /** What is there of a resource whose last write had no answer. */
  async #found(address: string, applied: AppliedResource): Promise<Applied<Attributes>[]> {
    const { type, computed, maybe = [] } = applied;
    const others = [...this.state].filter(([other, one]) => other !== address && one.type === type);
    const allComputed = others.map(([, one]) => one.computed);
    return findWritten(this.#request(applied), { type, computed, maybe }, allComputed);
  }

  /** Runs what writes. Where an answer is lost, what it may have made is kept. */
  async #write<Result>(
    address: string,
    applied: AppliedResource,
    maybe: readonly Attributes[],
    write: (request: ServerRequest) => Promise<Result>,
  ): Promise<Result> {
    const { request, isLost } = watchAnswers(this.#request(applied));
    try {
      return await write(request);
    } catch (error) {
      if (isLost()) this.state.set(address, { ...applied, maybe });
      throw error;
    }
  }

  #keep(planned: Located, attributes: Attributes, computed: Computed): void {
    const applied = { ...kept(planned), attributes: withKeptArguments(planned.type, attributes, computed), computed };
    this.state.set(planned.address, applied);
  }

  /** The addresses of what lives below a mount point, such as the roles of an auth method. */
  #below({ type, attributes, namespace }: AppliedResource): string[] {
    const mountPoint = type.mountPoint?.(attributes);
    if (mountPoint === undefined) return [];
    const isBelow = (one: AppliedResource): boolean =>
      one.namespace === namespace && one.type.path?.(one.attributes).startsWith(`${mountPoint}/`) === true;
    return [...this.state].filter(([, one]) => isBelow(one)).map(([address]) => address);
  }

  async #removeAll(addresses: readonly string[]): Promise<void> {
    if (addresses.length === 0) return;
    const removed = new Map(addresses.map((address) => [address, { address, needs: [] as string[] }]));
    for (const address of addresses) {
      for (const needed of this.state.get(address)?.needs ?? []) removed.get(needed)?.needs.push(address);
    }
    await runInOrder(dependencyOrder([...removed.values()]), AT_ONCE, async ({ address }) => {
      const applied = this.state.get(address);
      if (applied) await this.#remove(address, applied);
    });
  }

  async #remove(address: string, applied: AppliedResource): Promise<void> {
    const { type, constructPath, maybe = [applied.attributes] } = applied;
    try {
      for (const there of applied.maybe ? await this.#found(address, applied) : [applied]) {
        await this.#write(address, applied, maybe, (request) => type.remove(request, there)).catch((cause: unknown) => {
          // What it was part of may have been replaced before it.
          if (!isNotFound(cause)) throw cause;
        });
      }
    } catch (cause) {
      throw applyFailure({ address, constructPath }, cause, 'removed');
    }
    for (const gone of [address, ...this.#below(applied)]) {
      this.state.delete(gone);
      this.result.removed.push(gone);
    }
  }

  #request({ type, namespace }: Pick<AppliedResource, 'namespace'> & { type: { type: string } }): ServerRequest {
    return requestInNamespace(requestFor(this.#servers, type.type), namespace);
  }
}

/**
 * The server that a type is applied to: the one that its name begins with.
 * @throws UsageError where there is none
 */
export function requestFor(servers: Servers, type: string): ServerRequest {
  const name = type.startsWith('consul_') ? 'consul' : 'vault';
  const request = servers[name];
  if (request) return request;
  throw new UsageError(`"${type}" needs a ${name}, and this environment has none: start it with { ${name}: true }`);
}

/**
 * Adds optional and computed arguments: what is not declared stays as it was, or as the server made it.
 * @param declared is changed: it was parsed for this apply alone, and copies of many large ones take their time
 */
function withKeptArguments({ kept = [] }: ResourceType, declared: Attributes, former: Attributes): Attributes {
  const attributes = declared as Record<string, unknown>;
  for (const name of kept) attributes[name] ??= former[name];
  return attributes;
}

function isSame(type: ResourceType, before: Attributes, after: Attributes): boolean {
  const ignored = type.ignored?.(after) ?? [];
  const counted = (attributes: Attributes): Attributes =>
    ignored.length === 0
      ? attributes
      : Object.fromEntries(Object.entries(attributes).filter(([name]) => !ignored.includes(name)));
  return isDeepStrictEqual(counted(before), counted(after));
}

function isReplaced(type: ResourceType, before: Applied<Attributes>, attributes: Attributes): boolean {
  const changed = type.forceNew.some((name) => !isDeepStrictEqual(before.attributes[name], attributes[name]));
  return changed || type.replaces?.(before.attributes, attributes) === true;
}

/** What is kept of a resource whatever becomes of it. */
function kept({ declared, type, namespace, needs }: Located): Omit<AppliedResource, 'attributes' | 'computed'> {
  return { constructPath: declared.constructPath, type, namespace, needs };
}
