import { type GitHubJob, github as githubJob } from 'vaultproof/issuer/presets';
import { ConsulJwtStack } from 'vaultproof/stacks/consul-jwt';
import { expect, test } from 'vaultproof/vitest';
import { github } from './logins.js';

// GitHub signs with RS256.
test.override({ services: { vault: false, consul: true, issuer: { algorithms: ['RS256'] } } });

const deploy: GitHubJob = {
  repository: 'acme/app',
  repositoryId: '74',
  environment: 'production',
  event: 'push',
  audience: 'https://consul.acme.example',
};

const strangers: Readonly<Record<string, GitHubJob>> = {
  'another repository': { ...deploy, repository: 'acme/other', repositoryId: '75' },
  'a fork of the same name': { ...deploy, repository: 'mallory/app', repositoryId: '666' },
  'another environment': { ...deploy, environment: 'staging' },
  'no environment': { ...deploy, claims: { environment: null } },
  'a pull request': { ...deploy, event: 'pull_request' },
};

test('the job that deploys the app gets in, and no other does', async ({ env: { apply, consul, issuer } }) => {
  // The login as it is deployed, with the test's keys in the place of GitHub's.
  const jwksUrl = issuer.jwksUrlFor(consul);
  await apply((app) => new ConsulJwtStack(app, 'github', { ...github, jwksUrl }));

  await using session = await consul.login({ jwt: await issuer.sign(githubJob(deploy)), method: 'github' });
  await session.kv.write('app/version', '1.0.0');
  await expect(session.kv.write('other/version', '1.0.0')).rejects.toMatchObject({ code: 'permission_denied' });

  for (const job of Object.values(strangers)) {
    const jwt = await issuer.sign(githubJob(job));
    await expect(consul.login({ jwt, method: 'github' })).rejects.toMatchObject({ code: 'no_binding_rule_matched' });
  }
  const elsewhere = await issuer.sign(githubJob({ ...deploy, audience: 'https://vault.acme.example' }));
  await expect(consul.login({ jwt: elsewhere, method: 'github' })).rejects.toMatchObject({ code: 'audience_mismatch' });
  const enterprise = await issuer.sign(
    githubJob({ ...deploy, issuer: 'https://github.mallory.example/_services/token' }),
  );
  await expect(consul.login({ jwt: enterprise, method: 'github' })).rejects.toMatchObject({ code: 'issuer_mismatch' });
});
