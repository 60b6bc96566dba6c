import { decodeJwt } from 'jose';
import { createIssuer } from 'vaultproof/issuer';
import { circleci } from 'vaultproof/issuer/presets';
import { expect, test } from 'vitest';
import { bePatient } from '../../../support/patience.js';

bePatient();

const job = { organizationId: 'org', projectId: 'project', userId: 'user', vcsOrigin: 'github.com/acme/app' };

test('a token of CircleCI has the claims of its documentation', async () => {
  const issuer = await createIssuer('https://issuer.example', { algorithms: ['RS256'] });
  const claims = decodeJwt(await issuer.sign(circleci(job)));
  expect(claims).toEqual({
    iss: 'https://oidc.circleci.com/org/org',
    sub: 'org/org/project/project/user/user',
    aud: 'org',
    iat: expect.any(Number),
    exp: Number(claims.iat) + 3_600,
    'oidc.circleci.com/project-id': 'project',
    'oidc.circleci.com/vcs-origin': 'github.com/acme/app',
    'oidc.circleci.com/vcs-ref': 'refs/heads/main',
    'oidc.circleci.com/context-ids': [],
    'oidc.circleci.com/ssh-rerun': false,
  });
});

test('the second variable has the repository and the ref in its subject', async () => {
  const issuer = await createIssuer('https://issuer.example', { algorithms: ['RS256'] });
  const jwt = await issuer.sign(circleci({ ...job, variable: 'CIRCLE_OIDC_TOKEN_V2' }));
  expect(decodeJwt(jwt).sub).toBe(
    'org/org/project/project/user/user/vcs-origin/github.com/acme/app/vcs-ref/refs/heads/main',
  );
});

test('a job of a custom webhook has neither repository nor ref', async () => {
  const issuer = await createIssuer('https://issuer.example', { algorithms: ['RS256'] });
  const claims = decodeJwt(await issuer.sign(circleci({ ...job, vcsOrigin: null })));
  expect(Object.keys(claims)).not.toContain('oidc.circleci.com/vcs-origin');
  expect(Object.keys(claims)).not.toContain('oidc.circleci.com/vcs-ref');
});
