import {
  directProvisioner,
  type HttpClient,
  loginToVault,
  startVaultCluster,
  terraformProvisioner,
  type VaultCluster,
} from 'vaultproof';
import { type StartedIssuer, startIssuer } from 'vaultproof/issuer';
import { afterAll, beforeAll, describe, expect, onTestFinished, test, vi } from 'vitest';
import { vaultRequest } from '../../../harness/api/vault-api.js';
import { cli } from '../../support/cli.js';
import { requiresProviders } from '../../support/terraform-provider.js';
import { ofProduct } from '../../support/vault-of-tests.js';

const START_MS = 60_000;

/** A Vault of a cluster, with the token of all. */
interface Node {
  readonly address: string;
  readonly client: HttpClient;
  readonly token: string;
}

let cluster: VaultCluster;
let active: Node;
let standby: Node;
let issuer: StartedIssuer;
beforeAll(async () => {
  [cluster, issuer] = await Promise.all([startVaultCluster({ nodes: 2 }), startIssuer()]);
  const { token } = cluster;
  [active, standby] = cluster.nodes.map(({ address, client }) => ({ address, client, token })) as [Node, Node];
}, START_MS);
afterAll(async () => {
  await cluster?.stop();
  await issuer?.stop();
});

const good = (): Promise<string> => issuer.sign({ sub: 'vishpat', aud: 'damage_inc' });

const policy = { '//': { metadata: { path: 'demo/policy' } }, name: 'reader', policy: 'path "x" {}' };
const configuration = {
  terraform: { required_providers: { vault: { source: 'hashicorp/vault' } } },
  provider: { vault: [{}] },
  resource: { vault_policy: { reader: policy } },
};

const direct = ({ client, token }: Pick<Node, 'client' | 'token'>) =>
  directProvisioner({ vault: (method, path, json) => vaultRequest(client, token, method, path, json) });

function terraform({ address, token }: Node) {
  const provisioner = terraformProvisioner({ vault: { address, token } });
  onTestFinished(() => provisioner.stop());
  return provisioner;
}

/** As a load balancer sends requests that a standby is not to hand on. */
function withoutForwarding({ client, token }: Node): Pick<Node, 'client' | 'token'> {
  const request: HttpClient['request'] = (method, path, sent) =>
    client.request(method, path, { ...sent, headers: { ...sent?.headers, 'x-vault-no-request-forwarding': 'true' } });
  return { client: { ...client, request }, token };
}

const failure = (work: Promise<unknown>): Promise<unknown> =>
  work.then(
    () => 'it was done',
    (error: unknown) => error,
  );

describe('a standby that hands requests on', () => {
  test('is applied to, and logged in at, like any other', async () => {
    const jwks_url = issuer.jwksUrlFor({ hostName: '127.0.0.1', hostAddress: undefined });
    const role = { role_type: 'jwt', user_claim: 'sub', bound_audiences: ['damage_inc'], token_policies: ['reader'] };
    const reader = { backend: `\${vault_jwt_auth_backend.jwt.path}`, role_name: 'reader', ...role };
    // OpenBao's standby answers by what it has heard of so far, which a new mount is not.
    await direct(ofProduct({ vault: standby, openbao: active })).apply('demo', {
      resource: { vault_jwt_auth_backend: { jwt: { jwks_url } }, vault_jwt_auth_backend_role: { reader } },
    });
    const { client, token } = active;
    expect((await vaultRequest(client, token, 'GET', 'auth/jwt/role/reader'))['data']).toMatchObject({
      token_policies: ['reader'],
    });

    await vi.waitFor(() => vaultRequest(standby.client, standby.token, 'GET', 'auth/jwt/role/reader'), START_MS);
    const { stdout } = await cli(['login', '--jwt', '-', '--role', 'reader', '--json'], {
      env: { VAULT_ADDR: standby.address },
      input: await good(),
    });
    expect(JSON.parse(stdout)).toMatchObject({ found: 'ok', role: 'reader' });
  });

  test('is applied to by terraform', async (context) => {
    await requiresProviders('vault')(context);
    const other = { ...policy, name: 'by-terraform' };
    const json = { ...configuration, resource: { vault_policy: { reader: other } } };
    expect(await terraform(standby).apply('demo', json)).toMatchObject({ created: ['vault_policy.reader'] });
  });
});

test('a standby that must not hand a request on names the active one, and nothing follows it there', async () => {
  const alone = withoutForwarding(standby);
  const details = { status: 307, activeNode: active.address };
  // OpenBao's standby reads for itself, and verifies tokens, too.
  const read = await failure(vaultRequest(alone.client, alone.token, 'GET', 'sys/auth'));
  const refused = expect.objectContaining({ code: 'vault_standby', details: expect.objectContaining(details) });
  expect(read).toEqual(ofProduct<unknown>({ vault: refused, openbao: 'it was done' }));
  const json = { resource: { vault_policy: { other: { ...policy, name: 'other' } } } };
  await expect(direct(alone).apply('redirected', json)).rejects.toMatchObject({
    code: 'vault_standby',
    details: { constructPath: 'demo/policy', path: 'sys/policies/acl/other', activeNode: active.address },
  });
  await expect(loginToVault(alone.client, { jwt: await good(), role: 'reader' })).rejects.toMatchObject({
    code: 'vault_standby',
    details,
  });
  expect(await failure(loginToVault(alone.client, { jwt: 'x.y.z', role: 'reader' }))).toMatchObject(
    ofProduct<object>({ vault: { code: 'vault_standby', details }, openbao: { code: 'token_malformed' } }),
  );
  const { client, token } = active;
  const { data } = await vaultRequest(client, token, 'GET', 'sys/policies/acl?list=true');
  expect((data as { keys: string[] }).keys).not.toContain('other');
});

describe.each([
  ['has just gone', () => cluster.nodes[0]?.kill()],
  [
    'is not known',
    async () => {
      await Promise.all(cluster.nodes.map((node) => node.kill()));
      await cluster.nodes[1]?.restart();
    },
  ],
])('a standby whose active node %s', (_how, lose) => {
  beforeAll(async () => {
    await lose();
  }, START_MS);

  test('is named as that by the direct provisioner, by one apply as by the next', async () => {
    const provisioner = direct(standby);
    for (const _attempt of ['first', 'second']) {
      await expect(provisioner.apply('demo', configuration)).rejects.toMatchObject({
        code: 'vault_standby',
        details: { constructPath: 'demo/policy', method: 'PUT', path: 'sys/policies/acl/reader' },
      });
    }
  });

  test('is named as that by the terraform provisioner', async (context) => {
    await requiresProviders('vault')(context);
    await expect(terraform(standby).apply('demo', configuration)).rejects.toMatchObject({
      code: 'vault_standby',
      details: { constructPath: 'demo/policy' },
    });
  });

  test('is no refusal of a token', async () => {
    expect(await failure(loginToVault(standby.client, { jwt: await good(), role: 'reader' }))).toMatchObject({
      code: 'vault_standby',
    });
    expect(await failure(loginToVault(standby.client, { jwt: 'x.y.z', role: 'reader' }))).toMatchObject({
      code: ofProduct({ vault: 'vault_standby', openbao: 'token_malformed' }),
    });
    const args = ['login', '--jwt', '-', '--role', 'reader', '--json', '--address', standby.address];
    const { stdout, exitCode } = await cli(args, { input: await good() });
    expect(JSON.parse(stdout)).toMatchObject({ error: { code: 'vault_standby' } });
    expect(exitCode).toBe(3);
  });
});
