import { decodeJwt } from 'jose';
import { createIssuer } from 'vaultproof/issuer';
import { azureServiceConnection } from 'vaultproof/issuer/presets';
import { expect, test } from 'vitest';
import { bePatient } from '../../../support/patience.js';

bePatient();

test('a token of a service connection has its full name, and nothing of the pipeline', async () => {
  const issuer = await createIssuer('https://issuer.example', { algorithms: ['RS256'] });
  const connection = { organizationId: 'org', organization: 'acme', project: 'The Shop', serviceConnection: 'vault' };
  const claims = decodeJwt(await issuer.sign(azureServiceConnection(connection)));
  expect(claims).toEqual({
    iss: 'https://vstoken.dev.azure.com/org',
    sub: 'sc://acme/The Shop/vault',
    aud: 'api://AzureADTokenExchange',
    jti: expect.any(String),
    iat: expect.any(Number),
    nbf: Number(claims.iat) - 600,
    exp: Number(claims.iat) + 300,
  });
});
