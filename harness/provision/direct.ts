import { isDeepStrictEqual } from 'node:util';
import { VaultproofError } from '../../errors/index.js';
import { type Reference, resolveExpressions } from '../terraform-json/expressions.js';
import { readTerraformJson } from '../terraform-json/terraform-json.js';
import type { PlannedResource } from './plan.js';
import type { ResourceType, ServerRequest } from './resource-type.js';

/** What one apply did, by address, in no particular order. */
export interface ApplyResult {
  readonly created: readonly string[];
  readonly updated: readonly string[];
  readonly removed: readonly string[];
  /** The configuration's outputs. */
  readonly outputs: Readonly<Record<string, unknown>>;
}

/** Applies Terraform JSON to one server by API calls, see {@link directProvisioner}. */
export interface DirectProvisioner {
  /**
   * Applies a configuration, and removes what an earlier one of the same name had made and this one no longer has.
   * @param name tells configurations on one server apart, for example the stack's
   * @throws VaultproofError `not_terraform_json`, `unsupported_*` and `dependency_cycle` before anything is written;
   * `apply_failed` with the server's own words
   */
  apply(name: string, json: unknown): Promise<ApplyResult>;
}

interface Applied {
  readonly type: ResourceType;
  readonly attributes: Readonly<Record<string, unknown>>;
  readonly exported: Readonly<Record<string, unknown>>;
}

type State = ReadonlyMap<string, Applied>;

/**
 * Applies the JSON that `cdktf synth` writes without Terraform, in milliseconds, to a server that this process started.
 * It is no Terraform: it keeps what it applied last in memory, and refuses by name what it doesn't know.
 * Resources that don't need each other are made at the same time.
 */
export function directProvisioner(request: ServerRequest): DirectProvisioner {
  const states = new Map<string, State>();
  return {
    apply: async (name, json) => {
      const config = readTerraformJson(json);
      // It brings zod, which takes longer to load than all the rest: only who applies a stack pays for it.
      const { planResources } = await import('./plan.js');
      const planned = planResources(config);
      const before: State = states.get(name) ?? new Map();
      const run = new ApplyRun(request, before);
      try {
        await run.removeOrphans(planned);
        await run.applyAll(planned);
      } finally {
        states.set(name, run.state);
      }
      const outputs = resolveExpressions(config.outputs, (reference) => run.lookUp(reference));
      return { ...run.result, outputs: outputs as Record<string, unknown> };
    },
  };
}

class ApplyRun {
  readonly state: Map<string, Applied>;
  readonly result = { created: [] as string[], updated: [] as string[], removed: [] as string[] };
  readonly #request: ServerRequest;

  constructor(request: ServerRequest, before: State) {
    this.#request = request;
    this.state = new Map(before);
  }

  /** Removes what is no longer declared, the last made first. */
  async removeOrphans(planned: readonly PlannedResource[]): Promise<void> {
    const addresses = new Set(planned.map(({ declared }) => declared.address));
    for (const [address, applied] of [...this.state].reverse()) {
      if (addresses.has(address)) continue;
      await this.#remove(address, applied);
    }
  }

  /** Makes every resource as soon as what it needs is there; one failure lets the others finish first. */
  async applyAll(planned: readonly PlannedResource[]): Promise<void> {
    const done = new Map<string, Promise<void>>();
    for (const resource of planned) {
      const needed = Promise.all(resource.needs.map((address) => done.get(address)));
      done.set(
        resource.declared.address,
        needed.then(() => this.#apply(resource)),
      );
    }
    const outcomes = await Promise.allSettled(done.values());
    const failed = outcomes.find((outcome) => outcome.status === 'rejected');
    if (failed) throw failed.reason;
  }

  lookUp({ address, attribute }: Reference): unknown {
    return this.state.get(address)?.exported[attribute];
  }

  async #apply({ declared, type }: PlannedResource): Promise<void> {
    const { address } = declared;
    const resolved = resolveExpressions(declared.attributes, (reference) => this.lookUp(reference));
    const parsed = type.schema.safeParse(resolved);
    if (!parsed.success) {
      const issues = parsed.error.issues.map(({ path, message }) => `"${path.join('.')}": ${message}`);
      throw new VaultproofError(
        'unsupported_attribute',
        `"${declared.constructPath}" is not valid: ${issues.join('; ')}`,
        {
          details: { address, issues },
        },
      );
    }
    const attributes = parsed.data;
    const before = this.state.get(address);
    if (before && isDeepStrictEqual(before.attributes, attributes)) return;
    try {
      if (before && type.identity(before.attributes) === type.identity(attributes)) {
        await type.update(this.#request, attributes);
        this.state.set(address, { type, attributes, exported: { ...before.exported, ...attributes } });
        this.result.updated.push(address);
        return;
      }
      if (before) await this.#remove(address, before);
      const computed = await type.create(this.#request, attributes);
      this.state.set(address, { type, attributes, exported: { ...attributes, ...computed } });
      this.result.created.push(address);
    } catch (cause) {
      const reason = cause instanceof Error ? cause.message : String(cause);
      throw new VaultproofError('apply_failed', `"${declared.constructPath}" could not be applied: ${reason}`, {
        details: { address, constructPath: declared.constructPath },
        cause,
      });
    }
  }

  async #remove(address: string, { type, attributes }: Applied): Promise<void> {
    // What it was part of may have been replaced before it.
    await type.remove(this.#request, attributes).catch(unlessGone);
    this.state.delete(address);
    this.result.removed.push(address);
  }
}

function unlessGone(error: unknown): void {
  if (error instanceof VaultproofError && error.details['status'] === 404) return;
  throw error;
}
