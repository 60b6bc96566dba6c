import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { execa } from 'execa';
import { decodeJwt, decodeProtectedHeader } from 'jose';
import { fetch, ProxyAgent } from 'undici';
import { githubRunner } from 'vaultproof/issuer/presets';
import { githubActions, githubActionsRole } from 'vaultproof/stacks/presets/github-actions';
import { VaultJwtStack } from 'vaultproof/stacks/vault-jwt';
import { expect, test } from 'vaultproof/vitest';
import { temporaryFolder } from '../../support/temporary-folder.js';

const url = 'https://token.actions.githubusercontent.com';
const audience = 'https://vault.acme.example';
const runner = githubRunner();

test.override({ services: { impersonate: [url], issuer: { dialects: [runner.dialect] } } });

test("GitHub's documented curl line gets a token that Vault takes by the vendor's own URL", async ({ env }) => {
  const props = { roleName: 'ci', repositoryId: '74', ref: 'refs/heads/main', audience, tokenPolicies: ['default'] };
  await env.apply((app) => new VaultJwtStack(app, 'ci', { ...githubActions(), roles: [githubActionsRole(props)] }));
  using job = runner.startJob(env.issuer, { repository: 'acme/app', repositoryId: '74' });

  const ask = `curl -sH "Authorization: bearer $ACTIONS_ID_TOKEN_REQUEST_TOKEN" "$ACTIONS_ID_TOKEN_REQUEST_URL&audience=${audience}"`;
  const { stdout } = await execa(ask, { shell: true, env: job.env });
  const jwt = String(JSON.parse(stdout).value);
  expect(decodeJwt(jwt)).toMatchObject({ iss: url });
  await env.vault.login({ jwt });
});

test("curl fetches the vendor's documents by the proxy, and nothing else", async ({ env }) => {
  const caFile = join(await temporaryFolder(), 'ca.pem');
  await writeFile(caFile, env.proxy.caPem);
  const curl = (...args: readonly string[]) =>
    execa('curl', ['-sS', '--fail', '--proxy', env.proxy.url, '--cacert', caFile, ...args], { reject: false });

  const { stdout } = await curl(`${url}/.well-known/openid-configuration`);
  const discovery = JSON.parse(stdout);
  expect(discovery).toMatchObject({ issuer: url, jwks_uri: `${url}/.well-known/jwks` });
  const { keys } = JSON.parse((await curl(discovery.jwks_uri)).stdout);
  const jwt = await env.issuer.sign({ sub: 'x', aud: null, iss: url });
  expect(keys).toMatchObject([{ kid: decodeProtectedHeader(jwt).kid, alg: 'RS256' }]);

  const elsewhere = await curl('https://idp.example/keys');
  expect(elsewhere.stderr).toMatch(/403/);
  const untrusted = await execa('curl', ['-sS', '--proxy', env.proxy.url, url], { reject: false });
  expect(untrusted.exitCode).not.toBe(0);
  expect(env.proxy.refused).toEqual([{ server: undefined, url: 'https://idp.example:443' }]);
});

test("undici's fetch gets the vendor's keys by the proxy", async ({ env }) => {
  const dispatcher = new ProxyAgent({ uri: env.proxy.url, requestTls: { ca: env.proxy.caPem } });
  const keys = await fetch('https://token.actions.githubusercontent.com/.well-known/jwks', { dispatcher });
  expect(keys.status).toBe(200);
  await dispatcher.close();
});
