import { isDeepStrictEqual } from 'node:util';
import { isRecord, membersOf, records } from '../../internal/json.js';
import { type Configuration, constructPathOf } from './configuration.js';

/** What Terraform would do to one resource. */
export interface PlannedChange {
  readonly address: string;
  /** Where it stands in the stack. */
  readonly constructPath: string;
  readonly action: 'create' | 'update' | 'replace' | 'delete' | 'other';
  /** The arguments that would change, for an update or a replacement. Their values may be secrets, and are not here. */
  readonly attributes: readonly string[];
}

/** A resource's values as a plan has them: what is declared, with references resolved and the provider's defaults. */
export interface PlannedValues {
  readonly address: string;
  readonly type: string;
  readonly values: Readonly<Record<string, unknown>>;
}

/** What a plan has of interest. */
export interface PlanContents {
  readonly changes: readonly PlannedChange[];
  /** The outputs that would change, by name. */
  readonly changedOutputs: readonly string[];
  /** The outputs as they are now, as `terraform output -json` has them. */
  readonly outputs: Readonly<Record<string, unknown>>;
  readonly resources: readonly PlannedValues[];
}

/**
 * Reads what `terraform show -json PLAN` prints.
 * @see https://developer.hashicorp.com/terraform/internals/json-format
 */
export function readPlan(shown: unknown, configuration: Configuration): PlanContents {
  const plan = membersOf(shown);
  const planned = membersOf(plan['planned_values']);
  const prior = isRecord(plan['prior_state']) ? plan['prior_state']['values'] : undefined;
  const changed = isRecord(plan['output_changes']) ? Object.entries(plan['output_changes']) : [];
  return {
    changes: records(plan['resource_changes']).flatMap((change) => plannedChange(change, configuration)),
    outputs: membersOf(membersOf(prior)['outputs']),
    changedOutputs: changed.flatMap(([name, change]) => (actionOf(change) === undefined ? [] : [name])),
    resources: resourcesOf(planned['root_module']),
  };
}

/** The resources of a module and those below it, from a plan or a state. */
export function resourcesOf(module: unknown): (PlannedValues & { readonly tainted: boolean })[] {
  if (!isRecord(module)) return [];
  const own = records(module['resources']).flatMap(({ address, type, values, mode, tainted }) =>
    mode === 'managed' && isRecord(values)
      ? [{ address: String(address), type: String(type), values, tainted: tainted === true }]
      : [],
  );
  return [...own, ...records(module['child_modules']).flatMap(resourcesOf)];
}

function plannedChange(entry: Readonly<Record<string, unknown>>, configuration: Configuration): PlannedChange[] {
  const { address, change, mode } = entry;
  const action = actionOf(change);
  if (mode !== 'managed' || action === undefined || !isRecord(change)) return [];
  const { before, after, after_unknown: unknown } = change;
  const attributes =
    isRecord(before) && isRecord(after)
      ? [...new Set([...Object.keys(before), ...Object.keys(after)])].filter(
          (name) => !isDeepStrictEqual(before[name], after[name]) || (isRecord(unknown) && unknown[name] === true),
        )
      : [];
  const path = constructPathOf(configuration, String(address));
  return [{ address: String(address), constructPath: path, action, attributes: attributes.sort() }];
}

function actionOf(change: unknown): PlannedChange['action'] | undefined {
  const actions = isRecord(change) && Array.isArray(change['actions']) ? change['actions'].map(String) : [];
  if (actions.length === 2) return 'replace';
  const [action = 'no-op'] = actions;
  if (action === 'no-op' || action === 'read') return undefined;
  return action === 'create' || action === 'update' || action === 'delete' ? action : 'other';
}
