import { mapTemplates, parseReference } from '../../terraform-json/expressions.js';
import { DEEPEST } from '../../terraform-json/nesting.js';
import { templateParts } from '../../terraform-json/template.js';
import { jsonEncoded } from './json-encode.js';
import { localReference, partOf } from './locals.js';
import { notTerraformJson } from './not-terraform-json.js';
import { UNKNOWN } from './unknown.js';

/** How many references may be followed for one block: where each leads on to two, some few would never end. */
export const MOST_REFERENCES = 10_000;

/** What is said of more. */
export const tooManyReferences = `one block leads on to more than ${MOST_REFERENCES} references`;

/** A resource's arguments before its references are resolved. */
export interface RawResource {
  readonly type: string;
  readonly attributes: Readonly<Record<string, unknown>>;
}

/** What expressions of a document may refer to, before references in it are resolved itself. */
interface Referable {
  /** By address. */
  readonly resources: ReadonlyMap<string, RawResource>;
  readonly locals: ReadonlyMap<string, unknown>;
}

/** What Terraform computes, and which argument it equals. */
const computed: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  vault_auth_backend: { id: 'path' },
  vault_jwt_auth_backend: { id: 'path' },
  vault_mount: { id: 'path' },
  vault_policy: { id: 'name' },
};

const defaults: Readonly<Record<string, Readonly<Record<string, unknown>>>> = {
  vault_jwt_auth_backend: { path: 'jwt' },
};

/** What an attribute of a resource is as far as its arguments tell; undefined where they don't. */
function attributeOf({ type, attributes }: RawResource, name: string): unknown {
  const argument = computed[type]?.[name] ?? name;
  const isMount = type === 'vault_auth_backend' && argument === 'path';
  return attributes[argument] ?? (isMount ? attributes['type'] : defaults[type]?.[argument]);
}

/** Resolves a value's references to resources and locals of the same document; what is no such one becomes unknown. */
export function resolver({ resources, locals }: Referable): (value: unknown) => unknown {
  let followed = 0;
  const resolve = (value: unknown, on: readonly string[]): unknown =>
    mapTemplates(value, (text) => {
      const parts = templateParts(text);
      // A directive says whether what follows is there at all.
      if (!parts || parts.some(({ kind }) => kind === 'directive')) return UNKNOWN;
      const values = parts.map((part) => (part.kind === 'text' ? part.text : referred(part.text, on)));
      return values.length === 1 ? values[0] : values.map(inText).join('');
    });
  const referred = (expression: string, on: readonly string[]): unknown => {
    const name = expression.trim();
    if (on.includes(name)) return UNKNOWN;
    if (++followed > MOST_REFERENCES) throw notTerraformJson(tooManyReferences);
    if (on.length > DEEPEST) throw notTerraformJson(`more than ${DEEPEST} references lead on to each other`);
    const json = jsonEncoded(expression, (inner) => referred(inner, on));
    if (json !== undefined) return json;
    const local = localReference(expression);
    if (local) {
      // A local that is an object may refer to itself by way of its members.
      const whole = `local.${local.name}`;
      if (on.includes(whole)) return UNKNOWN;
      const part = partOf(resolve(locals.get(local.name), [...on, whole]), local.path);
      return part === undefined ? UNKNOWN : part;
    }
    const reference = parseReference(expression);
    const resource = reference && resources.get(reference.address);
    return resource ? resolve(attributeOf(resource, reference.attribute) ?? UNKNOWN, [...on, name]) : UNKNOWN;
  };
  return (value) => {
    followed = 0;
    return resolve(value, []);
  };
}

function inText(value: unknown): string {
  return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean' ? String(value) : UNKNOWN;
}
