import { UsageError, VaultproofError } from '../../errors/index.js';
import { isRecord } from '../../internal/json.js';
import type { VaultBody } from './vault-api.js';

/**
 * What not every Vault or OpenBao has: an engine as the plugin catalog names it (`secret/consul`, `auth/github`),
 * namespaces, an argument of auth methods and mounts, or a capability of policies.
 */
export type Capability = `secret/${string}` | `auth/${string}` | Feature;

type Feature = 'namespaces' | 'jwks_pairs' | 'subscribe' | 'allowed_managed_keys' | 'delegated_auth_accessors';

/** A server whose capabilities are known, such as a `StartedVault`. */
export interface CapableServer {
  /** `vault` or `openbao`. */
  readonly product: string;
  /** For example `2.7.2`. */
  readonly version: string;
  /** Whether it has something that not every server has. */
  supports(capability: Capability): Promise<boolean>;
}

/** Something that a server lacks, and where it was asked for. */
export interface Lack {
  readonly capability: Capability;
  /** The resource's address, or a call: `vault_mount.consul`. */
  readonly neededBy: string;
  /** What is asked for by name, such as the namespace. */
  readonly value?: string;
}

interface Features {
  readonly what: string;
  /** The products that have it, in every version that is started here. */
  readonly products: readonly string[];
}

/** What the plugin catalog says nothing about. */
const FEATURES: Readonly<Record<Feature, Features>> = {
  namespaces: { what: 'namespaces', products: ['openbao'] },
  jwks_pairs: { what: '"jwks_pairs" (several key sets for one JWT auth method)', products: ['vault'] },
  subscribe: { what: '"subscribe" (policies for event notifications)', products: ['vault'] },
  // OpenBao takes these two without a word, and keeps nothing of them.
  allowed_managed_keys: { what: '"allowed_managed_keys" (managed keys of a mount)', products: ['vault'] },
  delegated_auth_accessors: { what: '"delegated_auth_accessors" (logins that a mount delegates)', products: ['vault'] },
};

/** The engines that every build of a product has, whatever its catalog lists. */
const BUILT_IN: readonly string[] = [
  ...['kv', 'kv-v2', 'generic', 'database', 'cubbyhole', 'identity', 'system', 'plugin'].map(
    (type) => `secret/${type}`,
  ),
  ...['token', 'plugin'].map((type) => `auth/${type}`),
];

/** The engines that only Vault's full build has of those that are asked for here. */
const OF_FULL_VAULT: readonly string[] = ['secret/consul'];
/** Those that it shares with OpenBao, and that Vault's minimal build lacks. */
const OF_FULL_BUILDS: readonly string[] = [...OF_FULL_VAULT, 'secret/totp', 'auth/kubernetes'];

const UNKNOWN_ENGINE = 'correct its name, register the plugin in the catalog, or take a server that has it';

/**
 * Whether a server has something that not every server has. Of an engine its own plugin catalog decides.
 * @param request sends a request as a token that may list the catalog
 * @throws UsageError for an unknown name
 * @see https://developer.hashicorp.com/vault/api-docs/system/plugins-catalog#list-plugins-1
 * @see https://openbao.org/docs/policies/migration/
 */
export async function serverSupports(
  product: string,
  request: (method: string, path: string) => Promise<VaultBody>,
  capability: Capability,
): Promise<boolean> {
  if (capability === 'namespaces') return hasNamespaces(request);
  if (isFeature(capability)) return FEATURES[capability].products.includes(product);
  const [, kind, type] = /^(secret|auth)\/(.+)$/.exec(capability) ?? [];
  if (kind === undefined || type === undefined) {
    const features = Object.keys(FEATURES).map((name) => `"${name}"`);
    const names = ['"secret/TYPE"', '"auth/TYPE"', ...features.slice(0, -1)].join(', ');
    throw new UsageError(`unknown capability "${capability}"; expected ${names} or ${features.at(-1)}`);
  }
  if (BUILT_IN.includes(capability)) return true;
  const { data } = await request('LIST', `sys/plugins/catalog/${kind}`);
  return isRecord(data) && Array.isArray(data['keys']) && data['keys'].includes(type);
}

/** Vault's enterprise edition has them, too, under the same product name: the server is asked. */
async function hasNamespaces(request: (method: string, path: string) => Promise<VaultBody>): Promise<boolean> {
  try {
    await request('LIST', 'sys/namespaces');
    return true;
  } catch (error) {
    if (!(error instanceof VaultproofError) || error.details['status'] !== 404) throw error;
    const { errors } = error.details;
    // An empty list is a 404 without a reason.
    return !Array.isArray(errors) || errors.length === 0;
  }
}

/** The error for what a server lacks: what it is, who needs it, and what would have it. */
export function unsupportedByServer(
  { product, version }: Pick<CapableServer, 'product' | 'version'>,
  lacks: readonly [Lack, ...Lack[]],
  done: string,
): VaultproofError {
  const missing = [...new Set(lacks.map(({ capability }) => capability))];
  const needs = missing.map((capability) => {
    const by = lacks
      .filter((lack) => lack.capability === capability)
      .map(({ neededBy, value }) => `"${neededBy}"${value === undefined ? '' : ` (in "${value}")`}`);
    return `${capabilityName(capability)}, which ${by.join(' and ')} ${by.length === 1 ? 'needs' : 'need'}`;
  });
  const remedies = [...new Set(missing.map((capability) => remedy(product, capability)))];
  return new VaultproofError(
    'unsupported_by_server',
    `${done}, because ${product === 'openbao' ? 'OpenBao' : 'Vault'} ${version} lacks ${needs.join('; ')}; ${remedies.join('; ')}`,
    { details: { product, version, missing, neededBy: lacks.map(({ neededBy }) => neededBy) } },
  );
}

/** A capability in words: `the secrets engine "consul"`. */
export function capabilityName(capability: Capability): string {
  if (isFeature(capability)) return FEATURES[capability].what;
  const [kind, type] = capability.split('/');
  return `the ${kind === 'auth' ? 'auth method' : 'secrets engine'} "${type}"`;
}

const WITH_NAMESPACES = "start OpenBao, with product: 'openbao' or VAULTPROOF_VAULT_PRODUCT=openbao";

function remedy(product: string, capability: Capability): string {
  if (capability === 'namespaces') return WITH_NAMESPACES;
  const inVault = isFeature(capability) || OF_FULL_VAULT.includes(capability);
  if (product === 'openbao' && inVault) {
    return "start HashiCorp's Vault, with product: 'vault' or VAULTPROOF_VAULT_PRODUCT=vault";
  }
  if (product === 'vault' && OF_FULL_BUILDS.includes(capability)) {
    return 'this is a minimal build: take a full one, by "vaultproof engines install vault --full"';
  }
  return UNKNOWN_ENGINE;
}

/** What to do about a lack, where it is not known what the server is. */
export function remedyFor(capability: Capability): string {
  if (capability === 'namespaces') return WITH_NAMESPACES;
  if (!isFeature(capability) && !OF_FULL_BUILDS.includes(capability)) return UNKNOWN_ENGINE;
  return `a full build of HashiCorp's Vault has ${capabilityName(capability)}: take one`;
}

function isFeature(capability: Capability): capability is Feature {
  return Object.hasOwn(FEATURES, capability);
}
