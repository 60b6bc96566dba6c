import { isDeepStrictEqual } from 'node:util';
import { VaultproofError, WrongUse } from '../../errors/index.js';
import type { Reference } from '../terraform-json/expressions.js';
import { applyFailure } from './apply-failure.js';
import { dependencyOrder, runInOrder } from './dependency-order.js';
import { type Attributes, parseAttributes } from './parse-attributes.js';
import type { Planned, PlannedDataSource, PlannedResource } from './plan.js';
import type { Applied, Computed, ResourceType, ServerRequest, Servers } from './resource-type.js';

/** What was applied to a server, by address. */
export type State = ReadonlyMap<string, AppliedResource>;

interface AppliedResource extends Applied<Attributes> {
  readonly type: ResourceType;
  readonly needs: readonly string[];
}

/** A server answers so many requests side by side about as fast as more. */
const AT_ONCE = 16;

/** One apply of one configuration, and what it leaves behind. */
export class ApplyRun {
  readonly state: Map<string, AppliedResource>;
  readonly result = { created: [] as string[], updated: [] as string[], removed: [] as string[] };
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

  /** Makes and reads everything as soon as what it needs is there; one failure lets the others finish first. */
  async applyAll(planned: readonly Planned[]): Promise<void> {
    await runInOrder(planned, AT_ONCE, async (one) => {
      try {
        const attributes = one.attributes ?? this.#resolve(one);
        if (one.mode === 'data') await this.#readData(one, attributes);
        else await this.#apply(one, attributes);
      } catch (cause) {
        throw failure(one, cause);
      }
    });
  }

  /** What a reference stands for: what the server decided, else what was declared. */
  lookUp({ address, attribute }: Reference): unknown {
    const applied = this.state.get(address) ?? this.#read.get(address);
    return applied?.computed[attribute] ?? applied?.attributes[attribute];
  }

  #resolve({ declared, type }: Planned): Attributes {
    const { attributes, issues } = parseAttributes(declared, type, (reference) => this.lookUp(reference));
    if (attributes) return attributes;
    throw new VaultproofError(
      'unsupported_attribute',
      `"${declared.constructPath}" is not valid: ${issues.join('; ')}`,
      { details: { address: declared.address, issues } },
    );
  }

  async #readData({ address, type }: PlannedDataSource, attributes: Attributes): Promise<void> {
    this.#read.set(address, { attributes, computed: await type.read(this.#request(type), attributes) });
  }

  async #apply({ address, type, needs }: PlannedResource, declared: Attributes): Promise<void> {
    const request = this.#request(type);
    const before = this.state.get(address);
    let attributes = before ? withKept(type, { ...declared }, before.attributes) : declared;
    const keep = (computed: Computed): void => {
      this.state.set(address, { type, needs, attributes: withKept(type, attributes, computed), computed });
    };

    if (before && isSame(type, before.attributes, attributes)) return keep(before.computed);
    if (before && !isReplaced(type, before, attributes)) {
      const moved = type.mountPoint && type.mountPoint(before.attributes) !== type.mountPoint(attributes);
      if (moved) await this.#removeAll(this.#below(before));
      keep({ ...before.computed, ...(await type.update(request, attributes, before)) });
      this.result.updated.push(address);
      return;
    }
    if (before) await this.#remove(address, before);
    // A new one keeps nothing of the one before it.
    attributes = declared;
    keep(await type.create(request, attributes));
    this.result.created.push(address);
  }

  /** The addresses of what lives below a mount point, such as the roles of an auth method. */
  #below({ type, attributes }: AppliedResource): string[] {
    const mountPoint = type.mountPoint?.(attributes);
    if (mountPoint === undefined) return [];
    const isBelow = (one: AppliedResource): boolean =>
      one.type.path?.(one.attributes).startsWith(`${mountPoint}/`) === true;
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
    // What it was part of may have been replaced before it.
    await applied.type.remove(this.#request(applied.type), applied).catch(unlessGone);
    for (const gone of [address, ...this.#below(applied)]) {
      this.state.delete(gone);
      this.result.removed.push(gone);
    }
  }

  #request({ type }: { readonly type: string }): ServerRequest {
    return requestFor(this.#servers, type);
  }
}

/**
 * The server that a type is applied to: the one that its name begins with.
 * @throws WrongUse where there is none
 */
export function requestFor(servers: Servers, type: string): ServerRequest {
  const name = type.startsWith('consul_') ? 'consul' : 'vault';
  const request = servers[name];
  if (request) return request;
  throw new WrongUse(`"${type}" needs a ${name}, and there is none: ask for it with { ${name}: true }`);
}

/**
 * Adds optional and computed arguments: what is not declared stays as it was, or as the server made it.
 * @param declared is changed: it was parsed for this apply alone, and copies of many large ones take their time
 */
function withKept({ kept = [] }: ResourceType, declared: Attributes, former: Attributes): Attributes {
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

function isReplaced(type: ResourceType, before: AppliedResource, attributes: Attributes): boolean {
  const changed = type.forceNew.some((name) => !isDeepStrictEqual(before.attributes[name], attributes[name]));
  return changed || type.replaces?.(before.attributes, attributes) === true;
}

function unlessGone(error: unknown): void {
  if (error instanceof VaultproofError && error.details['status'] === 404) return;
  throw error;
}

function failure({ declared }: Planned, cause: unknown): VaultproofError {
  return applyFailure(declared, cause);
}
