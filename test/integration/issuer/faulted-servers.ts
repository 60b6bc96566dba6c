import { type Environment, LoginRefusedError } from 'vaultproof';
import type { DocumentName } from 'vaultproof/issuer/faults';
import { expect } from 'vitest';
import { type ConsulAcl, mountConsulJwt } from '../../support/consul-jwt.js';
import type { Outcome } from './faults-outcomes.js';

/** Where a server finds the keys. */
export interface Trust {
  readonly document: DocumentName;
  /** The key set's URL, or the issuer's for discovery. */
  readonly url: string;
  /** The CA of an HTTPS URL, as PEM. */
  readonly ca?: string | undefined;
}

/** One of the two servers: whatever it answers is the words of its refusal, or `ok`. */
export interface FaultedServer {
  /** Mounts a login for tokens for "damage_inc", about "vishpat" in Consul. */
  configure(name: string, trust: Trust): Promise<string>;
  login(name: string, jwt: string): Promise<string>;
}

/** Both servers. */
export type FaultedServers = Readonly<Record<'vault' | 'consul', FaultedServer>>;

/** Both servers of an environment. */
export function faultedServers({ vault }: Pick<Environment, 'vault'>, acl: ConsulAcl): FaultedServers {
  return {
    vault: {
      configure: async (name, { document, url, ca = '' }) => {
        const config =
          document === 'jwks'
            ? { jwks_url: url, jwks_ca_pem: ca }
            : { oidc_discovery_url: url, oidc_discovery_ca_pem: ca };
        await vault.request('POST', `sys/auth/${name}`, { type: 'jwt' });
        const answer = await vault.request('POST', `auth/${name}/config`, config).then(() => 'ok', messageOf);
        const role = { role_type: 'jwt', user_claim: 'sub', bound_audiences: ['damage_inc'] };
        await vault.request('POST', `auth/${name}/role/reader`, role);
        return answer;
      },
      login: (name, jwt) =>
        vault.login({ jwt, mount: name, role: 'reader' }).then(
          () => 'ok',
          (error: unknown) => (error instanceof LoginRefusedError ? error.code : messageOf(error)),
        ),
    },
    consul: {
      configure: (name, { document, url, ca = '' }) => {
        const config =
          document === 'jwks' ? { JWKSURL: url, JWKSCACert: ca } : { OIDCDiscoveryURL: url, OIDCDiscoveryCACert: ca };
        const bound = { JWTSupportedAlgs: ['ES256'], BoundAudiences: ['damage_inc'] };
        return mountConsulJwt(acl, name, 'vishpat', { ...config, ...bound }).then(() => 'ok', messageOf);
      },
      login: async (name, jwt) => {
        const answer = await acl.login(name, jwt);
        return 'message' in answer ? answer.message : 'ok';
      },
    },
  };
}

function messageOf(error: unknown): string {
  if (error instanceof Error) return error.message;
  throw error;
}

/** What an answer must be equal to. */
export function matching(outcome: Outcome): unknown {
  return typeof outcome === 'string' ? outcome : expect.stringMatching(outcome);
}
