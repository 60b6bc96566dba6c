import { join } from 'node:path';
import { execa } from 'execa';
import { startEnvironment } from 'vaultproof';
import { expect, onTestFinished, test } from 'vitest';
import { reservePorts } from '../../../harness/engines/index.js';

const JSON_OUT = ['-format=json', 'skip_browser=true'];

test('the command line of the server logs in by the form that a browser shows', async () => {
  await using env = await startEnvironment({ vault: { engine: 'process' }, issuer: { signInForm: true } });
  const { vault, issuer } = env;
  await env.applyJson({
    resource: {
      vault_jwt_auth_backend: {
        oidc: {
          path: 'oidc',
          type: 'oidc',
          oidc_discovery_url: issuer.discoveryUrlFor(vault),
          oidc_client_id: 'vault',
          oidc_client_secret: 'x',
        },
      },
      vault_jwt_auth_backend_role: {
        people: {
          backend: `\${vault_jwt_auth_backend.oidc.path}`,
          role_name: 'people',
          user_claim: 'sub',
          bound_claims: { groups: 'staff' },
          oidc_scopes: ['groups'],
          allowed_redirect_uris: ['http://localhost:8250/oidc/callback'],
          token_policies: ['reader'],
        },
      },
    },
  });
  const { ports, release } = await reservePorts(1);
  onTestFinished(release);
  const login = async (sign: (authUrl: string) => Promise<Response>) => {
    const executable = vault.product === 'openbao' ? 'bao' : 'vault';
    const child = execa(
      join(vault.binFolder ?? '', executable),
      ['login', '-no-store', '-method=oidc', ...JSON_OUT, `port=${ports[0]}`, 'role=people'],
      { env: { VAULT_ADDR: vault.address, BAO_ADDR: vault.address, VAULT_TOKEN: '' }, all: true, reject: false },
    );
    const authUrl = await new Promise<string>((resolve, reject) => {
      let written = '';
      child.all.on('data', (chunk) => {
        written += chunk;
        const [found] = /http:\S+\/oidc\/authorize\S+(?=\s)/.exec(written) ?? [];
        if (found !== undefined) resolve(found);
      });
      child.all.on('end', () => reject(new Error(written)));
    });
    await sign(authUrl);
    return child;
  };
  const submit = (authUrl: string, fields: Record<string, string>) =>
    fetch(authUrl, { method: 'POST', body: new URLSearchParams(fields) });

  const done = await login(async (authUrl) => {
    const form = await (await fetch(authUrl)).text();
    expect(form).toContain('The client <b>vault</b> asks who you are, for the scope "openid groups"');
    const wrong = await submit(authUrl, { claims: '{"sub": "ada"' });
    expect([wrong.status, await wrong.text()]).toEqual([400, expect.stringContaining('the claims are not JSON')]);
    return submit(authUrl, { claims: '{"sub": "ada", "groups": ["staff"]}' });
  });
  expect(JSON.parse(done.stdout)).toMatchObject({ auth: { policies: ['default', 'reader'] } });

  const stranger = await login((authUrl) => submit(authUrl, { claims: '{"sub": "bob", "groups": []}' }));
  expect([stranger.exitCode, stranger.all]).toEqual([
    2,
    expect.stringContaining('does not match any associated bound'),
  ]);
  const refused = await login((authUrl) => submit(authUrl, { refuse: '1' }));
  expect([refused.exitCode, refused.all]).toEqual([2, expect.stringContaining('No code or id_token received')]);
});

test('the form takes nothing from a page of another site', async () => {
  await using env = await startEnvironment({ issuer: { signInForm: true }, vault: { engine: 'process' } });
  const query = 'response_type=code&client_id=a&redirect_uri=http://127.0.0.1:9/';
  const answer = await fetch(`${env.issuer.url}/oidc/authorize?${query}`, {
    method: 'POST',
    headers: { origin: 'https://mallory.example' },
    body: new URLSearchParams({ claims: '{"sub":"ada"}' }),
    redirect: 'manual',
  });
  expect(answer.status).toBe(403);
});
