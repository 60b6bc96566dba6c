import { isRecord } from '../../../internal/json.js';
import { isConsulName } from '../../../stacks/checks.js';
import { bindNames, type ConsulPolicyTemplate, templateNames } from '../../../stacks/consul-bind-name.js';
import { parseSelector, type Selector, SelectorSyntaxError } from '../../../stacks/consul-selector.js';
import { truthOf } from '../../../stacks/consul-selector-analysis.js';
import {
  type Block,
  byKey,
  isEmpty,
  isKnown,
  isSet,
  jsonText,
  type LintDocument,
  ofDocument,
  referredBy,
  resourcesOf,
  textOf,
  UNKNOWN,
} from '../document/document.js';

/** The claims that an auth method maps, by the names that selectors have for them. */
export interface Mappings {
  readonly value: ReadonlyMap<string, string>;
  readonly list: ReadonlyMap<string, string>;
}

/** A `consul_acl_auth_method` of type `jwt`. */
export interface ConsulMethod {
  readonly block: Block;
  readonly attribute: 'config' | 'config_json';
  /** What is configured, by Consul's names in lower case, as Consul reads them; undefined where that is not known. */
  readonly config: Readonly<Record<string, unknown>> | undefined;
  /** Where the keys are from; undefined where that is not known. */
  readonly keys: 'static' | 'jwks' | 'discovery' | undefined;
  /** Undefined where they are not known. */
  readonly mappings: Mappings | undefined;
}

/** The auth methods for JWTs of a document. */
export const consulMethods = ofDocument((document: LintDocument): readonly ConsulMethod[] =>
  resourcesOf(document, 'consul_acl_auth_method')
    .filter((block) => textOf(block, 'type') === 'jwt')
    .map((block) => {
      const attribute = isEmpty(block.attributes['config_json']) ? 'config' : 'config_json';
      const config = configOf(block.attributes[attribute]);
      return { block, attribute, config, keys: keysOf(config), mappings: mappingsOf(config) };
    }),
);

/** Unknown parts of texts stay what they are; where one stands for more than a text, nothing is known. */
function configOf(written: unknown): ConsulMethod['config'] {
  const config = typeof written === 'string' ? jsonText(written) : written;
  if (!isRecord(config)) return undefined;
  return Object.fromEntries(Object.entries(config).map(([name, value]) => [name.toLowerCase(), value]));
}

function keysOf(config: ConsulMethod['config'] = {}): ConsulMethod['keys'] {
  if (!isEmpty(config['oidcdiscoveryurl'])) return 'discovery';
  if (!isEmpty(config['jwksurl'])) return 'jwks';
  return isEmpty(config['jwtvalidationpubkeys']) ? undefined : 'static';
}

function mappingsOf(config: ConsulMethod['config']): Mappings | undefined {
  if (config === undefined) return undefined;
  const value = namesOf(config['claimmappings']);
  const list = namesOf(config['listclaimmappings']);
  return value && list && { value, list };
}

function namesOf(mappings: unknown = {}): ReadonlyMap<string, string> | undefined {
  if (mappings === UNKNOWN || !isKnown(mappings)) return undefined;
  if (!isRecord(mappings)) return new Map();
  return new Map(Object.entries(mappings).map(([claim, name]) => [String(name), claim]));
}

/** A `consul_acl_binding_rule` for logins with JWTs. */
export interface ConsulRule {
  readonly block: Block;
  /** Undefined where the document does not have it; then the rule is one whose selector only a JWT can satisfy. */
  readonly method: ConsulMethod | undefined;
  readonly bindType: string | undefined;
  /** What it gives, with claims in it, and the argument that says so; undefined where that is not known. */
  readonly name: { readonly attribute: 'bind_name' | 'bind_vars'; readonly text: string } | undefined;
  /** Undefined where there is none, or where it can't be read. */
  readonly selector: Selector | undefined;
  /** Why a selector that is known can't be read. */
  readonly mistake: string | undefined;
  /** True where there is none, which is known. */
  readonly takesAll: boolean;
}

/** The binding rules for JWTs of a document. */
export const consulRules = ofDocument((document: LintDocument): readonly ConsulRule[] => {
  const methods = new Map(consulMethods(document).map((method) => [method.block, method]));
  const all = resourcesOf(document, 'consul_acl_auth_method');
  const byAddress = byKey(all, ({ address }) => address);
  const byName = byKey(all, (one) => textOf(one, 'name'));
  return resourcesOf(document, 'consul_acl_binding_rule').flatMap((block): ConsulRule[] => {
    const referred = referredBy(block, 'auth_method').map((one) => one.replace(/\.name$/, ''));
    const found = [
      ...referred.flatMap((address) => byAddress.get(address) ?? []),
      ...(byName.get(textOf(block, 'auth_method') ?? UNKNOWN) ?? []),
    ];
    const method = found.flatMap((one) => methods.get(one) ?? [])[0];
    const isOfAnotherType = method === undefined && found.length > 0;
    const read = readSelector(textOf(block, 'selector'));
    if (isOfAnotherType || (method === undefined && read.selector === undefined)) return [];
    const takesAll = !isSet(block, 'selector');
    return [{ block, method, bindType: textOf(block, 'bind_type'), name: nameOf(block), ...read, takesAll }];
  });
});

function nameOf(block: Block): ConsulRule['name'] {
  const isTemplate = textOf(block, 'bind_type') === 'templated-policy';
  const variables = block.attributes['bind_vars'];
  const text = isTemplate ? isRecord(variables) && variables['name'] : block.attributes['bind_name'];
  if (typeof text !== 'string' || !isKnown(text)) return undefined;
  return { attribute: isTemplate ? 'bind_vars' : 'bind_name', text };
}

function readSelector(text: string | undefined): Pick<ConsulRule, 'selector' | 'mistake'> {
  if (text === undefined || text === '') return { selector: undefined, mistake: undefined };
  try {
    return { selector: parseSelector(text), mistake: undefined };
  } catch (error) {
    if (!(error instanceof SelectorSyntaxError)) throw error;
    return { selector: undefined, mistake: error.message };
  }
}

/** A claim in a name: `${value.user}`. */
interface NamedClaim {
  readonly kind: 'value' | 'list';
  readonly name: string;
}

const CLAIM = /\$\{\s*(value|list)\.([\w.-]+)\s*\}/g;

/** The claims that a rule's name is made of, where they only stand in it. */
export function claimsInName({ name }: ConsulRule): readonly NamedClaim[] {
  return [...(name?.text ?? '').matchAll(CLAIM)].map(([, kind, claim = '']) => ({
    kind: kind === 'list' ? 'list' : 'value',
    name: claim,
  }));
}

/**
 * The name that a token gets which lacks some of the claims in it; undefined where the rule's selector keeps such a token
 * out, and where Consul takes no such name.
 */
export function nameByAbsence(rule: ConsulRule): string | undefined {
  const { name, selector, takesAll } = rule;
  const pattern = patternOf(rule);
  const claims = [...new Set(claimsInName(rule).map((claim) => claim.name))];
  if (selector === undefined && !takesAll) return undefined;
  if (name === undefined || pattern === undefined || claims.length > 6) return undefined;
  for (let lacking = 1; lacking < 2 ** claims.length; lacking++) {
    const lacks = (claim: string): boolean => (lacking & (1 << claims.indexOf(claim))) !== 0;
    const made = name.text.replaceAll(CLAIM, (_, _kind, claim: string) => (lacks(claim) ? '' : 'x'));
    if (!isConsulName(pattern, made)) continue;
    const absent = claims.filter(lacks).map((claim) => `"${claim}" not in value`);
    const present = claims.filter((claim) => !lacks(claim)).map((claim) => `"${claim}" in value`);
    const right = parseSelector([...absent, ...present].join(' and '));
    const whole: Selector = selector === undefined ? right : { kind: 'and', left: selector, right };
    if (truthOf(whole).canMatch) return made;
  }
  return undefined;
}

function patternOf({ bindType = '', block }: ConsulRule): RegExp | undefined {
  if (Object.hasOwn(bindNames, bindType)) return bindNames[bindType as keyof typeof bindNames];
  return templateNames[textOf(block, 'bind_name') as ConsulPolicyTemplate];
}
