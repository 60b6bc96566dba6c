import { type Dialect, generateSigningKey, type StartedIssuer, startIssuer } from 'vaultproof/issuer';
import {
  appMeshDialect,
  authTokenDialect,
  getTokenDialect,
  pageDialect,
  signDialect,
  tokenDialect,
} from 'vaultproof/issuer/endpoints';
import { privatePem } from 'vaultproof/issuer/keys';
import { githubRunner } from 'vaultproof/issuer/presets';
import { fixedUsers, hashPassword } from 'vaultproof/issuer/users';

/** What no answer may have. */
export interface Canaries {
  readonly adminToken: string;
  readonly clientSecret: string;
  readonly password: string;
  readonly totpSecret: string;
}

export const canaries: Canaries = {
  adminToken: 'canary-admin-token-of-thirty-two-characters',
  clientSecret: 'canary-client-secret',
  password: 'canary-password',
  totpSecret: 'CANARYGNBVGY3TQOJQGEZDGNBVGY3TQO',
};

/** An issuer with every dialect, users of each kind, and an issuer below a path. */
export async function startFuzzedIssuer(): Promise<{
  readonly issuer: StartedIssuer;
  readonly dialects: readonly Dialect[];
  /** Private keys and hashes that no answer may have either. */
  readonly secrets: readonly string[];
}> {
  const own = await generateSigningKey('ES256');
  const hash = await hashPassword(canaries.password, { N: 16, r: 1, p: 1 });
  const users = await fixedUsers({
    Roles: { view: ['app-view'] },
    Users: {
      bob: { key: hash, roles: ['view'] },
      plain: { key: canaries.password },
      careful: { key: hash, mfa_enabled: true, mfa_key: canaries.totpSecret },
    },
  });
  const runner = githubRunner();
  const clients = [{ id: 'ci', secret: canaries.clientSecret, scopes: ['read'] }];
  const dialects = [
    pageDialect(),
    tokenDialect({ clients }),
    authTokenDialect(),
    getTokenDialect({ keyFor: (id) => (id === 'kan_soki' ? own : undefined) }),
    signDialect(),
    appMeshDialect({ users }),
    runner.dialect,
  ];
  const issuer = await startIssuer({ algorithms: ['ES256', 'EdDSA'], dialects, admin: { token: canaries.adminToken } });
  runner.startJob(issuer, { repository: 'acme/app' });
  await issuer.addIssuer('/tenant-a');
  const pems = [own, ...issuer.keys.published()].map((key) => privatePem(key).split('\n')[1] ?? '');
  return { issuer, dialects, secrets: [...pems, hash.slice(hash.lastIndexOf('$') + 1)] };
}
