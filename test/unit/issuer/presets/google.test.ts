import { decodeJwt } from 'jose';
import { createIssuer } from 'vaultproof/issuer';
import { google } from 'vaultproof/issuer/presets';
import { expect, test } from 'vitest';
import { bePatient } from '../../../support/patience.js';

bePatient();

const email = 'deploy@acme-prod.iam.gserviceaccount.com';
const account = { email, serviceAccountId: '112010400000000710080', audience: 'https://vault.example' };

test('a token of an instance has the claims of Google’s documentation', async () => {
  const issuer = await createIssuer('https://issuer.example', { algorithms: ['RS256'] });
  const claims = decodeJwt(
    await issuer.sign(google({ ...account, instanceName: 'builder', projectNumber: 739419398126 })),
  );
  expect(claims).toEqual({
    iss: 'https://accounts.google.com',
    sub: '112010400000000710080',
    azp: '112010400000000710080',
    aud: 'https://vault.example',
    email,
    email_verified: true,
    google: {
      compute_engine: {
        instance_creation_timestamp: expect.any(Number),
        instance_id: expect.stringMatching(/^\d+$/),
        instance_name: 'builder',
        project_id: 'acme-prod',
        project_number: 739419398126,
        zone: 'us-central1-a',
      },
    },
    iat: expect.any(Number),
    exp: Number(claims.iat) + 3_600,
  });
});

test('a token of a service account alone has nothing of an instance, and no address where none is asked for', async () => {
  const issuer = await createIssuer('https://issuer.example', { algorithms: ['RS256'] });
  const names = async (includeEmail: boolean): Promise<string[]> =>
    Object.keys(decodeJwt(await issuer.sign(google({ ...account, includeEmail })))).sort();
  expect(await names(true)).toEqual(['aud', 'azp', 'email', 'email_verified', 'exp', 'iat', 'iss', 'sub']);
  expect(await names(false)).toEqual(['aud', 'azp', 'exp', 'iat', 'iss', 'sub']);
});
