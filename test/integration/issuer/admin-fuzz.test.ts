import { writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { execa } from 'execa';
import { startEnvironment } from 'vaultproof';
import { appMeshDialect, signDialect, tokenDialect } from 'vaultproof/issuer/endpoints';
import { openUserFile } from 'vaultproof/issuer/users';
import { expect, onTestFinished, test } from 'vitest';
import { adminClient } from '../../support/admin-client.js';
import { mountJwt } from '../../support/jwt-mount.js';
import { pythonWithSchemathesis } from '../../support/python.js';
import { isDemanded } from '../../support/requirement.js';
import { temporaryFolder } from '../../support/temporary-folder.js';

const OPERATIONS = 27;
const SECONDS = 30;

/** Schemas can't say what is a key, a role or a placeholder: there, 400 is an answer to what fits them, too. */
const judged = ['addKey', 'putClaims', 'addUser', 'changeUser'];
const config = `[auth.openapi]
admin = { bearer = "\${ADMIN_TOKEN}" }

# RSA keys take most of the time otherwise.
[[operations]]
include-operation-id = "rotate"
phases.coverage.enabled = false
generation.max-examples = 5

${judged
  .map(
    (id) => `[[operations]]
include-operation-id = "${id}"
checks.positive_data_acceptance.expected-statuses = ["2xx", 400, 401, 404, 409]
`,
  )
  .join('\n')}`;

test('schemathesis finds nothing wrong, and the issuer goes on', { timeout: 300_000 }, async ({ skip }) => {
  const python = await pythonWithSchemathesis();
  if ('missing' in python) {
    if (isDemanded('python')) throw new Error(`VAULTPROOF_REQUIRE asks for python: ${python.missing}`);
    return skip(`needs schemathesis: ${python.missing}`);
  }
  const folder = await temporaryFolder();
  await writeFile(join(folder, 'schemathesis.toml'), config);
  const file = join(folder, 'users.yaml');
  await writeFile(
    file,
    'Roles: { view: [app-view] }\nUsers:\n  mesh: { key: pwd, roles: [view] }\n  other: { key: pwd }\n',
  );
  const users = await openUserFile(file);
  const env = await startEnvironment({
    issuer: {
      admin: true,
      algorithms: ['ES256', 'RS256', 'EdDSA'],
      dialects: [tokenDialect(), signDialect(), appMeshDialect({ users })],
    },
  });
  onTestFinished(async () => {
    await env.stop();
    await users.close();
  });
  const { issuer, vault } = env;
  const { url = '', token = '' } = issuer.admin ?? {};
  const before = issuer.keys.list().length;

  const args = ['run', `${url}/openapi.json`, '--checks', 'all', '--seed', '1', '--max-time', String(SECONDS)];
  // One worker: Python's parser before 3.11.9 is not safe for two threads, and Schemathesis then fails of itself.
  const options = ['--workers', '1', '--no-shrink', '--generation-database', 'none', '--no-color', '--warnings', 'off'];
  const { exitCode, stdout } = await execa(join(dirname(python.path), 'schemathesis'), [...args, ...options], {
    cwd: folder,
    env: { ADMIN_TOKEN: token },
    reject: false,
  });
  expect(stdout).toContain(`Tested: ${OPERATIONS}`);
  expect(exitCode, stdout).toBe(0);
  expect(stdout).not.toContain(token);
  expect(issuer.keys.list().length).toBeGreaterThan(before);

  const call = adminClient(issuer.admin);
  for (const path of ['/clock', '/claims', '/faults/jwks', '/faults/discovery']) {
    expect(await call('DELETE', path)).toMatchObject({ status: 204 });
  }
  expect(await call('POST', '/keys', { alg: 'ES256', kid: 'afterwards' })).toMatchObject({ status: 201 });
  const role = await (await mountJwt(env, 'jwt'))({});
  const jwt = await issuer.sign({ sub: 'vishpat', aud: 'damage_inc' }, { alg: 'ES256' });
  expect(await vault.login({ jwt, role })).toMatchObject({ role });
  expect((await fetch(`${issuer.url}/.well-known/openid-configuration`)).status).toBe(200);
});
