import { github, gitlab } from 'vaultproof/issuer/presets';
import { githubActions, githubActionsRole } from 'vaultproof/stacks/presets/github-actions';
import { gitlabCi, gitlabCiRole } from 'vaultproof/stacks/presets/gitlab-ci';
import { VaultJwtStack } from 'vaultproof/stacks/vault-jwt';
import { expect, test } from 'vaultproof/vitest';

const audience = 'https://vault.acme.example';
// The engine is the company's: the logins read from it, and neither makes it or takes it away.
const kv = { path: 'kv', existing: true };

test('jobs of GitHub and of GitLab each read what is theirs', async ({ env }) => {
  const { vault, issuer } = env;
  await vault.request('POST', 'sys/mounts/kv', { type: 'kv', options: { version: '2' } });
  await vault.seed('kv/app/db', { password: 'A' });
  await vault.seed('kv/site/cdn', { key: 'B' });

  const jwksUrl = issuer.jwksUrlFor(vault);
  await env.apply((app) => {
    new VaultJwtStack(app, 'github', {
      ...githubActions(),
      jwksUrl,
      path: 'github',
      roles: [
        githubActionsRole({
          roleName: 'app',
          repositoryId: '74',
          ref: 'refs/heads/main',
          audience,
          tokenPolicies: ['app-read'],
        }),
      ],
      policies: [{ name: 'app-read', rules: [{ secrets: 'app/*', access: ['read'] }] }],
      kv,
    });
    new VaultJwtStack(app, 'gitlab', {
      ...gitlabCi(),
      jwksUrl,
      path: 'gitlab',
      roles: [gitlabCiRole({ roleName: 'site', projectId: '20', ref: 'main', audience, tokenPolicies: ['site-read'] })],
      policies: [{ name: 'site-read', rules: [{ secrets: 'site/*', access: ['read'] }] }],
      kv,
    });
  });

  const job = await issuer.sign(github({ repository: 'acme/app', repositoryId: '74', audience }));
  const pipeline = await issuer.sign(
    gitlab({ project: 'acme/site', projectId: '20', ref: 'main', refProtected: true, audience }),
  );
  const app = await vault.login({ jwt: job, mount: 'github' });
  const site = await vault.login({ jwt: pipeline, mount: 'gitlab' });
  expect(await app.read('kv/app/db')).toEqual({ password: 'A' });
  expect(await site.read('kv/site/cdn')).toEqual({ key: 'B' });
  await expect(app.read('kv/site/cdn')).rejects.toMatchObject({ code: 'permission_denied' });
  await expect(site.read('kv/app/db')).rejects.toMatchObject({ code: 'permission_denied' });

  // Neither vendor's tokens get in at the other's door.
  await expect(vault).toRefuse(job, { mount: 'gitlab', code: 'issuer_mismatch' });
  await expect(vault).toRefuse(pipeline, { mount: 'github', code: 'issuer_mismatch' });
});
