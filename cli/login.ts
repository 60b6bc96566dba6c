import { parseArgs } from 'node:util';
import { defineCommand } from 'citty';
import { UsageError } from '../errors/index.js';
import {
  type ConsulInspection,
  type ErrorCode,
  type HttpClient,
  httpClient,
  LoginRefusedError,
  loginToConsul,
  loginToVault,
  type VaultInspection,
} from '../harness/index.js';
import { consulAddress } from './consul-variables.js';
import { exitCodes } from './exit.js';
import { readNamed, readText } from './files.js';
import { note, print } from './output.js';
import { httpUrl } from './request-url.js';

/** What a refusal lacks where nothing of the configuration could be read. */
const WITHOUT_TOKEN = {
  vault: 'give --token-file with a token that may read the auth method and its role, to see what was expected',
  consul:
    'give --token-file with a token that has acl = "read", to see what was expected and what each binding rule saw',
};

/** Refusals that no configuration explains better. */
const ABOUT_THE_REQUEST: readonly ErrorCode[] = ['token_missing', 'token_malformed', 'token_too_large', 'role_missing'];

/** `vaultproof login`: one login, explained. */
export const login = defineCommand({
  meta: {
    name: 'login',
    groups: { 'To Vault': ['role', 'mount', 'namespace'], 'To Consul': ['consul', 'method', 'meta'] },
  },
  args: {
    jwt: {
      type: 'string',
      required: true,
      valueHint: 'JWT|@FILE',
      description: 'The JWT, the file that holds it, or - for standard input',
    },
    address: {
      type: 'string',
      valueHint: 'URL',
      description: "The server's address; default VAULT_ADDR, or CONSUL_HTTP_ADDR with --consul",
    },
    role: { type: 'string', valueHint: 'NAME', description: "The role; default the auth method's default_role" },
    mount: { type: 'string', valueHint: 'PATH', description: 'Where the auth method is mounted; default jwt' },
    namespace: {
      type: 'string',
      valueHint: 'PATH',
      description: 'The namespace of the auth method; default VAULT_NAMESPACE',
    },
    consul: { type: 'boolean', description: 'Log in to Consul; the token that it makes is destroyed again' },
    method: { type: 'string', valueHint: 'NAME', description: "Consul's auth method" },
    'ca-file': {
      type: 'string',
      valueHint: 'FILE',
      description: "The CA of the server's certificate, PEM; default VAULT_CACERT, or CONSUL_CACERT with --consul",
    },
    meta: {
      type: 'string',
      valueHint: 'KEY=VALUE',
      description: "Written into the description of Consul's token; may be given again",
    },
    'jwks-url': {
      type: 'string',
      valueHint: 'URL',
      description: 'The key set, to tell an unknown key from a bad signature',
    },
    'token-file': {
      type: 'string',
      valueHint: 'FILE',
      description:
        'Holds a token that may read the auth method and its role or binding rules, to say what was expected',
    },
    json: { type: 'boolean', description: 'Print one JSON object' },
  },
  run: async ({ args, rawArgs }) => {
    const toConsul = args.consul === true;
    const meta = metaOf(rawArgs);
    refuseOthers(toConsul, { ...args, meta });
    const address = args.address ?? (toConsul ? consulAddress() : process.env['VAULT_ADDR']);
    if (address === '' && args.address === undefined)
      throw new UsageError("VAULT_ADDR is empty: set it to the server's address, or give --address");
    if (address === undefined) {
      throw new UsageError(`no address: give --address, or set ${toConsul ? 'CONSUL_HTTP_ADDR' : 'VAULT_ADDR'}`);
    }
    const jwksUrl = args['jwks-url'];
    if (jwksUrl !== undefined) httpUrl(jwksUrl);
    const caFile = args['ca-file'] ?? (process.env[toConsul ? 'CONSUL_CACERT' : 'VAULT_CACERT'] || undefined);
    const http = httpClient(address, caFile === undefined ? {} : { ca: await readNamed(caFile) });
    const jwt = (await readText(args.jwt === '-' ? '@-' : args.jwt)).trim();
    const token = args['token-file'] === undefined ? undefined : (await readNamed(args['token-file'])).trim();
    const inspection = { token, jwksUrl };
    const namespace = args.namespace ?? (process.env['VAULT_NAMESPACE'] || undefined);
    try {
      const asked = { ...args, namespace, meta, jwt };
      const { line, json } = await (toConsul ? logInToConsul : logInToVault)(http, asked, inspection);
      print(args.json === true ? JSON.stringify({ found: 'ok', ...json }) : line);
    } catch (error) {
      if (!(error instanceof LoginRefusedError)) throw error;
      process.exitCode = exitCodes.proofFailed;
      const { code, claim, expected, found, claims, note: explanation, rules, serverMessage, status } = error;
      const details = { claim, expected, found, claims, note: explanation, rules };
      if (args.json === true) print(JSON.stringify({ found: code, details, serverMessage, status }));
      else {
        note(error.message);
        if (!toConsul && NAMED.includes(code)) note(ofNamespace(namespace));
        if (token === undefined && !ABOUT_THE_REQUEST.includes(code))
          note(WITHOUT_TOKEN[toConsul ? 'consul' : 'vault']);
      }
    } finally {
      http.close();
    }
  },
});

/** What a wrong namespace does not have. */
const NAMED: readonly ErrorCode[] = ['role_not_found', 'method_not_found'];

function ofNamespace(namespace: string | undefined): string {
  if (namespace === undefined) return 'it was looked for in the root namespace: for another one, give --namespace';
  return `it was looked for in the namespace "${namespace}": correct --namespace; under "vaultproof up", the one that all of HCL's providers are in is the server itself, so leave it out`;
}

/** The parser of options knows only the last of several. */
function metaOf(rawArgs: string[]): Readonly<Record<string, string>> | undefined {
  const { values } = parseArgs({ args: rawArgs, options: { meta: { type: 'string', multiple: true } }, strict: false });
  const pairs = values.meta?.map((given): [string, string] => {
    const [, key = '', value = ''] = /^([^=]+)=(.*)$/s.exec(String(given)) ?? [];
    if (key === '') throw new UsageError(`--meta takes KEY=VALUE, not "${given}"`);
    return [key, value];
  });
  return pairs && Object.fromEntries(pairs);
}

function refuseOthers(toConsul: boolean, { role, mount, namespace, method, meta }: Partial<LoginArguments>): void {
  if (toConsul && (role !== undefined || mount !== undefined)) {
    throw new UsageError("--role and --mount are for Vault: name Consul's auth method with --method");
  }
  if (toConsul && namespace !== undefined) throw new UsageError('--namespace is for Vault: leave out --consul');
  if (toConsul && method === undefined) throw new UsageError('no auth method: give --method');
  if (!toConsul && meta !== undefined) throw new UsageError('--meta is for Consul: give --consul too');
  if (!toConsul && method !== undefined) throw new UsageError('--method is for Consul: give --consul too');
}

/** What a login is made with. */
interface LoginArguments {
  readonly jwt: string;
  readonly role?: string | undefined;
  readonly mount?: string | undefined;
  readonly namespace?: string | undefined;
  readonly method?: string | undefined;
  /** What Consul is to write into the token's description. */
  readonly meta?: Readonly<Record<string, string>> | undefined;
}

/** What to say of who got in, to a person and to a machine. */
interface LoginSummary {
  readonly line: string;
  readonly json: Readonly<Record<string, unknown>>;
}

/** Logs in to a Vault. */
async function logInToVault(
  http: HttpClient,
  { jwt, role, mount, namespace }: LoginArguments,
  inspection: VaultInspection,
): Promise<LoginSummary> {
  const session = await loginToVault(http, { jwt, mount, namespace, role }, inspection);
  const { role: as, policies, ttlSeconds } = session;
  return {
    line: `in, as "${as}" with ${policies.join(', ')} for ${ttlSeconds} s`,
    json: { role: as, policies, ttlSeconds },
  };
}

/** Logs in to a Consul, and out again: nobody is told the token that would be left behind. */
async function logInToConsul(
  http: HttpClient,
  { jwt, method = '', meta }: LoginArguments,
  inspection: ConsulInspection,
): Promise<LoginSummary> {
  await using session = await loginToConsul(http, { jwt, method, meta }, inspection);
  const { accessorId, authMethod, description, policies, roles, serviceIdentities, nodeIdentities, templatedPolicies } =
    session;
  const bound = [
    ...policies.map((name) => `policy ${name}`),
    ...roles.map((name) => `role ${name}`),
    ...serviceIdentities.map(({ serviceName }) => `service ${serviceName}`),
    ...nodeIdentities.map(({ nodeName }) => `node ${nodeName}`),
    ...templatedPolicies.map(({ templateName, name }) => `${templateName} ${name ?? ''}`.trimEnd()),
  ];
  const expires = session.expirationTime?.toISOString();
  return {
    line: `in, by "${authMethod}" with ${bound.join(', ')} ${expires === undefined ? 'without expiry' : `until ${expires}`}`,
    json: {
      ...{ accessorId, authMethod, description, policies, roles, serviceIdentities, nodeIdentities, templatedPolicies },
      expirationTime: expires,
    },
  };
}
