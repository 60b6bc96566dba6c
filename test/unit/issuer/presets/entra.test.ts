import { decodeJwt } from 'jose';
import { createIssuer } from 'vaultproof/issuer';
import { entra } from 'vaultproof/issuer/presets';
import { expect, test } from 'vitest';
import { bePatient } from '../../../support/patience.js';

bePatient();

const workload = { tenantId: 'tenant', objectId: 'principal', clientId: 'application', audience: 'vault' };
const times = (iat: unknown) => ({ iat, nbf: iat, exp: Number(iat) + 3_600 });

test('a token of version 2.0 has the claims of Microsoft’s documentation', async () => {
  const issuer = await createIssuer('https://issuer.example', { algorithms: ['RS256'] });
  const claims = decodeJwt(await issuer.sign(entra({ ...workload, groupIds: ['group'] })));
  expect(claims).toEqual({
    iss: 'https://login.microsoftonline.com/tenant/v2.0',
    aud: 'vault',
    sub: 'principal',
    oid: 'principal',
    tid: 'tenant',
    azp: 'application',
    groups: ['group'],
    ver: '2.0',
    ...times(claims.iat),
  });
});

test('a token of version 1.0 has another issuer, and another name of the application', async () => {
  const issuer = await createIssuer('https://issuer.example', { algorithms: ['RS256'] });
  const claims = decodeJwt(await issuer.sign(entra({ ...workload, version: '1.0' })));
  expect(claims).toEqual({
    iss: 'https://sts.windows.net/tenant/',
    aud: 'vault',
    sub: 'principal',
    oid: 'principal',
    tid: 'tenant',
    appid: 'application',
    idp: 'https://sts.windows.net/tenant/',
    ver: '1.0',
    ...times(claims.iat),
  });
});
