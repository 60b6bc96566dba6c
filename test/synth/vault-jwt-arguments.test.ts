import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import {
  type VaultJwtMethod,
  type VaultJwtRole,
  VaultJwtStack,
  type VaultJwtStackProps,
} from 'vaultproof/stacks/vault-jwt';
import { describe, expect, test } from 'vitest';
import { synthStack } from './synth-stack.js';

/** The arguments of a resource, as the provider's bindings have them: those of the first interface, without Terraform's own. */
function argumentsOf(resource: string): string[] {
  const path = createRequire(import.meta.url).resolve(`@cdktf/provider-vault/lib/${resource}/index.d.ts`);
  const [, body = ''] =
    /export interface \w+Config extends [^{]*\{([\s\S]*?)\n\}/.exec(readFileSync(path, 'utf8')) ?? [];
  return [...body.matchAll(/^ {4}readonly (\w+)\??:/gm)].map(([, name = '']) => name).sort();
}

const snake = (name: string): string => name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);

const reader = { roleName: 'reader', boundSubject: 'vishpat', tokenPolicies: ['default'] };
const common = { boundIssuer: 'https://issuer.example', roles: [reader] } as const;
const jwksUrl = 'https://issuer.example/jwks';

describe('of the auth method', () => {
  const leftOut = {
    id: "Terraform's own",
    type: 'a login with a JWT is of the type "jwt", which is the default',
    oidcClientId: 'only a login by a browser has a client, and Vault takes none without its secret',
    oidcClientSecret: 'it would be stored in the state',
  };
  const taken = {
    path: { path: 'people' },
    description: { description: 'for people' },
    boundIssuer: { boundIssuer: 'https://other.example' },
    jwtSupportedAlgs: { jwtSupportedAlgs: ['RS256'] },
    defaultRole: { defaultRole: 'reader' },
    local: { local: true },
    tune: { tune: [{ defaultLeaseTtl: '1h' }] },
    namespace: { namespace: 'team' },
    namespaceInState: { namespaceInState: false },
    disableRemount: { disableRemount: true },
    providerConfig: { providerConfig: { provider: 'azure' } },
    oidcResponseMode: { oidcResponseMode: 'form_post' },
    oidcResponseTypes: { oidcResponseTypes: ['code'] },
    jwksUrl: { jwksUrl },
    jwksCaPem: { jwksUrl, jwksCaPem: 'CA' },
    jwksPairs: { boundIssuer: undefined, jwksPairs: [{ jwksUrl }], allow: { 'no-bound-issuer': 'tested' } },
    jwtValidationPubkeys: { jwtValidationPubkeys: ['PEM'] },
    oidcDiscoveryUrl: { oidcDiscoveryUrl: 'https://issuer.example' },
    oidcDiscoveryCaPem: { oidcDiscoveryUrl: 'https://issuer.example', oidcDiscoveryCaPem: 'CA' },
  } satisfies Record<string, Partial<Record<AnyKey<VaultJwtMethod>, unknown>>>;

  test('each is taken, or left out for a reason', () => {
    expect([...Object.keys(taken), ...Object.keys(leftOut)].sort()).toEqual(argumentsOf('jwt-auth-backend'));
  });

  test.each(Object.entries(taken))('%s is declared', async (name, props) => {
    const keys = /^(?:jwks|jwtV|oidcD)/.test(name) ? {} : { jwksUrl };
    const declared = { ...common, ...keys, ...props } as unknown as VaultJwtStackProps;
    const { resource } = await synthStack((app) => new VaultJwtStack(app, 'demo', declared));
    expect(resource['vault_jwt_auth_backend']?.['jwt']).toHaveProperty(snake(name));
  });

  test.each(['oidcClientId', 'oidcClientSecret'])('%s is refused, and shows nowhere', async (name) => {
    const declared = { ...common, jwksUrl, [name]: 'canary' } as VaultJwtStackProps;
    const error: Error = await synthStack((app) => new VaultJwtStack(app, 'demo', declared)).then(
      () => new Error('it was taken'),
      (cause: Error) => cause,
    );
    expect(error).toBeInstanceOf(TypeError);
    expect(error.message).toContain('its secret would be stored in the state');
    expect(error.message).not.toContain('canary');
  });
});

describe('of a role', () => {
  const leftOut = {
    id: "Terraform's own",
    backend: "the stack's own",
    roleType: 'always "jwt": the other is refused every login with a JWT',
    disableBoundClaimsParsing: 'what "boundClaims" has decides it',
  };
  const taken: Readonly<Record<string, Partial<VaultJwtRole>>> = {
    roleName: { roleName: 'reader' },
    userClaim: { userClaim: 'email' },
    userClaimJsonPointer: { userClaimJsonPointer: true },
    boundAudiences: { boundAudiences: ['a'] },
    boundSubject: { boundSubject: 'vishpat' },
    boundClaims: { boundClaims: { team: 'red' } },
    boundClaimsType: { boundClaimsType: 'glob' },
    claimMappings: { claimMappings: { team: 'team' } },
    groupsClaim: { groupsClaim: 'groups' },
    clockSkewLeeway: { clockSkewLeeway: 1 },
    expirationLeeway: { expirationLeeway: 1 },
    notBeforeLeeway: { notBeforeLeeway: 1 },
    allowedRedirectUris: { allowedRedirectUris: ['http://127.0.0.1/'] },
    oidcScopes: { oidcScopes: ['groups'] },
    verboseOidcLogging: { verboseOidcLogging: true },
    maxAge: { maxAge: 1 },
    namespace: { namespace: 'team' },
    aliasMetadata: { aliasMetadata: { team: 'red' } },
    tokenTtl: { tokenTtl: 1 },
    tokenMaxTtl: { tokenMaxTtl: 1 },
    tokenExplicitMaxTtl: { tokenExplicitMaxTtl: 1 },
    tokenPeriod: { tokenPeriod: 1 },
    tokenPolicies: { tokenPolicies: ['default'] },
    tokenBoundCidrs: { tokenBoundCidrs: ['127.0.0.1/32'] },
    tokenNoDefaultPolicy: { tokenNoDefaultPolicy: true },
    tokenNumUses: { tokenNumUses: 1 },
    tokenType: { tokenType: 'batch' },
  };

  test('each is taken, or left out for a reason', () => {
    expect([...Object.keys(taken), ...Object.keys(leftOut)].sort()).toEqual(argumentsOf('jwt-auth-backend-role'));
  });

  test.each(Object.entries(taken))('%s is declared', async (name, role) => {
    const roles = [{ ...reader, ...role }] as const;
    const { resource } = await synthStack(
      (app) => new VaultJwtStack(app, 'demo', { kv: {}, ...common, jwksUrl, roles }),
    );
    expect(resource['vault_jwt_auth_backend_role']?.['role-reader']).toHaveProperty(snake(name));
  });
});

/** The names that any member of a union has. */
type AnyKey<Union> = Union extends unknown ? keyof Union : never;
