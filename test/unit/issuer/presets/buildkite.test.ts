import { decodeJwt, decodeProtectedHeader } from 'jose';
import { createIssuer } from 'vaultproof/issuer';
import { buildkite } from 'vaultproof/issuer/presets';
import { expect, test } from 'vitest';
import { bePatient } from '../../../support/patience.js';

bePatient();

test('a token of Buildkite has the claims of its documentation, and its numbers are numbers', async () => {
  const issuer = await createIssuer('https://issuer.example', { algorithms: ['RS256'] });
  const now = issuer.clock.now();
  const job = { organization: 'acme-inc', pipeline: 'super-duper-app', stepKey: 'build' };
  const jwt = await issuer.sign(buildkite({ ...job, organizationId: 'o', optionalClaims: ['organization_id'] }));
  expect(decodeProtectedHeader(jwt)).toMatchObject({ alg: 'RS256' });
  const claims = decodeJwt(jwt);
  const { build_commit: commit } = claims;
  expect(claims).toEqual({
    iss: 'https://agent.buildkite.com',
    sub: `organization:acme-inc:pipeline:super-duper-app:ref:refs/heads/main:commit:${commit}:step:build`,
    aud: 'https://buildkite.com/acme-inc',
    iat: expect.any(Number),
    nbf: claims.iat,
    exp: Number(claims.iat) + 300,
    organization_slug: 'acme-inc',
    pipeline_slug: 'super-duper-app',
    build_number: 1,
    build_branch: 'main',
    build_commit: expect.stringMatching(/^[0-9a-f]{40}$/),
    step_key: 'build',
    job_id: expect.any(String),
    agent_id: expect.any(String),
    organization_id: 'o',
  });
  expect(Number(claims.iat)).toBeGreaterThanOrEqual(now);
});

test('a tag is the ref of the subject, and a step without a key has no claim of one', async () => {
  const issuer = await createIssuer('https://issuer.example', { algorithms: ['RS256'] });
  const claims = decodeJwt(await issuer.sign(buildkite({ organization: 'acme', pipeline: 'app', tag: 'v1' })));
  expect(claims).toMatchObject({
    sub: expect.stringMatching(/:ref:refs\/tags\/v1:commit:\w+:step:$/),
    build_tag: 'v1',
  });
  expect(claims).not.toHaveProperty('step_key');
});
