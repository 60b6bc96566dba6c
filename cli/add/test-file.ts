import { UsageError } from '../../errors/index.js';
import { type ConsulExample, consulPresetExamples, plainConsulExample } from './consul-examples.js';
import { type Example, plainExample, presetExamples } from './examples.js';
import type { Project } from './project.js';
import { type CopiedFile, camelCase, literal, testHeader } from './render.js';

/** What a copied test is about. */
interface TestSubject {
  readonly stack: string;
  /** The name of the stack's class. */
  readonly className: string;
  readonly preset?: string | undefined;
}

/**
 * A vitest test that proves a copied stack, beside it. In a CommonJS project it is `.mts`: vitest is ESM, and neither
 * the stock tsconfig nor the stock Jest takes such a file for its own.
 * @throws UsageError for a preset that has no example
 */
export function renderTest({ stack, className, preset }: TestSubject, project: Project): CopiedFile {
  const example = preset === undefined ? plainExample : presetExamples[preset];
  if (example === undefined) throw new UsageError(`there is no test for the preset "${preset}", leave --test out`);
  const extension = project.isEsm ? '.js' : '';
  const imports = [
    `import { strangers } from 'vaultproof';`,
    `import { expect, test } from 'vaultproof/vitest';`,
    ...(preset === undefined
      ? []
      : [`import { ${camelCase(preset)}, ${camelCase(preset)}Role } from './presets/${preset}${extension}';`]),
    `import { ${className} } from './${stack}${extension}';`,
  ];
  const text = `${testHeader()}${imports.join('\n')}

// Yours to change: whose tokens Vault accepts, who gets in, and what they may read. Move them into a file that your main.ts
// imports, too, so that the test proves what you deploy.
const backend = ${backendOf(example, preset)};
const role = ${roleOf(example, preset)};
const policies = [{ name: 'deploy', rules: [{ secrets: 'app/*', access: ['read' as const] }] }];

/** The claims of a token that must get in. */
const token = ${literal(example.token)};

// The issuers that vendors run sign with RS256; this one does so in their place.
test.override({ fileServices: { vault: true, issuer: { algorithms: ['RS256'] } } });

test.beforeAll(async ({ fileEnv: { issuer, vault, apply } }) => {
  const jwksUrl = issuer.jwksUrlFor(vault);
  await apply((app) => new ${className}(app, 'proof', { ...backend, jwksUrl, roles: [role], policies, kv: {} }));
  await vault.seed('kv/app/test', { username: 'X' });
}, 60_000);

test('the token that must get in reads the secret', async ({ fileEnv: { issuer, vault } }) => {
  const session = await vault.login({ jwt: await issuer.sign(token) });
  expect(await session.read('kv/app/test')).toEqual({ username: 'X' });
});

// For each bound of the role, a token that differs in it alone.
test.for(strangers({ ...backend, ...role }, token))('$who stays out', async (stranger, { fileEnv: { issuer, vault } }) => {
  const { claims, code, claim } = stranger;
  await expect(vault).toRefuse(await issuer.sign(claims), { code, claim });
});
`;
  return { path: `${stack}.test.${project.isEsm ? 'ts' : 'mts'}`, text };
}

function backendOf({ backend }: Example, preset: string | undefined): string {
  if (preset === undefined) return literal(backend ?? {});
  return `${camelCase(preset)}(${backend === undefined ? '' : literal(backend)})`;
}

function roleOf({ role }: Example, preset: string | undefined): string {
  const props = literal({ roleName: 'deploy', ...role, tokenPolicies: ['deploy'] });
  return preset === undefined ? props : `${camelCase(preset)}Role(${props})`;
}

/**
 * A vitest test that proves a copied stack of Consul's, beside it, as that of Vault's.
 * @throws UsageError for a preset that has no example
 */
export function renderConsulTest({ stack, className, preset }: TestSubject, project: Project): CopiedFile {
  const example = preset === undefined ? plainConsulExample : consulPresetExamples[preset];
  if (example === undefined) throw new UsageError(`there is no test for the preset "${preset}", leave --test out`);
  const extension = project.isEsm ? '.js' : '';
  const file = `consul-${preset}`;
  const imports = [
    `import { strangers } from 'vaultproof';`,
    `import { expect, test } from 'vaultproof/vitest';`,
    `import { ${className} } from './${stack}${extension}';`,
    ...(preset === undefined ? [] : [`import { ${camelCase(file)} } from './presets/${file}${extension}';`]),
  ];
  const text = `${testHeader()}${imports.join('\n')}

// Yours to change: whose tokens Consul accepts, who gets in, and what they may read. Move them into a file that your main.ts
// imports, too, so that the test proves what you deploy.
const login = ${loginOf(example, preset === undefined ? undefined : camelCase(file))};
const roles = [{ name: '${example.role}', policies: ['app'] }];
const policies = [{ name: 'app', rules: 'key_prefix "app/" { policy = "read" }' }];

/** The claims of a token that must get in. */
const token = ${literal(example.token)};

// The issuers that vendors run sign with RS256; this one does so in their place.
test.override({ fileServices: { vault: false, consul: true, issuer: { algorithms: ['RS256'] } } });

test.beforeAll(async ({ fileEnv: { issuer, consul, apply } }) => {
  const jwksUrl = issuer.jwksUrlFor(consul);
  await apply((app) => new ${className}(app, 'proof', { ...login, jwksUrl, roles, policies }));
  await consul.kv.write('app/test', 'X');
}, 60_000);

test('the token that must get in reads the key', async ({ fileEnv: { issuer, consul } }) => {
  const session = await consul.login({ jwt: await issuer.sign(token), method: login.name });
  expect(session.roles).toEqual(['${example.role}']);
  expect(await session.kv.read('app/test')).toBe('X');
});

// For each bound of the login, a token that differs in it alone.
test.for(strangers(login, token))('$who stays out', async ({ claims, code }, { fileEnv: { issuer, consul } }) => {
  await expect(consul).toRefuse(await issuer.sign(claims), { method: login.name, code });
});
`;
  return { path: `${stack}.test.${project.isEsm ? 'ts' : 'mts'}`, text };
}

function loginOf({ login }: ConsulExample, preset: string | undefined): string {
  return preset === undefined ? `${literal(login)} as const` : `${preset}(${literal(login)})`;
}

/** A vitest test that proves a copied stack of logins in a browser, beside it, as that of JWTs. */
export function renderOidcTest({ stack, className }: TestSubject, project: Project): CopiedFile {
  const extension = project.isEsm ? '.js' : '';
  const imports = [
    `import { strangers } from 'vaultproof';`,
    `import { expect, test } from 'vaultproof/vitest';`,
    `import { ${className} } from './${stack}${extension}';`,
  ];
  const text = `${testHeader()}${imports.join('\n')}

// Yours to change: where people sign in, who gets in, and what they may read. Move it into a file that your main.ts imports,
// too, so that the test proves what you deploy.
const role = {
  roleName: 'people',
  allowedRedirectUris: ['http://localhost:8250/oidc/callback'],
  boundClaims: { groups: 'engineering' },
  oidcScopes: ['groups'],
  tokenPolicies: ['app'],
};
const login = {
  oidcDiscoveryUrl: 'https://idp.example.com',
  oidcClientId: 'vault',
  roles: [role],
  policies: [{ name: 'app', rules: [{ secrets: 'app/*', access: ['read' as const] }] }],
  kv: {},
};

/** What the provider says of a person who must get in. */
const claims = { sub: '00u1', iss: login.oidcDiscoveryUrl, aud: login.oidcClientId, groups: ['engineering'] };

// The issuer answers for the provider's URL.
test.override({ fileServices: { vault: true, impersonate: [login.oidcDiscoveryUrl] } });

test.beforeAll(async ({ fileEnv: { vault, apply } }) => {
  await apply((app) => new ${className}(app, 'proof', login), { variables: { oidc_client_secret: 'any' } });
  await vault.seed('kv/app/test', { username: 'X' });
}, 60_000);

test('the person who must get in reads the secret', async ({ fileEnv: { issuer, vault } }) => {
  const session = await vault.loginWithOidc({ signIn: (authUrl) => issuer.signIn(authUrl, claims) });
  expect(await session.read('kv/app/test')).toEqual({ username: 'X' });
});

// For each bound of the role, a person who differs in it alone.
const oidcClient = { id: login.oidcClientId, discoveryUrl: login.oidcDiscoveryUrl };
test.for(strangers({ ...role, flow: 'oidc', oidcClient }, claims))('$who stays out', async (stranger, { fileEnv: { issuer, vault } }) => {
  const { claims, code, claim } = stranger;
  const attempt = vault.loginWithOidc({ signIn: (authUrl) => issuer.signIn(authUrl, claims) });
  await expect(attempt).rejects.toMatchObject({ code, claim });
});
`;
  return { path: `${stack}.test.${project.isEsm ? 'ts' : 'mts'}`, text };
}
