import type { Product, ServerCommand, ServerPlace } from '../engines/index.js';
import { identityFiles, rareGc, type ServerIdentity } from './server-options.js';

const API_PORT = 8200;
const CONFIG_FILE = 'vault.json';
const COMMON_ENV = { SKIP_SETCAP: 'true', ...rareGc };

/** What both kinds of Vaults are started with. */
interface CommonCommand {
  readonly product: Product;
  readonly port: number | undefined;
  /** Never shown, whatever prints it; those of a configured Vault are known once it is initialised. */
  readonly secrets: readonly string[];
}

/** OpenBao takes audit devices from its configuration alone, unless that allows the API. */
const AUDIT_BY_API = { unsafe_allow_api_audit_creation: true };

/**
 * A dev server: in memory, unsealed, and with the first of its secrets as the root token.
 * @see https://developer.hashicorp.com/vault/docs/concepts/dev-server
 */
export function devCommand({ product, port, secrets }: CommonCommand): ServerCommand {
  const isOpenBao = product === 'openbao';
  const [token = ''] = secrets;
  return {
    service: 'vault',
    ports: [API_PORT, API_PORT + 1],
    fixedPort: port,
    args: ({ bindAddress, ports, folder }) => [
      'server',
      '-dev',
      ...(isOpenBao ? [`-config=${folder}/${CONFIG_FILE}`] : []),
      `-dev-listen-address=${bindAddress}:${ports[0]}`,
      '-dev-no-store-token',
      // A Vault that is not a dev server has no engine at "secret"; OpenBao has no such flag.
      ...(isOpenBao ? [] : ['-dev-no-kv']),
      '-log-level=warn',
    ],
    env: { [isOpenBao ? 'BAO_DEV_ROOT_TOKEN_ID' : 'VAULT_DEV_ROOT_TOKEN_ID']: token, ...COMMON_ENV },
    secrets,
    files: () => (isOpenBao ? { [CONFIG_FILE]: JSON.stringify(AUDIT_BY_API) } : {}),
  };
}

/** Where a Vault keeps its data, by the names of its storage backends. */
export type VaultStorage = 'inmem' | 'raft';

/** What a Vault that is not a dev server is configured with. */
export interface ConfiguredOptions extends CommonCommand {
  readonly tls: ServerIdentity | undefined;
  readonly storage: VaultStorage;
  /** Its name among the nodes of a cluster; default `vault-1`. */
  readonly nodeId?: string | undefined;
  /** Whether it is one of a cluster; default false. */
  readonly hasPeers?: boolean | undefined;
  /** Its answers have it in {@link SERVER_HEADER}, so that no other server is taken for it. */
  readonly id: string;
}

/** The header of a configured Vault's answers. */
export const SERVER_HEADER = 'x-vaultproof-server';

/**
 * A server that has to be initialised and unsealed, with what a dev server has besides: the metrics, and `sys/raw`.
 * @see https://developer.hashicorp.com/vault/docs/configuration
 */
export function configuredCommand(options: ConfiguredOptions): ServerCommand {
  const { product, port, secrets, tls, id, storage, nodeId = 'vault-1', hasPeers } = options;
  const scheme = tls === undefined ? 'http' : 'https';
  return {
    service: 'vault',
    isRestartable: storage === 'raft',
    hasPeers,
    caPem: tls?.ca,
    ports: [API_PORT, API_PORT + 1],
    fixedPort: port,
    args: ({ folder }) => ['server', `-config=${folder}/${CONFIG_FILE}`, '-log-level=warn'],
    env: COMMON_ENV,
    secrets,
    files: (place) => ({
      [CONFIG_FILE]: JSON.stringify({
        ...(product === 'openbao' ? AUDIT_BY_API : { disable_mlock: true }),
        storage: storage === 'raft' ? raftStorage(place, nodeId) : { inmem: {} },
        listener: {
          tcp: {
            address: `${place.bindAddress}:${place.ports[0]}`,
            cluster_address: `${place.bindAddress}:${place.ports[1]}`,
            ...(tls === undefined
              ? { tls_disable: true }
              : {
                  tls_cert_file: `${place.folder}/${identityFiles.cert}`,
                  tls_key_file: `${place.folder}/${identityFiles.key}`,
                }),
            custom_response_headers: { default: { [SERVER_HEADER]: [id] } },
          },
        },
        api_addr: `${scheme}://${place.peerHost}:${place.peerPorts[0]}`,
        cluster_addr: `https://${place.peerHost}:${place.peerPorts[1]}`,
        raw_storage_endpoint: true,
        telemetry: { prometheus_retention_time: '24h', disable_hostname: true },
        ui: true,
      }),
      ...(tls && { [identityFiles.cert]: tls.cert, [identityFiles.key]: tls.key }),
    }),
  };
}

/**
 * Integrated storage that elects a leader, and lets nodes vote that have joined, as soon as it can.
 * @see https://developer.hashicorp.com/vault/docs/configuration/storage/raft
 */
function raftStorage({ folder }: ServerPlace, nodeId: string): Readonly<Record<string, unknown>> {
  const autopilot = { autopilot_reconcile_interval: '50ms', autopilot_update_interval: '50ms' };
  return { raft: { path: folder, node_id: nodeId, performance_multiplier: 1, ...autopilot } };
}
