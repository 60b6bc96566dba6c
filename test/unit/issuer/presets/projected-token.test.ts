import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { decodeJwt } from 'jose';
import { startIssuer } from 'vaultproof/issuer';
import { keepTokenFile, serviceAccount } from 'vaultproof/issuer/presets';
import { expect, test } from 'vitest';
import { temporaryFolder } from '../../../support/temporary-folder.js';

test('a pod finds the token of its service account in a file', async () => {
  await using issuer = await startIssuer({ algorithms: ['RS256'] });
  const token = serviceAccount({ namespace: 'prod', serviceAccount: 'app', expirationSeconds: 600 });
  await using file = await keepTokenFile(issuer, token, join(await temporaryFolder(), 'vault-token'));
  expect(decodeJwt(await readFile(file.path, 'utf8'))).toMatchObject({
    sub: 'system:serviceaccount:prod:app',
    aud: ['vault'],
  });
});
