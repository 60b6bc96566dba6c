import { decodeJwt, decodeProtectedHeader } from 'jose';
import { createIssuer } from 'vaultproof/issuer';
import { aws } from 'vaultproof/issuer/presets';
import { expect, test } from 'vitest';
import { bePatient } from '../../../support/patience.js';

bePatient();

const principal = {
  issuer: 'https://abc123-def456.tokens.sts.global.api.aws',
  principalArn: 'arn:aws:iam::123456789012:role/deploy',
  audience: 'https://vault.example',
};

test('a token of a role has the claims of AWS’s documentation', async () => {
  const issuer = await createIssuer('https://issuer.example', { algorithms: ['RS256'] });
  const lambdaFunctionArn = 'arn:aws:lambda:us-east-1:123456789012:function:deploy';
  const tags = { principalTags: { team: 'platform' }, requestTags: { job: '1' } };
  const token = aws({ ...principal, organizationId: 'o-abc1234567', lambdaFunctionArn, ...tags });
  const claims = decodeJwt(await issuer.sign(token));
  expect(claims).toEqual({
    iss: principal.issuer,
    aud: 'https://vault.example',
    sub: principal.principalArn,
    iat: expect.any(Number),
    exp: Number(claims.iat) + 300,
    jti: expect.any(String),
    'https://sts.amazonaws.com/': {
      aws_account: '123456789012',
      source_region: 'us-east-1',
      org_id: 'o-abc1234567',
      principal_tags: { team: 'platform' },
      lambda_source_function_arn: lambdaFunctionArn,
      request_tags: { job: '1' },
    },
  });
});

test('a call asks for the algorithm, and what a session lacks is absent', async () => {
  const issuer = await createIssuer('https://issuer.example', { algorithms: ['RS256', 'ES384'] });
  const jwt = await issuer.sign(aws({ ...principal, alg: 'ES384' }));
  expect(decodeProtectedHeader(jwt)).toMatchObject({ alg: 'ES384' });
  expect(decodeJwt(jwt)['https://sts.amazonaws.com/']).toEqual({
    aws_account: '123456789012',
    source_region: 'us-east-1',
  });
});
