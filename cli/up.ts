import { spawn } from 'node:child_process';
import { constants } from 'node:os';
import { delimiter } from 'node:path';
import { defineCommand } from 'citty';
import { UsageError, VaultproofError } from '../errors/index.js';
import { commands } from '../harness/binaries/index.js';
import { guard } from '../harness/guardian/index.js';
import {
  type ConfigurationSource,
  type Environment,
  type NamedConfiguration,
  startEnvironment,
} from '../harness/index.js';
import {
  type PageLoginOutcome,
  type PageLoginRequest,
  pageDialect,
  signDialect,
  tokenDialect,
} from '../issuer/endpoints/index.js';
import { isKnownVendor } from '../issuer/vendors/index.js';
import { withEntryHint } from './entry-hint.js';
import { applyExample, example } from './example.js';
import { exitCodes } from './exit.js';
import { forever, handleInterruption, type Interruption } from './interruption.js';
import { type LoginToTry, loginToTry } from './login-to-try.js';
import { mask, note, print } from './output.js';
import { type Entry, readEntry } from './read-entry.js';
import { shellQuoted } from './shell.js';
import {
  type GivenVariables,
  givenPatterns,
  givenUrls,
  givenVariables,
  ignoreArg,
  impersonateArg,
  issuerVariableArgs,
} from './variables.js';

const JWT_LIFETIME_SECONDS = 3_600;

/** What `up --json` prints. */
interface UpReport {
  readonly issuer: { readonly url: string; readonly jwksUrl: string; readonly page: string };
  readonly vault: { readonly address: string; readonly token: string };
  /** Null where there is no Consul: with `--vault-only`, and where what is applied declares nothing of it. */
  readonly consul: { readonly address: string; readonly token: string } | null;
  /** The vendors that are answered for, and the proxy that does; null without `--impersonate`. */
  readonly impersonation: { readonly proxy: string; readonly caPem: string; readonly urls: readonly string[] } | null;
  /** A JWT that may log in, for an hour, and the API path of the secret that it may then read; null without the example. */
  readonly login: { readonly role: string; readonly jwt: string; readonly path: string } | null;
  /** The same at Consul: its auth method, the same JWT, and the key that it may then read; null without the example or a Consul. */
  readonly consulLogin: { readonly method: string; readonly jwt: string; readonly key: string } | null;
}

/** `vaultproof up`: the same environment, left running. */
export const up = defineCommand({
  meta: { name: 'up' },
  args: {
    entry: {
      type: 'positional',
      required: false,
      description:
        'What to apply instead of the example: HCL (a folder, or one .tf), a cdktf app, a project, a cdk.tf.json, or the folder with it',
    },
    ...issuerVariableArgs,
    ignore: ignoreArg,
    json: { type: 'boolean', description: 'Print one JSON object instead of export lines' },
    empty: { type: 'boolean', description: 'Apply nothing: no auth method, no secret, no login' },
    'vault-only': {
      type: 'boolean',
      description:
        'Leave Consul out, which is started by default unless HCL or JSON is named that declares nothing of it',
    },
    impersonate: impersonateArg,
  },
  run: async ({ args, rawArgs, data }) => {
    const command = Array.isArray(data) ? data.map(String) : [];
    if (args.entry !== undefined && args.empty === true) throw new UsageError('give an entry or --empty, not both');
    const urls = givenUrls(args.impersonate);
    const variables = givenVariables(rawArgs);
    const ignore = givenPatterns(args.ignore);
    const entry = args.entry === undefined ? undefined : await entryOf(args.entry, variables);
    if (entry === undefined) refuseWithoutEntry({ ...variables, ignore });
    else if (ignore.length > 0 && entry.kind !== 'terraform') throw new UsageError('--ignore is for HCL: leave it out');
    const withConsul = args['vault-only'] !== true && (entry?.mayUseConsul ?? true);
    const interruption = handleInterruption();
    let started: Environment | undefined;
    const isExample = args.empty !== true && entry === undefined;
    const logins = {
      names: { vault: isExample ? example.role : '', consul: isExample && withConsul ? example.method : '' },
      logIn: async (request: PageLoginRequest) => logInForPage(started, request),
    };
    const environment = await startEnvironment({
      consul: withConsul,
      // With RS256, too, as vendors sign.
      issuer: { dialects: [pageDialect({ logins }), tokenDialect(), signDialect()], algorithms: ['ES256', 'RS256'] },
      // The others' key sets are where it is declared, which is read below.
      impersonate: urls?.filter(isKnownVendor),
      report: note,
      signal: interruption.signal,
    });
    started = environment;
    interruption.stopFirst(() => environment.stop());
    try {
      const contents = { example: isExample, withConsul, entry, ignore, urls, signal: interruption.signal };
      const report = await prepare(environment, contents).catch((error: unknown) => {
        throw args.entry && entry ? withEntryHint(args.entry, entry.kind, error, urls) : error;
      });
      const { vault } = environment;
      const death = Promise.race([vault.exited, ...(withConsul ? [environment.consul.exited] : [])]);
      for (const secret of [report.vault.token, report.consul?.token, report.login?.jwt]) if (secret) mask(secret);
      if (command.length > 0) {
        if (args.json === true) print(JSON.stringify(report));
        void death.then(({ message }) => note(message));
        const output = args.json === true ? 'stderr' : 'stdout';
        process.exitCode = await runInside({
          command,
          env: inside(foldersOf(environment, withConsul), report),
          output,
          interruption,
        });
        return;
      }
      interruption.stopFirst(() => environment.stop(), exitCodes.done);
      if (args.json === true) print(JSON.stringify(report));
      else for (const line of exports(foldersOf(environment, withConsul), report)) print(line);
      const found = isExample ? undefined : await loginToTry(vault);
      for (const line of thingsToTry(report, found, commands[vault.product])) note(line);
      await forever(death.then((error) => Promise.reject(error)));
    } finally {
      await environment.stop();
    }
  },
});

/** Logs in for the issuer's page, which learns how it ended and nothing that it could use. */
async function logInForPage(
  environment: Environment | undefined,
  { server, name, jwt }: PageLoginRequest,
): Promise<PageLoginOutcome> {
  if (!environment) return { accepted: false, code: 'request_failed', message: 'the servers are not running yet' };
  try {
    if (server === 'vault') {
      const session = await environment.vault.login({ jwt, role: name });
      // A batch token can't be revoked: it expires.
      await session.logout().catch(() => {});
      return { accepted: true, grants: session.policies.map((policy) => `policy "${policy}"`) };
    }
    await using session = await environment.consul.login({ jwt, method: name });
    const { roles, policies, serviceIdentities, nodeIdentities } = session;
    return {
      accepted: true,
      grants: [
        ...roles.map((role) => `role "${role}"`),
        ...policies.map((policy) => `policy "${policy}"`),
        ...serviceIdentities.map(({ serviceName }) => `service "${serviceName}"`),
        ...nodeIdentities.map(({ nodeName }) => `node "${nodeName}"`),
      ],
    };
  } catch (error) {
    if (!(error instanceof VaultproofError)) throw error;
    return { accepted: false, code: error.code, message: error.message };
  }
}

/** What is applied: the example, what an argument names, or nothing. */
interface Contents {
  readonly example: boolean;
  readonly withConsul: boolean;
  readonly entry: Entry | undefined;
  /** What of HCL is passed over. */
  readonly ignore: readonly string[];
  readonly urls: readonly string[] | undefined;
  readonly signal: AbortSignal;
}

/** @throws UsageError with what may have been meant, for what is no entry */
async function entryOf(argument: string, variables: GivenVariables): Promise<Entry> {
  return readEntry(argument, variables).catch((error: unknown) => {
    if (!(error instanceof UsageError)) throw error;
    throw new UsageError(`${error.message}; to run it inside, write "vaultproof up -- ${argument}"`);
  });
}

function refuseWithoutEntry({ texts, files, ignore }: GivenVariables & { readonly ignore: readonly string[] }): void {
  if (files.length + ignore.length + Object.keys(texts).length === 0) return;
  throw new UsageError('--var, --var-file and --ignore are for HCL: name its folder, too');
}

async function prepare(
  environment: Environment,
  { example: isExample, withConsul, entry, ignore, urls, signal }: Contents,
): Promise<UpReport> {
  const { issuer, vault } = environment;
  const consul = withConsul ? environment.consul : undefined;
  const jwksUrl = issuer.jwksUrlFor(vault);
  const servers = {
    issuer: { url: issuer.url, jwksUrl, page: `${issuer.url}/` },
    vault: { address: vault.address, token: vault.token },
    consul: consul ? { address: consul.address, token: consul.token } : null,
    impersonation: urls ? { proxy: environment.proxy.url, caPem: environment.proxy.caPem, urls } : null,
  };
  const configurations = (await entry?.declare({ url: issuer.url, jwksUrl }, signal)) ?? [];
  const unknown = urls?.filter((url) => !isKnownVendor(url)) ?? [];
  const declared = unknown.length === 0 ? [] : await declaredKeySets(configurations, ignore);
  for (const url of unknown) {
    const jwksUri = declared.find((one) => URL.canParse(url) && new URL(one).origin === new URL(url).origin);
    await environment.impersonate(url, jwksUri === undefined ? undefined : { jwksUri });
  }
  for (const configuration of configurations) {
    if ('source' in configuration) {
      const { source, ...variables } = configuration;
      const { passedOver } = await environment.applyTerraform(source, { ...variables, ignore });
      for (const { address, reason } of passedOver) note(`passed over "${address}": ${reason}`);
      note(`applied "${source}"`);
    } else {
      await environment.applyJson(configuration.json, configuration.name);
      note(`applied "${configuration.name}"`);
    }
  }
  if (!isExample) return { ...servers, login: null, consulLogin: null };
  await applyExample(environment, { consul: withConsul });
  const exp = Math.floor(Date.now() / 1000) + JWT_LIFETIME_SECONDS;
  const jwt = await issuer.sign({ ...example.claims, exp });
  return {
    ...servers,
    login: { role: example.role, jwt, path: example.path },
    consulLogin: withConsul ? { method: example.method, jwt, key: example.key } : null,
  };
}

/** The `jwks_url`s of configurations, as far as they are written out. */
async function declaredKeySets(
  configurations: readonly (NamedConfiguration | ConfigurationSource)[],
  ignore: readonly string[],
): Promise<readonly string[]> {
  const { readSource } = await import('../harness/hcl/index.js');
  const found = new Set<string>();
  for (const configuration of configurations) {
    const { source, ...variables } = 'source' in configuration ? configuration : { source: undefined };
    const documents = source === undefined ? [configuration] : await readSource(source, { ...variables, ignore });
    for (const document of documents) {
      JSON.stringify(document, (name, value: unknown) => {
        if (name === 'jwks_url' && typeof value === 'string' && URL.canParse(value)) found.add(value);
        return value;
      });
    }
  }
  return [...found];
}

/** The commands to try first. */
function thingsToTry({ issuer, login }: UpReport, found: LoginToTry | undefined, command: string): string[] {
  return [
    'running; Ctrl-C stops everything. Copy the export lines into another shell, and try:',
    `  ${issuer.page} in a browser, to make and check tokens`,
    ...(login === null
      ? [`  ${command} auth list`]
      : [
          `  ${command} write auth/jwt/login role="$VAULTPROOF_ROLE" jwt="$VAULTPROOF_JWT"`,
          '  npx vaultproof login --role "$VAULTPROOF_ROLE" --jwt "$VAULTPROOF_JWT"',
        ]),
    ...(found === undefined
      ? []
      : [
          `  npx vaultproof token --issuer "$ISSUER_URL" --claims ${shellQuoted(JSON.stringify(found.claims))} |`,
          `    npx vaultproof login --mount ${shellQuoted(found.mount)} --role ${shellQuoted(found.role)} --jwt -`,
        ]),
  ];
}

function variables(report: UpReport): Record<string, string> {
  return {
    VAULT_ADDR: report.vault.address,
    VAULT_TOKEN: report.vault.token,
    ...(report.consul && { CONSUL_HTTP_ADDR: report.consul.address, CONSUL_HTTP_TOKEN: report.consul.token }),
    ISSUER_URL: report.issuer.url,
    JWKS_URL: report.issuer.jwksUrl,
    BOUND_ISSUER: report.issuer.url,
    ...(report.login && {
      VAULTPROOF_ROLE: report.login.role,
      VAULTPROOF_JWT: report.login.jwt,
      VAULTPROOF_SECRET_PATH: report.login.path,
    }),
    ...(report.consulLogin && {
      VAULTPROOF_CONSUL_METHOD: report.consulLogin.method,
      VAULTPROOF_CONSUL_KEY: report.consulLogin.key,
    }),
  };
}

/** The folders of the servers' own commands. */
function foldersOf(environment: Environment, withConsul: boolean): string[] {
  const servers = [environment.vault, ...(withConsul ? [environment.consul] : [])];
  return [...new Set(servers.map(({ binFolder }) => binFolder))].filter((folder) => folder !== undefined);
}

/** What a command inside the environment has besides our own variables. */
function inside(folders: readonly string[], report: UpReport): Record<string, string> {
  if (folders.length === 0) return variables(report);
  return { ...variables(report), PATH: [...folders, process.env['PATH'] ?? ''].join(delimiter) };
}

/** The lines to paste into another shell, which has a PATH of its own. */
function exports(folders: readonly string[], report: UpReport): string[] {
  return [
    ...Object.entries(variables(report)).map(([name, value]) => `export ${name}=${shellQuoted(value)}`),
    ...(folders.length === 0 ? [] : [`export PATH=${shellQuoted(folders.join(delimiter))}:"$PATH"`]),
  ];
}

/** As a shell says it. */
const COMMAND_NOT_FOUND = 127;

/** A command, and where it runs. */
interface InsideCommand {
  readonly command: readonly string[];
  /** Variables added to the environment. */
  readonly env: Readonly<Record<string, string>>;
  /** Where its standard output goes. */
  readonly output: 'stdout' | 'stderr';
  readonly interruption: Interruption;
}

/**
 * Runs a command and passes signals on to it: whether they end it is its own affair. It is killed when this process is,
 * and with it what it started. On a terminal it stays in our process group, where Ctrl-C reaches it without us; elsewhere
 * it has a group of its own, whose rest is killed when the command has ended.
 * @returns its exit code; 128 and the signal's number when a signal ended it, 127 when it could not be run
 */
async function runInside({ command, env, output, interruption }: InsideCommand): Promise<number> {
  const [file = '', ...args] = command;
  if (file === '') return notRun(file, 'it has no name');
  const { isTTY } = process.stdin;
  const child = spawn(file, args, {
    stdio: ['inherit', output === 'stdout' ? 'inherit' : 2, 'inherit'],
    env: { ...process.env, ...env },
    detached: !isTTY,
  });
  const { pid } = child;
  const ended = pid === undefined ? [] : [guard('descendants', pid), ...(isTTY ? [] : [guard('process', -pid)])];
  const toGroup = (signal: NodeJS.Signals): void => {
    try {
      if (pid !== undefined) process.kill(-pid, signal);
    } catch {
      // It has just ended.
    }
  };
  interruption.passTo((signal) => {
    if (!isTTY) toGroup(signal);
    else if (signal !== 'SIGINT') child.kill(signal);
  });
  const exitCode = await new Promise<number>((resolve) => {
    child.once('error', (error) => resolve(notRun(file, error.message)));
    child.once('exit', (code, signal) => resolve(code ?? 128 + (signal ? constants.signals[signal] : 0)));
  });
  if (!isTTY) toGroup('SIGKILL');
  for (const end of ended) end();
  return exitCode;
}

function notRun(file: string, reason: string): number {
  note(`"${file}" could not be run: ${reason}`);
  return COMMAND_NOT_FOUND;
}
