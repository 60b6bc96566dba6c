import { findExpressions, mapStrings, type Reference, resolveExpressions } from '../../terraform-json/expressions.js';
import { UNKNOWN } from './unknown.js';

/** A resource's arguments before its references are resolved. */
export interface RawResource {
  readonly type: string;
  readonly attributes: Readonly<Record<string, unknown>>;
}

/** What Terraform computes, and which argument it equals. */
const computed: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  vault_jwt_auth_backend: { id: 'path' },
  vault_mount: { id: 'path' },
  vault_policy: { id: 'name' },
};

const defaults: Readonly<Record<string, Readonly<Record<string, unknown>>>> = {
  vault_jwt_auth_backend: { path: 'jwt' },
};

/** What an attribute of a resource is as far as its arguments tell; undefined where they don't. */
export function attributeOf({ type, attributes }: RawResource, name: string): unknown {
  const argument = computed[type]?.[name] ?? name;
  return attributes[argument] ?? defaults[type]?.[argument];
}

/** Resolves a value's references to resources of the same document; what is no such reference becomes unknown. */
export function resolver(resources: ReadonlyMap<string, RawResource>): (value: unknown) => unknown {
  const resolve = (value: unknown, on: readonly string[]): unknown =>
    mapStrings(value, (text) => {
      const { references, unsupported } = findExpressions(text);
      if (references.length === 0 && unsupported.length === 0) return resolveExpressions(text, () => UNKNOWN);
      // An expression with braces or quotes in it may go on behind what was taken for its end.
      if (unsupported.some((expression) => /["{]/.test(expression.slice(2)))) return UNKNOWN;
      const rest = unsupported.reduce((left, expression) => left.replaceAll(expression, UNKNOWN), text);
      return resolveExpressions(rest, (reference) => lookUp(reference, on));
    });
  const lookUp = ({ address, attribute }: Reference, on: readonly string[]): unknown => {
    const name = `${address}.${attribute}`;
    const resource = resources.get(address);
    if (!resource || on.includes(name)) return UNKNOWN;
    return resolve(attributeOf(resource, attribute) ?? UNKNOWN, [...on, name]);
  };
  return (value) => resolve(value, []);
}
