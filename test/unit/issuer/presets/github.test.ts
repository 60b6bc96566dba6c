import { decodeJwt, decodeProtectedHeader } from 'jose';
import { createIssuer, type Issuer } from 'vaultproof/issuer';
import { type GitHubJob, github } from 'vaultproof/issuer/presets';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';

let issuer: Issuer;

beforeAll(async () => {
  // A clock that stands still.
  vi.useFakeTimers({ toFake: ['Date'], now: 1_632_493_567_000 });
  issuer = await createIssuer('http://127.0.0.1:1', { algorithms: ['ES256', 'RS256'] });
});
afterAll(() => {
  vi.useRealTimers();
});

async function claimsOf(job: Partial<GitHubJob>): Promise<Record<string, unknown>> {
  const ids = { repositoryId: '74', ownerId: '65' };
  return decodeJwt(await issuer.sign(github({ repository: 'octo-org/octo-repo', ...ids, ...job })));
}

test('a token has GitHub’s claims, as strings, and counts from 10 minutes before until 5 minutes after', async () => {
  expect(await claimsOf({ environment: 'prod', enterprise: 'avocado-corp', enterpriseId: '2' })).toEqual({
    jti: expect.stringMatching(/^[0-9a-f-]{36}$/),
    sub: 'repo:octo-org@65/octo-repo@74:environment:prod',
    aud: 'https://github.com/octo-org',
    iss: 'https://token.actions.githubusercontent.com',
    nbf: 1_632_492_967,
    iat: 1_632_493_567,
    exp: 1_632_493_867,
    repository: 'octo-org/octo-repo',
    repository_owner: 'octo-org',
    repository_id: '74',
    repository_owner_id: '65',
    repository_visibility: 'private',
    enterprise: 'avocado-corp',
    enterprise_id: '2',
    environment: 'prod',
    ref: 'refs/heads/main',
    ref_type: 'branch',
    ref_protected: 'false',
    sha: expect.stringMatching(/^[0-9a-f]{40}$/),
    event_name: 'push',
    head_ref: '',
    base_ref: '',
    actor: 'octocat',
    actor_id: expect.stringMatching(/^\d+$/),
    workflow: 'ci',
    workflow_ref: 'octo-org/octo-repo/.github/workflows/ci.yml@refs/heads/main',
    workflow_sha: expect.stringMatching(/^[0-9a-f]{40}$/),
    job_workflow_ref: 'octo-org/octo-repo/.github/workflows/ci.yml@refs/heads/main',
    job_workflow_sha: expect.stringMatching(/^[0-9a-f]{40}$/),
    run_id: expect.stringMatching(/^\d+$/),
    run_number: '1',
    run_attempt: '1',
    check_run_id: expect.stringMatching(/^\d+$/),
    runner_environment: 'github-hosted',
  });
});

test('a token is signed with RS256, also by an issuer that signs with ES256 otherwise', async () => {
  const jwt = await issuer.sign(github({ repository: 'acme/app' }));
  expect(decodeProtectedHeader(jwt)).toEqual({ alg: 'RS256', kid: issuer.keys.active('RS256').kid, typ: 'JWT' });
});

describe('the subject', () => {
  const before = { repositoryChanged: '2026-07-15' };

  test.each<[string, Partial<GitHubJob>]>([
    ['repo:octo-org/octo-repo:ref:refs/heads/demo', { ...before, ref: 'refs/heads/demo' }],
    ['repo:octo-org/octo-repo:ref:refs/tags/v1', { ...before, ref: 'refs/tags/v1' }],
    ['repo:octo-org/octo-repo:pull_request', { ...before, event: 'pull_request' }],
    ['repo:octo-org/octo-repo:ref:refs/heads/main', { ...before, event: 'pull_request_target' }],
    ['repo:octo-org/octo-repo:environment:Production', { ...before, environment: 'Production', event: 'pull_request' }],
    ['repo:octo-org/octo-repo:environment:Production%3AV1%3A2', { ...before, environment: 'Production:V1:2' }],
    ['repo:octo-org@65/octo-repo@74:ref:refs/heads/main', { repositoryChanged: '2026-07-16' }],
    ['repo:octo-org@65/octo-repo@74:ref:refs/heads/main', { ...before, immutableSubject: true }],
    ['repo:octo-org/octo-repo:ref:refs/heads/main', { immutableSubject: false }],
    [
      'repo:octo-org/octo-repo:ref:refs/heads/main',
      { immutableSubject: true, issuer: 'https://github.example/_services/token' },
    ],
    ['repo:octo-org/octo-repo', { ...before, subjectTemplate: ['repo'] }],
    ['repo:octo-org@65/octo-repo@74', { subjectTemplate: ['repo'] }],
    [
      'repository_owner:octo-org:repository_visibility:private',
      { subjectTemplate: ['repository_owner', 'repository_visibility'] },
    ],
    ['repository_id:74', { subjectTemplate: ['repository_id'] }],
    [
      'repo:octo-org/octo-repo:environment:prod:job_workflow_ref:octo-org/octo-automation/.github/workflows/oidc.yml@refs/heads/main',
      {
        ...before,
        environment: 'prod',
        jobWorkflowRef: 'octo-org/octo-automation/.github/workflows/oidc.yml@refs/heads/main',
        subjectTemplate: ['repo', 'context', 'job_workflow_ref'],
      },
    ],
    [
      'environment:production%3Aeastus:repository_owner:octo-org',
      { environment: 'production:eastus', subjectTemplate: ['environment', 'repository_owner'] },
    ],
    [
      'repo_property_workspace_id:ws-abc123',
      { properties: { workspace_id: 'ws-abc123' }, subjectTemplate: ['repo_property_workspace_id'] },
    ],
  ])('is %s', async (sub, job) => {
    expect(await claimsOf(job)).toMatchObject({ sub });
  });

  test('that needs an environment can’t be made without one', async () => {
    await expect(claimsOf({ subjectTemplate: ['environment'] })).rejects.toThrow(TypeError);
  });
});

test('a pull request has its own ref, and both branches', async () => {
  expect(await claimsOf({ event: 'pull_request', headRef: 'fix' })).toMatchObject({
    ref: 'refs/pull/1/merge',
    head_ref: 'fix',
    base_ref: 'main',
  });
});

test('custom properties are strings, and several values one string', async () => {
  expect(await claimsOf({ properties: { regions: ['us-east-1', 'eu-west-1'], pci: true } })).toMatchObject({
    repo_property_regions: 'us-east-1,eu-west-1',
    repo_property_pci: 'true',
  });
});

test.each([
  ['https://token.actions.githubusercontent.com/octocat-inc', 'https://github.com/octo-org'],
  ['https://token.actions.octocorp.ghe.com', 'https://octocorp.ghe.com/octo-org'],
  ['https://github.example/_services/token', 'https://github.example/octo-org'],
])('a token of %s is for %s by default', async (iss, aud) => {
  expect(await claimsOf({ issuer: iss })).toMatchObject({ iss, aud });
});

test('claims that are given take the place of all others, and null leaves one out', async () => {
  const claims = await claimsOf({ claims: { iss: 'http://127.0.0.1:1', sub: 'mine', actor: null } });
  expect(claims).toMatchObject({ iss: 'http://127.0.0.1:1', sub: 'mine' });
  expect(claims).not.toHaveProperty('actor');
});

test('the ids of a name are always the same, whatever its case', async () => {
  const ids = async (repository: string) => {
    const { repository_id, repository_owner_id } = decodeJwt(await issuer.sign(github({ repository })));
    return [repository_id, repository_owner_id];
  };
  expect(await ids('acme/app')).toEqual(['224207613609404059', '849921772132987671']);
  expect(await ids('Acme/App')).toEqual(await ids('acme/app'));
});

test.each(['app', 'acme/', '/app', 'acme/app/more', ''])('the repository "%s" is wrong use', async (repository) => {
  await expect(issuer.sign(github({ repository }))).rejects.toThrow(TypeError);
});

test('an issuer without a key for RS256 makes one, unless another algorithm is asked for', async () => {
  const other = await createIssuer('http://127.0.0.1:1');
  expect(decodeProtectedHeader(await other.sign(github({ repository: 'acme/app' }), { alg: 'ES256' })).alg).toBe(
    'ES256',
  );
  expect(other.keys.published()).toHaveLength(1);
  expect(decodeProtectedHeader(await other.sign(github({ repository: 'acme/app' }))).alg).toBe('RS256');
});
