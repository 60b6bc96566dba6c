import { chmod, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import { type Environment, startEnvironment } from 'vaultproof';
import type { TokenClaims } from 'vaultproof/issuer';
import { publicPem } from 'vaultproof/issuer/keys';
import { generateTlsIdentity } from 'vaultproof/issuer/tls';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { findExecutable } from '../../../harness/binaries/index.js';
import { requires } from '../../support/requirement.js';

/** The document's three samples, each with what stands in it for the reader's own. */
const samples = {
  static: {
    own: '<public key PEM>',
    config: {
      BoundIssuer: 'corp-issuer',
      JWTValidationPubKeys: ['<public key PEM>'],
      ClaimMappings: {
        'http://example.com/first_name': 'first_name',
        'http://example.com/last_name': 'last_name',
      },
      ListClaimMappings: { 'http://example.com/groups': 'groups' },
    },
  },
  jwks: {
    own: 'https://my-corp-jwks-url.example.com/',
    config: {
      JWKSURL: 'https://my-corp-jwks-url.example.com/',
      ClaimMappings: {
        'http://example.com/first_name': 'first_name',
        'http://example.com/last_name': 'last_name',
      },
      ListClaimMappings: { 'http://example.com/groups': 'groups' },
    },
  },
  discovery: {
    own: 'https://my-corp-app-name.auth0.com/',
    config: {
      BoundAudiences: ['V1RPi2MYptMV1RPi2MYptMV1RPi2MYpt'],
      OIDCDiscoveryURL: 'https://my-corp-app-name.auth0.com/',
      ClaimMappings: {
        'http://example.com/first_name': 'first_name',
        'http://example.com/last_name': 'last_name',
      },
      ListClaimMappings: { 'http://example.com/groups': 'groups' },
    },
  },
} as const;
type Sample = keyof typeof samples;

const ada = {
  sub: '1',
  aud: null,
  'http://example.com/first_name': 'Ada',
  'http://example.com/last_name': 'Lovelace',
  'http://example.com/groups': ['engineering', 'math'],
};

// Go looks for SSL_CERT_FILE on Linux alone.
beforeEach(requires('linux'));

let env: Environment;
let folder: string;
let path: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'vaultproof-test-'));
  const tls = await generateTlsIdentity();
  const ca = join(folder, 'ca.pem');
  await writeFile(ca, tls.ca);
  // A server has an environment of its own: the executable brings the variable along.
  path = (await findExecutable('consul'))?.path ?? '';
  const executable = join(folder, 'consul');
  await writeFile(executable, `#!/bin/sh\nSSL_CERT_FILE='${ca}' exec '${path}' "$@"\n`);
  await chmod(executable, 0o755);
  const consul = { engine: 'process', executable } as const;
  env = await startEnvironment({ vault: false, consul, issuer: { algorithms: ['RS256'], tls } });
  const slashed = (right: Readonly<Record<string, unknown>>) => ({ ...right, issuer: `${env.issuer.url}/` });
  env.issuer.faults.set('discovery', { body: slashed });
});
afterAll(async () => {
  await env?.stop();
  await rm(folder, { recursive: true, force: true });
});

/** The sample with its own URL or key, and nothing else changed. */
function configOf(sample: Sample): string {
  const { issuer } = env;
  const own = {
    static: publicPem(issuer.keys.active()),
    jwks: issuer.jwksUrl,
    discovery: `${issuer.url}/`,
  };
  const text = JSON.stringify(samples[sample].config);
  return text.replace(JSON.stringify(samples[sample].own), () => JSON.stringify(own[sample]));
}

/** The claims of a token that its sample lets in. */
function claimsFor(sample: Sample): TokenClaims {
  if (sample === 'static') return { ...ada, iss: 'corp-issuer' };
  if (sample === 'jwks') return ada;
  return { ...ada, iss: `${env.issuer.url}/`, aud: 'V1RPi2MYptMV1RPi2MYptMV1RPi2MYpt' };
}

const rule = {
  BindType: 'service',
  BindName: `\${value.first_name}-\${value.last_name}`,
  Selector: '"engineering" in list.groups',
};

/** Runs Consul's own command line, with the management token unless told otherwise. */
function consul(args: readonly string[], token = env.consul.token) {
  const variables = { CONSUL_HTTP_ADDR: env.consul.address, CONSUL_HTTP_TOKEN: token };
  return execa(path, args, { cwd: folder, env: variables, extendEnv: false, reject: false });
}

describe.each(Object.keys(samples) as Sample[])('the sample configuration with %s', (sample) => {
  test('is taken by the command line, which then logs in and out', async () => {
    const name = `cli-${sample}`;
    await writeFile(join(folder, `${name}.json`), configOf(sample));
    const create = ['-type=jwt', `-name=${name}`, `-config=@${name}.json`];
    expect(await consul(['acl', 'auth-method', 'create', ...create])).toMatchObject({ exitCode: 0, stderr: '' });
    const { BindType, BindName, Selector } = rule;
    const bind = [`-bind-type=${BindType}`, `-bind-name=${BindName}`, `-selector=${Selector}`];
    const bound = await consul(['acl', 'binding-rule', 'create', `-method=${name}`, ...bind]);
    expect(bound).toMatchObject({ exitCode: 0 });

    await writeFile(join(folder, 'jwt'), await env.issuer.sign(claimsFor(sample)));
    const login = [`-method=${name}`, '-bearer-token-file=jwt', '-token-sink-file=token', '-meta', 'pod=pod1'];
    expect(await consul(['login', ...login], '')).toMatchObject({ exitCode: 0, stderr: '' });
    const token = await readFile(join(folder, 'token'), 'utf8');
    const self = await consul(['acl', 'token', 'read', '-self', '-format=json'], token);
    expect(JSON.parse(self.stdout)).toMatchObject({
      ServiceIdentities: [{ ServiceName: 'ada-lovelace' }],
      Description: 'token created via login: {"pod":"pod1"}',
      AuthMethod: name,
    });
    expect(await consul(['logout'], token)).toMatchObject({ exitCode: 0 });
    expect(await consul(['acl', 'token', 'read', '-self'], token)).toMatchObject({ exitCode: 1 });
  });

  test('is taken by the API as it stands, and what it has is what was sent', async () => {
    const Name = `api-${sample}`;
    const Config = JSON.parse(configOf(sample)) as object;
    await env.consul.request('PUT', 'acl/auth-method', { Name, Type: 'jwt', Config });
    await env.consul.request('PUT', 'acl/binding-rule', { AuthMethod: Name, ...rule });
    expect(await env.consul.request('GET', `acl/auth-method/${Name}`)).toMatchObject({ Name, Type: 'jwt', Config });
    const login = async (claims: Partial<TokenClaims> = {}) => {
      const jwt = await env.issuer.sign({ ...claimsFor(sample), ...claims });
      return env.consul.login({ jwt, method: Name });
    };
    await using session = await login();
    expect(session).toMatchObject({ serviceIdentities: [{ serviceName: 'ada-lovelace' }], expirationTime: undefined });

    const groups = { 'http://example.com/groups': ['sales'] };
    await expect(login(groups)).rejects.toMatchObject({ code: 'no_binding_rule_matched' });
    const elsewhere = { iss: 'https://elsewhere.example' };
    if (sample === 'jwks') await (await login(elsewhere)).logout();
    else await expect(login(elsewhere)).rejects.toMatchObject({ code: 'issuer_mismatch' });
    const aud = sample === 'discovery' ? 'audience_mismatch' : 'audience_unbound';
    await expect(login({ aud: 'elsewhere' })).rejects.toMatchObject({ code: aud });
    const first = { 'http://example.com/first_name': null };
    await expect(login(first)).rejects.toMatchObject({ code: 'bind_name_invalid', found: '-lovelace' });
  });
});

test('discovery without the slash that is in the issuer is refused when it is written', async () => {
  const Config = { OIDCDiscoveryURL: env.issuer.url };
  const written = env.consul.request('PUT', 'acl/auth-method', { Name: 'no-slash', Type: 'jwt', Config });
  await expect(written).rejects.toMatchObject({
    code: 'request_refused',
    details: { errors: [expect.stringContaining('issuer did not match the issuer returned by provider')] },
  });
});

test('discovery lets in no token whose iss lacks the slash', async () => {
  const Config = JSON.parse(configOf('discovery')) as object;
  await env.consul.request('PUT', 'acl/auth-method', { Name: 'slash', Type: 'jwt', Config });
  const jwt = await env.issuer.sign({ ...claimsFor('discovery'), iss: env.issuer.url });
  await expect(env.consul.login({ jwt, method: 'slash' })).rejects.toMatchObject({
    code: 'issuer_mismatch',
    expected: `${env.issuer.url}/`,
    found: env.issuer.url,
  });
});
