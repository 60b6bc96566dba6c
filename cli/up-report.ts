import { delimiter } from 'node:path';
import type { LoginToTry } from './login-to-try.js';
import { shellQuoted } from './shell.js';

/** What `up --json` prints. */
export interface UpReport {
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

/** The commands to try first. */
export function thingsToTry({ issuer, login }: UpReport, found: readonly LoginToTry[], command: string): string[] {
  return [
    'running; Ctrl-C stops everything. Copy the export lines into another shell, and try:',
    `  ${issuer.page} in a browser, to make and check tokens`,
    ...(login === null
      ? [`  ${command} auth list`]
      : [
          `  ${command} write auth/jwt/login role="$VAULTPROOF_ROLE" jwt="$VAULTPROOF_JWT"`,
          '  npx vaultproof login --role "$VAULTPROOF_ROLE" --jwt "$VAULTPROOF_JWT"',
        ]),
    ...found.flatMap((one) => loginLines(one, command)),
  ];
}

function loginLines({ mount, role, inBrowser, claims }: LoginToTry, command: string): string[] {
  const json = JSON.stringify(claims);
  if (inBrowser) {
    return [
      `  ${command} login -no-store -method=oidc -path=${shellQuoted(mount)} role=${shellQuoted(role)}`,
      `    and give the form in the browser the claims ${json}`,
    ];
  }
  return [
    `  npx vaultproof token --issuer "$ISSUER_URL" --claims ${shellQuoted(json)} |`,
    `    npx vaultproof login --mount ${shellQuoted(mount)} --role ${shellQuoted(role)} --jwt -`,
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

/** What a command inside the environment has besides our own variables. */
export function variablesInside(folders: readonly string[], report: UpReport): Record<string, string> {
  if (folders.length === 0) return variables(report);
  return { ...variables(report), PATH: [...folders, process.env['PATH'] ?? ''].join(delimiter) };
}

/** The lines to paste into another shell, which has a PATH of its own. */
export function exportLines(folders: readonly string[], report: UpReport): string[] {
  return [
    ...Object.entries(variables(report)).map(([name, value]) => `export ${name}=${shellQuoted(value)}`),
    ...(folders.length === 0 ? [] : [`export PATH=${shellQuoted(folders.join(delimiter))}:"$PATH"`]),
  ];
}
