import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/**
 * What Terraform's real provider does with a configuration, as `scripts/record-provider.ts` saw it: a file under
 * test/fixtures/provider/<terraform type>/. What differs from run to run has a name in it: `{{issuer}}`, `{{secret}}` and
 * `{{consul}}` are filled in, `<uuid>`, `<accessor>` and `<time>` stand for any.
 */
export interface ProviderFixture {
  /** Who was recorded: `hashicorp/vault 5.6.0`. */
  readonly provider: string;
  /** What it talked to: `vault 1.21.1`. */
  readonly server: string;
  /** What others had made on the server. */
  readonly before: readonly SentRequest[];
  /** Configurations that were applied one after the other. */
  readonly steps: readonly FixtureStep[];
}

/** A request that changes something, without `/v1/` in its path. */
export interface SentRequest {
  readonly method: string;
  readonly path: string;
  readonly body?: unknown;
}

/** One apply. */
export interface FixtureStep {
  /** The blocks of a configuration. */
  readonly config: Readonly<Record<string, unknown>>;
  /** The provider or the server refused it; what is left then is not compared. */
  readonly refused?: true;
  /** What the provider wrote, in its order. */
  readonly requests: readonly SentRequest[];
  readonly outputs: Readonly<Record<string, unknown>>;
  /** What the server answers afterwards, by path; null where it has nothing. */
  readonly state: Readonly<Record<string, unknown>>;
}

/** What stands for what in one run. */
export interface RunValues {
  readonly issuer: string;
  readonly secret: string;
  /** The address, `host:port`, of a Consul that nobody has bootstrapped, where a configuration asks for one. */
  readonly consul: string | undefined;
}

/** Whether something has `{{consul}}` in it. */
export function asksForConsul(value: unknown): boolean {
  return JSON.stringify(value).includes('{{consul}}');
}

/** Replaces `{{issuer}}`, `{{secret}}` and `{{consul}}` by this run's. */
export function fillIn<Value>(value: Value, { issuer, secret, consul = '' }: RunValues): Value {
  const text = JSON.stringify(value)
    .replaceAll('{{issuer}}', issuer)
    .replaceAll('{{secret}}', secret)
    .replaceAll('{{consul}}', consul);
  return JSON.parse(text) as Value;
}

/** They differ from server to server, or between two writes of the same. */
const VOLATILE = new Set([
  'running_sha256',
  'running_plugin_version',
  'Hash',
  'CreateIndex',
  'ModifyIndex',
  'CreateTime',
  'modify_index',
]);

/** No lease, length or version is as large. */
const FIRST_UNIX_TIME = 1_600_000_000;

/** The opposite of {@link fillIn}, with a name for all else that differs from run to run, and lists in one order, as sets have none. */
export function normalise(value: unknown, values: RunValues): unknown {
  if (typeof value === 'string') return normaliseText(value, values);
  if (typeof value === 'number' && value > FIRST_UNIX_TIME) return '<time>';
  if (Array.isArray(value)) {
    const items = value.map((item) => normalise(item, values));
    return items.toSorted((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1));
  }
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .filter(([name, item]) => !VOLATILE.has(name) && !isNamespaceId(name, item, value))
      .map(([name, item]) => [normaliseText(name, values), normalise(item, values)] as const)
      .sort(([a], [b]) => (a < b ? -1 : 1)),
  );
}

/** OpenBao's namespaces have an ID of their own making. */
function isNamespaceId(name: string, item: unknown, fields: object): boolean {
  return (name === 'id' && 'tainted' in fields) || (name === 'namespace_id' && item !== 'root');
}

function normaliseText(text: string, { issuer, secret, consul = '{{consul}}' }: RunValues): string {
  return text
    .replaceAll(consul, '{{consul}}')
    .replaceAll(issuer, '{{issuer}}')
    .replaceAll(secret, '{{secret}}')
    .replaceAll(/\b[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\b(?:\.\w{6}\b)?/g, '<uuid>')
    .replaceAll(/\b[a-z_]+_[0-9a-f]{8}\b/g, '<accessor>')
    .replaceAll(/\b\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z/g, '<time>');
}

/** What a server has at some paths, normalised; null where it has nothing. */
export async function readState(
  { address, token }: { readonly address: string; readonly token: string },
  paths: readonly string[],
  values: RunValues,
): Promise<Record<string, unknown>> {
  const answers = await Promise.all(
    paths.map(async (path) => {
      const headers = { 'x-vault-token': token, 'x-consul-token': token };
      const answer = await fetch(`${address}/v1/${path}`, { headers });
      if (!answer.ok) return [path, null] as const;
      const body = (await answer.json()) as unknown;
      const isVaults = typeof body === 'object' && body !== null && 'request_id' in body && 'data' in body;
      return [path, normalise(isVaults ? body.data : body, values)] as const;
    }),
  );
  return Object.fromEntries(answers);
}

const FOLDER = fileURLToPath(new URL('../fixtures/provider', import.meta.url));

/** The fixtures' names and files, by Terraform type. */
export function providerFixtures(): [type: string, fixtures: [name: string, file: string][]][] {
  return readdirSync(FOLDER).map((type) => [
    type,
    readdirSync(join(FOLDER, type)).map((file) => [file.replace('.json', ''), join(FOLDER, type, file)]),
  ]);
}
