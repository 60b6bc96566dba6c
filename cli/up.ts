import { spawn } from 'node:child_process';
import { constants } from 'node:os';
import { delimiter } from 'node:path';
import { defineCommand } from 'citty';
import { type Environment, startEnvironment } from '../harness/index.js';
import { applyExample, example } from './example.js';
import { exitCodes } from './exit-codes.js';
import { mask, note, print } from './output.js';
import { stopOnInterrupt, untilInterrupted } from './until-interrupted.js';

const JWT_LIFETIME_SECONDS = 3_600;

/** What `up --json` prints. */
interface UpReport {
  readonly issuer: { readonly url: string; readonly jwksUrl: string };
  readonly vault: { readonly address: string; readonly token: string };
  readonly consul: { readonly address: string; readonly token: string };
  /** A JWT that may log in, for an hour, and the API path of the secret that it may then read; null with `--empty`. */
  readonly login: { readonly role: string; readonly jwt: string; readonly path: string } | null;
}

export const up = defineCommand({
  meta: {
    name: 'up',
    description: 'Leaves an environment running until Ctrl-C, or for as long as CMD runs: vaultproof up [OPTIONS] -- CMD',
  },
  args: {
    json: { type: 'boolean', description: 'One JSON object on standard output instead of export lines' },
    empty: { type: 'boolean', description: 'Applies nothing: no auth method, no secret, no login' },
  },
  run: async ({ args, data }) => {
    const command = Array.isArray(data) ? data.map(String) : [];
    const environment = await startEnvironment({ consul: true, report: note });
    const release = stopOnInterrupt(() => environment.stop());
    try {
      const report = await prepare(environment, args.empty === true);
      for (const secret of [report.vault.token, report.consul.token, report.login?.jwt]) if (secret) mask(secret);
      if (args.json === true) print(JSON.stringify(report));
      if (command.length > 0) {
        process.exitCode = await runInside(command, variables(environment, report), args.json === true);
        return;
      }
      if (args.json !== true) for (const [name, value] of Object.entries(variables(environment, report))) print(exported(name, value));
      note('running; Ctrl-C stops everything');
      release();
      await untilInterrupted();
    } finally {
      await environment.stop();
      release();
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
  if (empty) return { ...servers, login: null };
  await applyExample(environment);
  await vault.seed(example.path, example.secret);
  const exp = Math.floor(Date.now() / 1000) + JWT_LIFETIME_SECONDS;
  const jwt = await issuer.sign({ ...example.claims, exp });
  return { ...servers, login: { role: example.role, jwt, path: example.path } };
}

function variables({ vault, consul }: Environment, report: UpReport): Record<string, string> {
  const folders = new Set([vault.binFolder, consul.binFolder].filter((folder) => folder !== undefined));
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
    ...(folders.size > 0 && { PATH: [...folders, process.env['PATH'] ?? ''].join(delimiter) }),
  };
}

function exported(name: string, value: string): string {
  return `export ${name}='${value.replaceAll("'", "'\\''")}'`;
}

/** Runs a command inside the environment; its output goes to standard error where standard output is taken by JSON. */
async function runInside(command: string[], env: Record<string, string>, json: boolean): Promise<number> {
  const [file = '', ...args] = command;
  const child = spawn(file, args, { stdio: ['inherit', json ? 2 : 'inherit', 'inherit'], env: { ...process.env, ...env } });
  return new Promise((resolve) => {
    child.once('error', (error) => {
      note(`"${file}" could not be run: ${error.message}`);
      resolve(exitCodes.wrongUse);
    });
    // As a shell says it: 128 and the signal's number.
    child.once('exit', (code, signal) => resolve(code ?? 128 + (signal ? constants.signals[signal] : 0)));
  });
}
