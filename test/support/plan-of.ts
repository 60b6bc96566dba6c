import { expressionResolver, findExpressions } from '../../harness/terraform-json/templates.js';

type Json = Readonly<Record<string, unknown>>;

/** Thrown for what Terraform knows only after apply. */
class KnownAfterApply extends Error {}

/**
 * A plan of a configuration in Terraform's JSON syntax, in the form of `terraform show -json`: values with references
 * resolved, what is known only after apply, and what each argument refers to. It is made without the providers, so what
 * they compute is not known.
 */
export function planOf(json: unknown): Json {
  const { resource = {}, output = {}, provider = {} } = json as Record<'resource' | 'output' | 'provider', Json>;
  const resources = Object.entries(resource).flatMap(([type, named]) =>
    Object.entries(named as Json).map(([name, body]) => ({
      address: `${type}.${name}`,
      type,
      name,
      body: argumentsOf(body),
    })),
  );
  const resolve = expressionResolver(({ address, attribute }) => {
    const value = resources.find((one) => one.address === address)?.body[attribute];
    if (value === undefined) throw new KnownAfterApply();
    return resolve(value);
  });
  const planned = resources.map(({ body, ...one }) => ({ ...one, mode: 'managed', ...evaluated(body, resolve), body }));
  return {
    format_version: '1.2',
    planned_values: {
      outputs: Object.fromEntries(Object.keys(output).map((name) => [name, { sensitive: false }])),
      root_module: { resources: planned.map(({ unknown: _, body: __, ...one }) => one) },
    },
    resource_changes: planned.map(({ address, unknown }) => ({ address, change: { after_unknown: unknown } })),
    configuration: {
      provider_config: Object.fromEntries(
        Object.entries(provider).map(([name, bodies]) => {
          const [body] = [bodies].flat();
          return [name, { name, expressions: expressionsOf(argumentsOf(body)) }];
        }),
      ),
      root_module: {
        resources: planned.map(({ address, type, name, body }) => ({
          ...{ address, mode: 'managed', type, name },
          expressions: expressionsOf(body),
        })),
        outputs: Object.fromEntries(
          Object.entries(output).map(([name, body]) => [name, { expression: expressionOf((body as Json)['value']) }]),
        ),
      },
    },
  };
}

function argumentsOf(body: unknown): Json {
  const meta = ['//', 'depends_on', 'lifecycle', 'provider'];
  return Object.fromEntries(Object.entries(body as Json).filter(([name]) => !meta.includes(name)));
}

function evaluated(
  body: Json,
  resolve: (value: unknown) => unknown,
): { readonly values: Json; readonly unknown: Json } {
  const values: Record<string, unknown> = {};
  const unknown: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(body)) {
    try {
      values[name] = resolve(value);
    } catch (error) {
      if (!(error instanceof KnownAfterApply)) throw error;
      unknown[name] = true;
    }
  }
  return { values, unknown };
}

function expressionsOf(body: Json): Json {
  return Object.fromEntries(Object.entries(body).map(([name, value]) => [name, expressionOf(value)]));
}

/** Terraform names the resource beside each of its attributes. */
function expressionOf(value: unknown): Json {
  const { references } = findExpressions(value);
  if (references.length === 0) return { constant_value: value };
  return { references: references.flatMap(({ address, attribute }) => [`${address}.${attribute}`, address]) };
}
