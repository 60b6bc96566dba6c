import { isRecord } from '../../../internal/json.js';
import type { SensitiveValues } from '../../../internal/sensitive-values.js';
import { DEEPEST, isTooDeep, notTerraformJson } from '../../terraform-json/document.js';

/** A block of a configuration or a plan, with its references resolved as far as they can be. */
export interface Block {
  readonly kind: 'resource' | 'data' | 'provider' | 'output';
  /** `vault_policy`; the provider's name; for an output `output`. */
  readonly type: string;
  /** As {@link Finding.address} has it. */
  readonly address: string;
  readonly constructPath: string;
  /** The provider that it names, such as `vault.team`; undefined for the one that its type begins with. */
  readonly provider?: string | undefined;
  /** The arguments that are set. A value that is not known is {@link UNKNOWN}, and a text may contain it. */
  readonly attributes: Readonly<Record<string, unknown>>;
  /** What the expressions of an argument refer to, such as `vault_mount.kv.path`, by argument. */
  readonly references: Readonly<Record<string, readonly string[]>>;
  /** Why an argument is not known: `var.policy`, `var.paths in join()`; by argument, for those that are not, `count` and `for_each` too. */
  readonly unknown: Readonly<Record<string, string>>;
  /** The arguments as they are written, with their expressions; undefined in a plan. */
  readonly written?: Readonly<Record<string, unknown>>;
  /** The argument whose JSON it was written in; undefined for an argument of its own. */
  readonly within?: string;
  /** The arguments that a plan says are sensitive, or have a part that is; default none. */
  readonly sensitive?: readonly string[];
  /** The allowances in its comment, by code. */
  readonly allow: Readonly<Record<string, unknown>>;
}

/** All that is linted at once. */
export interface LintDocument {
  readonly blocks: readonly Block[];
  /** The modules that are called and not read. */
  readonly modules: readonly string[];
  /** Whether it is a plan, whose types and arguments Terraform has checked. */
  readonly isPlan?: boolean;
  /** What no finding may show: the values that a plan marks as sensitive. */
  readonly sensitive?: SensitiveValues;
  /** The allowances in the document's own comment, by code: they hold for all of it. */
  readonly allow: Readonly<Record<string, unknown>>;
}

/** The resources of a type. */
export function resourcesOf(document: LintDocument, type: string): readonly Block[] {
  return resourcesByType(document).get(type) ?? [];
}

const resourcesByType = ofDocument(({ blocks }: LintDocument) =>
  byKey(blocks, ({ kind, type }) => (kind === 'resource' ? type : undefined)),
);

/** Whether an argument is there and not empty; an unknown one counts as set. */
export function isSet(block: Block, name: string): boolean {
  return !isEmpty(block.attributes[name]);
}

/** Whether a value is as good as none. */
export function isEmpty(value: unknown): boolean {
  if (value === undefined || value === null || value === '') return true;
  if (Array.isArray(value)) return value.length === 0;
  return isRecord(value) && Object.keys(value).length === 0;
}

/** An argument's text where it is known as a whole; numbers and booleans as text. */
export function textOf(block: Block, name: string): string | undefined {
  const value = block.attributes[name];
  if (typeof value === 'number' || typeof value === 'boolean') return String(value);
  return typeof value === 'string' && isKnown(value) ? value : undefined;
}

/** The texts of a list; a value that is unknown as a whole is a list of one unknown text. */
export function textsOf(block: Block, name: string): readonly string[] {
  const value = block.attributes[name];
  if (value === UNKNOWN) return [UNKNOWN];
  return Array.isArray(value) ? value.map(String) : [];
}

/** Whether an argument's value could not be known before Terraform runs. */
export function isUnknown(block: Block, name: string): boolean {
  return !isKnown(block.attributes[name]);
}

/** The attributes that an argument's expressions refer to, by full address: with the modules that the block is in. */
export function referredBy(block: Block, name: string): readonly string[] {
  const [module = ''] = /^(?:module\.[\w-]+(?:\[[^\]]*\])?\.)*/.exec(block.address) ?? [];
  return (block.references[name] ?? []).map((reference) => `${module}${reference}`);
}

/** Stands for a value, or for a part of a text, that is not known before Terraform runs. */
export const UNKNOWN = '\uFFFC';

/** Whether a value is known as a whole, at any depth. */
export function isKnown(value: unknown): boolean {
  if (typeof value === 'string') return !value.includes(UNKNOWN);
  if (Array.isArray(value)) return value.every(isKnown);
  return isRecord(value) ? Object.values(value).every(isKnown) : true;
}

/** Reads something of a document once, however many rules ask for it. */
export function ofDocument<Document extends object, Found>(
  read: (document: Document) => Found,
): (document: Document) => Found {
  const known = new WeakMap<Document, { readonly found: Found }>();
  return (document) => {
    const entry = known.get(document) ?? { found: read(document) };
    known.set(document, entry);
    return entry.found;
  };
}

/** Items by what each is looked up by, in their order; one without a key is left out. */
export function byKey<Item, Key>(
  items: readonly Item[],
  keyOf: (item: Item) => Key | undefined,
): ReadonlyMap<Key, readonly Item[]> {
  const found = new Map<Key, Item[]>();
  for (const item of items) {
    const key = keyOf(item);
    if (key === undefined) continue;
    const others = found.get(key);
    if (others) others.push(item);
    else found.set(key, [item]);
  }
  return found;
}

/**
 * The value of an argument that is JSON.
 * @returns undefined where it is none
 * @throws VaultproofError `not_terraform_json` where it is nested too deep to be looked into
 */
export function jsonText(text: string): unknown {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return undefined;
  }
  if (isTooDeep(value)) throw notTerraformJson(`JSON in an argument is nested deeper than ${DEEPEST} levels`);
  return value;
}
