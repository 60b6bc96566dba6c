import { isRecord } from '../../../internal/json.js';
import { type Block, isEmpty, type LintDocument, resourcesOf, textOf } from '../document/block.js';
import { jsonText } from '../document/json-text.js';
import { ofDocument } from '../document/once.js';
import { isKnown, UNKNOWN } from '../document/unknown.js';

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
