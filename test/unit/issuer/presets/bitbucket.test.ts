import { decodeJwt } from 'jose';
import { createIssuer } from 'vaultproof/issuer';
import { bitbucket } from 'vaultproof/issuer/presets';
import { expect, test } from 'vitest';
import { bePatient } from '../../../support/patience.js';

bePatient();

const step = { workspace: 'acme', workspaceUuid: '{workspace}', repositoryUuid: '{repository}' };
const uuid = /^\{[0-9a-f-]{36}\}$/;

test('a token of a step has the claims of Bitbucket’s documentation', async () => {
  const issuer = await createIssuer('https://issuer.example', { algorithms: ['RS256'] });
  const claims = decodeJwt(await issuer.sign(bitbucket(step)));
  expect(claims).toEqual({
    iss: 'https://api.bitbucket.org/2.0/workspaces/acme/pipelines-config/identity/oidc',
    sub: `{repository}:${claims['stepUuid']}`,
    aud: 'ari:cloud:bitbucket::workspace/workspace',
    stepUuid: expect.stringMatching(uuid),
    repositoryUuid: '{repository}',
    branchName: 'main',
    pipelineUuid: expect.stringMatching(uuid),
    workspaceUuid: '{workspace}',
    iat: expect.any(Number),
    exp: Number(claims.iat) + 3_600,
  });
});

test('a deployment is in the subject, and audiences of the step follow the workspace’s', async () => {
  const issuer = await createIssuer('https://issuer.example', { algorithms: ['RS256'] });
  const token = bitbucket({ ...step, deploymentEnvironmentUuid: '{production}', audiences: ['https://vault.example'] });
  const claims = decodeJwt(await issuer.sign(token));
  expect(claims).toMatchObject({
    sub: `{repository}:{production}:${claims['stepUuid']}`,
    deploymentEnvironmentUuid: '{production}',
    aud: ['ari:cloud:bitbucket::workspace/workspace', 'https://vault.example'],
  });
});
