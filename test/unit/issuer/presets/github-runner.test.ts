import { execa } from 'execa';
import { decodeJwt } from 'jose';
import { startIssuer } from 'vaultproof/issuer';
import { githubRunner } from 'vaultproof/issuer/presets';
import { expect, test } from 'vitest';

const audience = 'https://vault.acme.example';

test('a job asks for its token as it does at GitHub', async () => {
  const runner = githubRunner();
  await using issuer = await startIssuer({ algorithms: ['RS256'], dialects: [runner.dialect] });
  using job = runner.startJob(issuer, { repository: 'acme/app' });

  const ask = `curl -H "Authorization: bearer $ACTIONS_ID_TOKEN_REQUEST_TOKEN" "$ACTIONS_ID_TOKEN_REQUEST_URL&audience=${audience}"`;
  const { stdout } = await execa(ask, { shell: true, env: job.env });
  expect(decodeJwt(JSON.parse(stdout).value)).toMatchObject({ repository: 'acme/app', aud: audience });
});
