import { decodeJwt, decodeProtectedHeader } from 'jose';
import { createIssuer, type Issuer } from 'vaultproof/issuer';
import { type GitLabJob, gitlab, gitlabIdTokens } from 'vaultproof/issuer/presets';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';

let issuer: Issuer;

beforeAll(async () => {
  // A clock that stands still.
  vi.useFakeTimers({ toFake: ['Date'], now: 1_681_395_193_000 });
  issuer = await createIssuer('http://127.0.0.1:1', { algorithms: ['RS256'] });
});
afterAll(() => {
  vi.useRealTimers();
});

async function claimsOf(job: Partial<GitLabJob>): Promise<Record<string, unknown>> {
  const ids = { projectId: '20', namespaceId: '72' };
  return decodeJwt(await issuer.sign(gitlab({ project: 'my-group/my-project', ...ids, ...job })));
}

test('a token has GitLab’s claims: all strings, but for the runner’s id', async () => {
  const audience = 'https://vault.example.com';
  expect(await claimsOf({ environment: 'review/1', issuer: 'https://gitlab.example.com', audience })).toEqual({
    jti: expect.stringMatching(/^[0-9a-f-]{36}$/),
    iss: 'https://gitlab.example.com',
    iat: 1_681_395_193,
    nbf: 1_681_395_188,
    exp: 1_681_398_793,
    sub: 'project_path:my-group/my-project:ref_type:branch:ref:main',
    aud: 'https://vault.example.com',
    namespace_id: '72',
    namespace_path: 'my-group',
    project_id: '20',
    project_path: 'my-group/my-project',
    job_namespace_id: '72',
    job_namespace_path: 'my-group',
    job_project_id: '20',
    job_project_path: 'my-group/my-project',
    user_id: expect.stringMatching(/^\d+$/),
    user_login: 'sample-user',
    user_email: 'sample-user@example.com',
    user_access_level: 'developer',
    pipeline_id: expect.stringMatching(/^\d+$/),
    pipeline_source: 'push',
    job_id: expect.stringMatching(/^\d+$/),
    ref: 'main',
    ref_type: 'branch',
    ref_path: 'refs/heads/main',
    ref_protected: 'true',
    environment: 'review/1',
    environment_protected: 'false',
    deployment_tier: 'development',
    environment_action: 'start',
    runner_id: 1,
    runner_environment: 'self-hosted',
    sha: expect.stringMatching(/^[0-9a-f]{40}$/),
    project_visibility: 'private',
    ci_config_ref_uri: 'gitlab.example.com/my-group/my-project//.gitlab-ci.yml@refs/heads/main',
    ci_config_sha: expect.stringMatching(/^[0-9a-f]{40}$/),
  });
});

test('a token is signed with RS256', async () => {
  const jwt = await issuer.sign(gitlab({ project: 'a/b' }));
  expect(decodeProtectedHeader(jwt)).toEqual({ alg: 'RS256', kid: issuer.keys.active().kid, typ: 'JWT' });
});

test('a job for no environment has no claim of one', async () => {
  expect(Object.keys(await claimsOf({})).filter((name) => /environment|tier/.test(name))).toEqual([
    'runner_environment',
  ]);
});

test('a merge request from a fork has the fork’s ids, and those of the project that runs it beside them', async () => {
  const claims = await claimsOf({ mergeRequestFrom: 'mallory/my-project', ref: 'feature' });
  expect(claims).toMatchObject({
    sub: 'project_path:mallory/my-project:ref_type:branch:ref:feature',
    project_path: 'mallory/my-project',
    namespace_path: 'mallory',
    job_project_id: '20',
    job_project_path: 'my-group/my-project',
    pipeline_source: 'merge_request_event',
    ref_protected: 'false',
  });
  expect(claims['project_id']).not.toBe('20');
});

test.each<[Partial<GitLabJob>, Record<string, unknown>]>([
  [
    { ref: 'v1', refType: 'tag' },
    { ref_path: 'refs/tags/v1', ref_protected: 'false' },
  ],
  [{ ref: 'feature' }, { ref_path: 'refs/heads/feature', ref_protected: 'false' }],
  [{ ref: 'feature', refProtected: true }, { ref_protected: 'true' }],
  [{ environment: 'production' }, { deployment_tier: 'production' }],
  [{ environment: 'staging/eu' }, { deployment_tier: 'staging' }],
  [{ environment: 'qa' }, { deployment_tier: 'testing' }],
  [{ environment: 'blue' }, { deployment_tier: 'other' }],
  [{ subjectComponents: ['project_path'] }, { sub: 'project_path:my-group/my-project' }],
  [{ claims: { ref: 'other', user_email: null } }, { ref: 'other' }],
  [{}, { iss: 'https://gitlab.com', aud: 'https://gitlab.com', runner_environment: 'gitlab-hosted' }],
  [{ timeoutSeconds: 60 }, { exp: 1_681_395_253 }],
])('a job with %j has %j', async (job, claims) => {
  expect(await claimsOf(job)).toMatchObject(claims);
});

test('a project of a subgroup has the subgroup as its namespace', async () => {
  const { namespace_path } = decodeJwt(await issuer.sign(gitlab({ project: 'acme/team/app' })));
  expect(namespace_path).toBe('acme/team');
});

test.each(['app', '/app'])('the project "%s" is wrong use', async (project) => {
  await expect(issuer.sign(gitlab({ project }))).rejects.toThrow(TypeError);
});

test('a job’s variables have a token each, with an audience of its own', async () => {
  const { FIRST, SECOND } = await gitlabIdTokens(issuer, { project: 'a/b' }, { FIRST: 'https://one', SECOND: ['two'] });
  expect([decodeJwt(FIRST).aud, decodeJwt(SECOND).aud]).toEqual(['https://one', ['two']]);
});
