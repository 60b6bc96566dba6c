/**
 * A Vault and an issuer, with a vendor that is answered for and without: from nothing until both are ready, and from
 * nothing until a token has logged in. With one there is also a CA, a proxy that listens, and an issuer with an RSA key,
 * which is made while the login is applied; without, the issuer has an RSA key of its own from the start. Modules are
 * loaded before the clock starts; stopping is not timed.
 */
import { type Environment, startEnvironment } from 'vaultproof';
import type { Measurement } from './measurement.js';

const vault = { engine: 'process' } as const;
const vendor = 'https://token.actions.githubusercontent.com';
const audience = 'https://vault.acme.example';

interface Kind {
  readonly start: () => Promise<Environment>;
  readonly jwksUrl: (environment: Environment) => string;
  readonly issuer: (environment: Environment) => string;
}

const impersonated: Kind = {
  start: () => startEnvironment({ vault, impersonate: [vendor] }),
  jwksUrl: () => `${vendor}/.well-known/jwks`,
  issuer: () => vendor,
};
const alone: Kind = {
  start: () => startEnvironment({ vault }),
  jwksUrl: ({ issuer, vault }) => issuer.jwksUrlFor(vault),
  issuer: ({ issuer }) => issuer.url,
};
const aloneWithRsa: Kind = { ...alone, start: () => startEnvironment({ vault, issuer: { algorithms: ['RS256'] } }) };

/** How long something takes, in milliseconds, without the stop of what it leaves. */
async function timed(work: () => Promise<Environment>): Promise<number> {
  const begin = performance.now();
  const environment = await work();
  const took = performance.now() - begin;
  await environment.stop();
  return took;
}

async function untilLogin({ start, jwksUrl, issuer }: Kind): Promise<Environment> {
  const environment = await start();
  await environment.applyJson({
    resource: {
      vault_jwt_auth_backend: {
        jwt: { path: 'jwt', jwks_url: jwksUrl(environment), bound_issuer: issuer(environment) },
      },
      vault_jwt_auth_backend_role: {
        ci: {
          backend: `\${vault_jwt_auth_backend.jwt.path}`,
          ...{ role_name: 'ci', role_type: 'jwt', user_claim: 'sub', bound_audiences: [audience] },
        },
      },
    },
  });
  const jwt = await environment.issuer.sign({ sub: 'ci', aud: audience, iss: issuer(environment) }, { alg: 'RS256' });
  await environment.vault.login({ jwt, role: 'ci' });
  return environment;
}

/** See the head of this file. */
export const impersonate: Measurement = {
  name: 'impersonate',
  prepare: async () => {
    await timed(() => untilLogin(impersonated));
    return {
      comparisons: [
        {
          name: 'Vault until it is ready, with a vendor answered for',
          baseline: 'without',
          unit: 'ms',
          target: 1.1,
          ours: () => timed(impersonated.start),
          theirs: () => timed(alone.start),
        },
        {
          name: 'nothing to first login, with a vendor answered for',
          baseline: "with the issuer's own RSA key",
          unit: 'ms',
          target: 1.1,
          ours: () => timed(() => untilLogin(impersonated)),
          theirs: () => timed(() => untilLogin(aloneWithRsa)),
        },
      ],
      notes: () => [],
      [Symbol.asyncDispose]: async () => {},
    };
  },
};
