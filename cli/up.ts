import { delimiter } from 'node:path';
import { defineCommand } from 'citty';
import { type Environment, startEnvironment } from '../harness/index.js';
import { signDialect, tokenDialect } from '../issuer/index.js';
import { applyExample, example } from './example.js';
import { exitCodes } from './exit-codes.js';
import { forever, handleInterruption } from './interruption.js';
import { mask, note, print } from './output.js';
import { runInside } from './run-inside.js';

const JWT_LIFETIME_SECONDS = 3_600;

/** What `up --json` prints. */
interface UpReport {
  readonly issuer: { readonly url: string; readonly jwksUrl: string };
  readonly vault: { readonly address: string; readonly token: string };
  readonly consul: { readonly address: string; readonly token: string };
  /** A JWT that may log in, for an hour, and the API path of the secret that it may then read; null with `--empty`. */
  readonly login: { readonly role: string; readonly jwt: string; readonly path: string } | null;
  /** The same at Consul: its auth method, the same JWT, and the key that it may then read; null with `--empty`. */
  readonly consulLogin: { readonly method: string; readonly jwt: string; readonly key: string } | null;
}

/** `vaultproof up`: the same environment, left running. */
export const up = defineCommand({
  meta: { name: 'up' },
  args: {
    json: { type: 'boolean', description: 'Print one JSON object in the place of export lines' },
    empty: { type: 'boolean', description: 'Apply nothing: no auth method, no secret, no login' },
  },
  run: async ({ args, data }) => {
    const command = Array.isArray(data) ? data.map(String) : [];
    const interruption = handleInterruption();
    const environment = await startEnvironment({
      consul: true,
      // With RS256, too, as vendors sign.
      issuer: { dialects: [tokenDialect(), signDialect()], algorithms: ['ES256', 'RS256'] },
      report: note,
      signal: interruption.signal,
    });
    interruption.stopFirst(() => environment.stop());
    try {
      const report = await prepare(environment, args.empty === true);
      const { vault, consul } = environment;
      const death = Promise.race([vault.exited, consul.exited]);
      for (const secret of [report.vault.token, report.consul.token, report.login?.jwt]) if (secret) mask(secret);
      if (command.length > 0) {
        if (args.json === true) print(JSON.stringify(report));
        void death.then(({ message }) => note(message));
        const output = args.json === true ? 'stderr' : 'stdout';
        process.exitCode = await runInside({ command, env: inside(environment, report), output, interruption });
        return;
      }
      note('running; Ctrl-C stops everything');
      interruption.stopFirst(() => environment.stop(), exitCodes.done);
      if (args.json === true) print(JSON.stringify(report));
      else for (const line of exports(environment, report)) print(line);
      await forever(death.then((error) => Promise.reject(error)));
    } finally {
      await environment.stop();
    }
  },
});

async function prepare(environment: Environment, empty: boolean): Promise<UpReport> {
  const { issuer, vault, consul } = environment;
  const servers = {
    issuer: { url: issuer.url, jwksUrl: issuer.jwksUrlFor(vault) },
    vault: { address: vault.address, token: vault.token },
    consul: { address: consul.address, token: consul.token },
  };
  if (empty) return { ...servers, login: null, consulLogin: null };
  await applyExample(environment);
  const exp = Math.floor(Date.now() / 1000) + JWT_LIFETIME_SECONDS;
  const jwt = await issuer.sign({ ...example.claims, exp });
  return {
    ...servers,
    login: { role: example.role, jwt, path: example.path },
    consulLogin: { method: example.method, jwt, key: example.key },
  };
}

function variables(report: UpReport): Record<string, string> {
  return {
    VAULT_ADDR: report.vault.address,
    VAULT_TOKEN: report.vault.token,
    CONSUL_HTTP_ADDR: report.consul.address,
    CONSUL_HTTP_TOKEN: report.consul.token,
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
function foldersOf({ vault, consul }: Environment): string[] {
  return [...new Set([vault.binFolder, consul.binFolder])].filter((folder) => folder !== undefined);
}

/** What a command inside the environment has besides our own variables. */
function inside(environment: Environment, report: UpReport): Record<string, string> {
  const folders = foldersOf(environment);
  if (folders.length === 0) return variables(report);
  return { ...variables(report), PATH: [...folders, process.env['PATH'] ?? ''].join(delimiter) };
}

/** The lines to paste into another shell, which has a PATH of its own. */
function exports(environment: Environment, report: UpReport): string[] {
  const folders = foldersOf(environment);
  return [
    ...Object.entries(variables(report)).map(([name, value]) => `export ${name}=${quoted(value)}`),
    ...(folders.length === 0 ? [] : [`export PATH=${quoted(folders.join(delimiter))}:"$PATH"`]),
  ];
}

function quoted(value: string): string {
  return `'${value.replaceAll("'", "'\\''")}'`;
}
