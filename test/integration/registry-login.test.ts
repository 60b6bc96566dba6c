import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test, vi } from 'vitest';
import { type DockerApi, findDocker } from '../../harness/engines/index.js';
import { type PrivateRegistry, startPrivateRegistry } from '../support/private-registry.js';
import { type RemoteDocker, remoteDockerIsMissing, startRemoteDocker } from '../support/remote-docker.js';
import { requires } from '../support/requirement.js';
import { temporaryFolder } from '../support/temporary-folder.js';

const LIMIT_MS = 5_000;

let remote: RemoteDocker;
let docker: DockerApi;
let registry: PrivateRegistry;
let config: string;

beforeAll(async () => {
  if (remoteDockerIsMissing() === undefined) remote = await startRemoteDocker();
});
afterAll(() => remote?.stop());
beforeEach(async (context) => {
  await requires('docker-remote')(context);
  config = await temporaryFolder();
  vi.stubEnv('DOCKER_HOST', remote.host);
  vi.stubEnv('DOCKER_CONFIG', config);
  vi.stubEnv('DOCKER_AUTH_CONFIG', '');
  docker = await findDocker();
  registry = await startPrivateRegistry(remote.thisAddress);
});
afterEach(() => {
  vi.unstubAllEnvs();
});

function configure(json: unknown): Promise<void> {
  return writeFile(join(config, 'config.json'), JSON.stringify(json));
}

/** As `docker login` writes it. */
function auths({ name, login: { username, password } }: PrivateRegistry): object {
  return { auths: { [name]: { auth: Buffer.from(`${username}:${password}`).toString('base64') } } };
}

/** A credential helper on PATH that knows the login to one registry. */
async function helper({ name, login: { username, password } }: PrivateRegistry): Promise<void> {
  const answer = JSON.stringify({ ServerURL: name, Username: username, Secret: password });
  const script = `#!/bin/sh\n[ "$1" = get ] && [ "$(cat)" = "${name}" ] || { echo "credentials not found"; exit 1; }\necho '${answer}'\n`;
  await writeFile(join(config, 'docker-credential-known'), script, { mode: 0o755 });
  vi.stubEnv('PATH', `${config}:${process.env['PATH']}`);
}

test.each([
  ['the file of docker login', () => configure(auths(registry))],
  ['a credential helper of the registry', () => configure({ credHelpers: { [registry.name]: 'known' } })],
  ['the credentials store', () => configure({ credsStore: 'known' })],
  [
    'the file where the credentials store has no login',
    () => configure({ ...auths(registry), credHelpers: { [registry.name]: 'nowhere-to-be-found' } }),
  ],
  ['DOCKER_AUTH_CONFIG', async () => vi.stubEnv('DOCKER_AUTH_CONFIG', JSON.stringify(auths(registry)))],
])('an image of a registry that wants a login is pulled with that of %s', async (_where, logIn) => {
  await helper(registry);
  await logIn();
  await docker.canPull(registry.image, LIMIT_MS);
  expect(await docker.hasImage(registry.image)).toBe(false);

  const lines: string[] = [];
  await docker.pull(registry.image, (line) => lines.push(line));
  expect(await docker.hasImage(registry.image)).toBe(true);
  expect(lines[0]).toBe(`pulling image ${registry.image}`);
  expect(lines.at(-1)).toContain('Downloaded newer image');
  expect(lines.join()).not.toContain('canary');
});

test('without a login neither is it pulled nor can it be', async () => {
  const refused = { code: 'image_unavailable', details: { image: registry.image } };
  await expect(docker.canPull(registry.image, LIMIT_MS)).rejects.toMatchObject(refused);
  await expect(docker.pull(registry.image, () => {})).rejects.toMatchObject(refused);
});

test('with a wrong login it is refused, and the password is in no error', async () => {
  const wrong = { ...registry, login: { username: 'reader', password: 'canary' } };
  await configure(auths(wrong));
  const error = await docker.canPull(registry.image, LIMIT_MS).catch((reason: unknown) => reason);
  expect(error).toMatchObject({ code: 'image_unavailable' });
  expect(JSON.stringify(error) + String(error)).not.toContain('canary');
});

test('an image that the registry does not have can not be pulled, with its reason', async () => {
  await configure(auths(registry));
  await expect(docker.canPull(`${registry.name}/private/image:2`, LIMIT_MS)).rejects.toMatchObject({
    code: 'image_unavailable',
    message: expect.stringContaining('manifest unknown'),
  });
});

test('a registry that does not answer is refused within the limit', async () => {
  const start = Date.now();
  // Of 192.0.2.0/24, which RFC 5737 has for documentation.
  await expect(docker.canPull('192.0.2.1/private/image:1', 300)).rejects.toMatchObject({ code: 'image_unavailable' });
  expect(Date.now() - start).toBeLessThan(2_000);
});
