import { hint } from '../../internal/did-you-mean.js';
import { isRecord, membersOf } from '../../internal/json.js';
import type { Json } from '../terraform-json/document.js';
import { type NamespacesOfProviders, namespacesOfProviders } from '../terraform-json/provider-namespaces.js';
import { locatedError, placeOf } from './error-location.js';
import { type EvaluationContext, ignoredAmong, type PassedOverTerraform } from './evaluation-context.js';
import { documentValue } from './json-values.js';
import type { ModuleInstance } from './module-instance.js';
import { declaredNamespaces, writtenNames } from './providers.js';
import type { ResourceInstance } from './resource-instance.js';
import { isList, isMap, known, Lazy, SetValue, Unknown, type Value, ValueProblem } from './values.js';

/** A configuration without anything left to evaluate. */
export interface TerraformDocument {
  /** In Terraform's JSON syntax, with the resources of all modules in one. */
  readonly json: Json;
  /** Terraform's addresses by the document's own: `vault_policy.login-ci-reader` is `module.login["ci"].vault_policy.reader`. */
  readonly addresses: ReadonlyMap<string, string>;
  /** `main.tf:12:1` of Terraform's address. */
  readonly placeOf: (address: string) => string | undefined;
  /** A block of HCL as it is written, by the document's address. */
  readonly writtenAt?: (documentAddress: string) => unknown;
  readonly passedOver: readonly PassedOverTerraform[];
}

/** The document of a root module. */
export function documentOf(root: ModuleInstance, context: EvaluationContext): TerraformDocument {
  root.checkValues();
  const resources = root.resources();
  const passedOver: PassedOverTerraform[] = root.ignored().map(({ address, cause }) => ({
    address,
    reason: cause === undefined ? 'its type or address is ignored' : `it needs "${cause}"`,
  }));
  const evaluated = resources
    .filter(({ block }) => block.type !== 'terraform_data' && block.mode !== 'ephemeral')
    .map((instance) => ({ instance, ...context.collect(instance.body), dependsOn: instance.dependsOn() }));
  const left = new Map<string, string>();
  const isAnyLeft = passedOver.length > 0 && !context.isLenient;
  for (let before = -1; isAnyLeft && before < left.size; ) {
    before = left.size;
    for (const { instance, result, touched } of evaluated) {
      if (left.has(instance.documentAddress)) continue;
      const cause = causeOf([...result.values()], touched, left);
      if (cause === undefined) continue;
      left.set(instance.documentAddress, instance.address);
      passedOver.push({ address: instance.address, reason: `it needs "${cause}"` });
    }
  }
  const resource: Record<string, Record<string, Json>> = {};
  const data: Record<string, Record<string, Json>> = {};
  const kept = evaluated.filter(({ instance }) => !left.has(instance.documentAddress));
  const providers = context.isLenient ? undefined : context.collect(() => namespacesIn(root));
  const written = writtenNames(root.providers((argument) => argument === 'alias'));
  const there = new Set(kept.map(({ instance }) => instance.documentAddress));
  for (const { instance, result, touched, dependsOn } of kept) {
    const { block, name, documentAddress } = instance;
    const provider = context.isLenient
      ? (written.get(instance.provider) ?? instance.provider)
      : configuredProvider(instance, written);
    const isOfProvider = providers?.result.relative.has(provider) === true;
    const byProvider = isOfProvider ? providers.touched : [];
    const needs = [...dependsOn, ...touched, ...byProvider];
    const needed = new Set(needs.filter((one) => there.has(one) && one !== documentAddress));
    const named = block.mode === 'data' ? data : resource;
    const ofType = named[block.type] ?? {};
    const body = bodyOf(instance, result, [...needed]);
    // Where nothing is applied, provider blocks are kept as they are.
    const isKept = context.isLenient
      ? provider !== block.type.replace(/_.*/, '')
      : isOfProvider && provider !== 'vault';
    ofType[name] = isKept ? { ...body, provider } : body;
    named[block.type] = ofType;
  }
  if (!context.isLenient) {
    const checked = resources.filter(({ documentAddress }) => !left.has(documentAddress));
    passedOver.push(...checked.flatMap((instance) => instance.check()), ...root.checkOutputs());
  }
  const output: Record<string, Json> = {};
  for (const [name, { value, isSensitive }] of root.outputs()) {
    const { result, touched } = context.collect(() => resolved(value(), context.isLenient));
    const unknown = firstUnresolved(result);
    // Terraform has no output without a value.
    if (result === null) continue;
    const cause = context.isLenient ? undefined : (causeOf([result], touched, left) ?? unknown?.source);
    if (cause === undefined) output[name] = { value: documentValue(result), ...(isSensitive && { sensitive: true }) };
    else passedOver.push({ address: `output.${name}`, reason: `"${cause}" is known only after an apply` });
  }
  return {
    json: {
      ...(Object.keys(resource).length > 0 && { resource }),
      ...(Object.keys(data).length > 0 && { data }),
      ...(context.isLenient && { provider: providersOf(root) }),
      ...(providers && providerBlocks(providers.result)),
      // A document with nothing in it is refused, and a configuration with outputs alone is one.
      output,
    },
    addresses: new Map(kept.map(({ instance }) => [instance.documentAddress, instance.address])),
    // Only a few are asked for, and finding one takes longer than evaluating its block.
    placeOf: (address) => {
      const found = kept.find(({ instance }) => instance.address === address);
      return found && placeOf(found.instance.place);
    },
    writtenAt: (documentAddress) =>
      kept.find(({ instance }) => instance.documentAddress === documentAddress)?.instance.block.body,
    passedOver,
  };
}

/** The namespaces of a root module's Vault providers. */
export function namespacesIn(root: ModuleInstance): NamespacesOfProviders {
  const configured = root.providers((argument) => argument === 'alias' || argument === 'namespace');
  const ofVault = configured.filter(({ source }) => source === 'vault');
  return namespacesOfProviders(declaredNamespaces(ofVault), root.isStack);
}

/**
 * The provider of a resource, by the name of its source.
 * @throws VaultproofError `expression_invalid` for one that is not configured
 */
function configuredProvider(
  { block, provider, place }: ResourceInstance,
  written: ReadonlyMap<string, string>,
): string {
  const own = block.type.replace(/_.*/, '');
  if (provider === own || written.has(provider) || !['vault', 'consul'].includes(own)) return provider;
  throw locatedError(
    new ValueProblem(`the provider "${provider}" is not configured: ${hint(provider, [own, ...written.values()])}`),
    place,
  );
}

/** What a document has of Vault's providers, of which a test has one server: aliases and namespaces. */
function providerBlocks({ relative }: NamespacesOfProviders): Json {
  const provider: Record<string, Json[]> = {};
  for (const [key, namespace] of relative) {
    if (key === 'vault' && namespace === '') continue;
    const [name = '', alias] = key.split('.');
    provider[name] = [...(provider[name] ?? []), { ...(alias !== undefined && { alias }), namespace }];
  }
  return Object.keys(provider).length === 0 ? {} : { provider };
}

function providersOf(root: ModuleInstance): Json {
  const byName = new Map<string, Json[]>();
  for (const { name, values } of root.providers()) {
    const body = Object.fromEntries([...values].map(([argument, value]) => [argument, documentValue(value)]));
    byName.set(name, [...(byName.get(name) ?? []), body]);
  }
  return Object.fromEntries(byName);
}

function bodyOf(instance: ResourceInstance, values: ReadonlyMap<string, Value>, dependsOn: readonly string[]): Json {
  const { body } = instance.block;
  const comment = isRecord(body['//']) ? body['//'] : {};
  const metadata = membersOf(comment['metadata']);
  try {
    const members: [string, unknown][] = [['//', { ...comment, metadata: { path: instance.address, ...metadata } }]];
    for (const [name, value] of values) {
      if (value !== null) members.push([name, documentValue(withMembers(name, value, instance))]);
    }
    if (instance.unknown) members.push([instance.unknown.argument, `\${${instance.unknown.source}}`]);
    if (dependsOn.length > 0) members.push(['depends_on', dependsOn]);
    return Object.fromEntries(members);
  } catch (error) {
    throw locatedError(error, instance.place);
  }
}

/**
 * The provider makes an attribute of the block `tune`. Where it is written as a block, what is left out of it is null; in the
 * JSON syntax every member must be there.
 * @see https://developer.hashicorp.com/terraform/language/attr-as-blocks
 */
const MEMBERS_OF_TUNE = [
  'allowed_response_headers',
  'audit_non_hmac_request_keys',
  'audit_non_hmac_response_keys',
  'default_lease_ttl',
  'listing_visibility',
  'max_lease_ttl',
  'passthrough_request_headers',
  'token_type',
];

function withMembers(name: string, value: Value, { block }: ResourceInstance): Value {
  const isBlock = name === 'tune' && /^vault_.*auth_backend$/.test(block.type) && !block.file.file.endsWith('.json');
  if (!isBlock || !isList(value)) return value;
  return value.map((tune) =>
    isMap(tune) ? new Map([...MEMBERS_OF_TUNE.map((one) => [one, null] as const), ...tune]) : tune,
  );
}

/** What a value needs that is left out: something ignored, or a resource that was passed over. */
function causeOf(
  values: readonly Value[],
  touched: ReadonlySet<string>,
  left: ReadonlyMap<string, string>,
): string | undefined {
  const unknowns = values.flatMap((value) => unknownsIn(value));
  if (unknowns.length === 0) return undefined;
  const ignored = ignoredAmong(touched);
  if (ignored !== undefined && unknowns.some(({ isReference }) => !isReference)) return ignored;
  for (const [documentAddress, address] of left) {
    if (unknowns.some(({ template }) => template.includes(`\${${documentAddress}.`))) return address;
  }
  return undefined;
}

function unknownsIn(value: Value): Unknown[] {
  if (value instanceof Unknown) return [value];
  if (value instanceof Lazy) {
    const all = value.all();
    return all ? unknownsIn(all) : [new Unknown(`\${${value.what}}`, value.what)];
  }
  if (isList(value)) return value.flatMap(unknownsIn);
  if (value instanceof SetValue) return value.items.flatMap(unknownsIn);
  return isMap(value) ? [...value.values()].flatMap(unknownsIn) : [];
}

/** The attributes of what is listed as a whole, such as a module's outputs; a resource stays one, or is a reference. */
function resolved(value: Value, asReference: boolean): Value {
  const top = value instanceof Unknown ? value : known(value);
  if (isList(top)) return top.map((item) => resolved(item, asReference));
  if (isMap(top)) return new Map([...top].map(([key, item]) => [key, resolved(item, asReference)]));
  return asReference && top instanceof Lazy ? new Unknown(`\${${top.what}}`, top.what) : top;
}

/** What a document can't say: an expression over an unknown, or a resource as a whole. */
function firstUnresolved(value: Value): Unknown | undefined {
  return unknownsIn(value).find(({ isReference }) => !isReference);
}
