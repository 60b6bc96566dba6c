import { defineCommand } from 'citty';
import { UsageError, VaultproofError } from '../errors/index.js';
import { commands } from '../harness/binaries/index.js';
import {
  type ConfigurationSource,
  type Environment,
  type NamedConfiguration,
  startEnvironment,
} from '../harness/index.js';
import { SensitiveValues } from '../internal/sensitive-values.js';
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
import { forever, handleInterruption } from './interruption.js';
import { loginsToTry } from './login-to-try.js';
import { mask, note, print } from './output.js';
import { type Entry, readEntry, sayUnmatchedIn } from './read-entry.js';
import { runInside } from './run-inside.js';
import { exportLines, thingsToTry, type UpReport, variablesInside } from './up-report.js';
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
      issuer: {
        dialects: [pageDialect({ logins }), tokenDialect(), signDialect()],
        signInForm: true,
        algorithms: ['ES256', 'RS256'],
      },
      // The others' key sets are where it is declared, which is read below.
      impersonate: urls?.filter(isKnownVendor),
      report: note,
      signal: interruption.signal,
    });
    started = environment;
    interruption.stopFirst(() => environment.stop());
    try {
      const sensitive = new SensitiveValues();
      const contents = { example: isExample, withConsul, entry, ignore, urls, sensitive, signal: interruption.signal };
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
          env: variablesInside(foldersOf(environment, withConsul), report),
          output,
          interruption,
        });
        return;
      }
      interruption.stopFirst(() => environment.stop(), exitCodes.done);
      if (args.json === true) print(JSON.stringify(report));
      else for (const line of exportLines(foldersOf(environment, withConsul), report)) print(line);
      const found = isExample ? [] : sensitive.hideIn(await loginsToTry(vault, report.issuer.url));
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
  /** What is sensitive in it is added. */
  readonly sensitive: SensitiveValues;
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
  { example: isExample, withConsul, entry, ignore, urls, sensitive, signal }: Contents,
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
  await sayUnmatchedIn(configurations, ignore);
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
      const { readSource } = await import('../harness/hcl/index.js');
      for (const one of await readSource(source, { ...variables, ignore })) sensitive.addFrom(one.sensitive);
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

/** The folders of the servers' own commands. */
function foldersOf(environment: Environment, withConsul: boolean): string[] {
  const servers = [environment.vault, ...(withConsul ? [environment.consul] : [])];
  return [...new Set(servers.map(({ binFolder }) => binFolder))].filter((folder) => folder !== undefined);
}
