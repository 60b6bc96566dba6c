import { createHash } from 'node:crypto';
import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { dockerEndpoints } from '../../../../harness/engines/docker/endpoints.js';
import { dockerHost } from '../../../../harness/engines/docker/requests.js';
import { temporaryFolder } from '../../../support/temporary-folder.js';

let home: string;

beforeEach(async () => {
  home = await temporaryFolder();
  vi.stubEnv('HOME', home);
  vi.stubEnv('XDG_RUNTIME_DIR', join(home, 'run'));
  for (const name of ['DOCKER_HOST', 'DOCKER_CONTEXT', 'DOCKER_CONFIG', 'DOCKER_TLS_VERIFY', 'DOCKER_CERT_PATH']) {
    vi.stubEnv(name, '');
  }
});
afterEach(() => {
  vi.unstubAllEnvs();
});

async function put(path: string, text: string): Promise<void> {
  await mkdir(dirname(join(home, path)), { recursive: true });
  await writeFile(join(home, path), text);
}

function putContext(name: string, endpoint: object): Promise<void> {
  const id = createHash('sha256').update(name).digest('hex');
  return put(`.docker/contexts/meta/${id}/meta.json`, JSON.stringify({ Name: name, Endpoints: { docker: endpoint } }));
}

/** Without the sockets of this machine. */
function found(): readonly (readonly [address: string, foundBy: string])[] {
  return dockerEndpoints()
    .filter(({ address }) => !/^unix:\/\/\/(var\/)?run\//.test(address))
    .map(({ address, foundBy }) => [address, foundBy]);
}

describe('the docker that is asked', () => {
  test('is at its default socket where nothing else is said', () => {
    expect(found()).toEqual([]);
    expect(dockerEndpoints().length).toBeGreaterThan(0);
  });

  test('is that of DOCKER_HOST alone', async () => {
    await putContext('colima', { Host: 'unix:///colima.sock' });
    await put('.docker/config.json', '{"currentContext":"colima"}');
    vi.stubEnv('DOCKER_HOST', 'tcp://docker:2375');
    vi.stubEnv('DOCKER_CONTEXT', 'colima');
    expect(found()).toEqual([['tcp://docker:2375', 'DOCKER_HOST']]);
  });

  test('is that of "tc.host" before any other, as testcontainers has it', async () => {
    await put('.testcontainers.properties', '# by Testcontainers Desktop\ntc.host=tcp\\://127.0.0.1\\:49301\n');
    vi.stubEnv('DOCKER_HOST', 'tcp://docker:2375');
    expect(found()).toEqual([['tcp://127.0.0.1:49301', '"tc.host" in ~/.testcontainers.properties']]);
  });

  test('is that of DOCKER_CONTEXT alone', async () => {
    await putContext('far', { Host: 'tcp://far:2376' });
    await put('.colima/default/docker.sock', '');
    vi.stubEnv('DOCKER_CONTEXT', 'far');
    expect(found()).toEqual([['tcp://far:2376', 'DOCKER_CONTEXT "far"']]);
  });

  test('is what was configured, then the sockets that are there', async () => {
    await put('.testcontainers.properties', 'docker.host = unix:///configured.sock\n');
    await putContext('colima', { Host: 'unix:///colima.sock' });
    await put('.docker/config.json', '{"currentContext":"colima"}');
    for (const path of [
      'run/docker.sock',
      '.orbstack/run/docker.sock',
      '.colima/default/docker.sock',
      '.rd/docker.sock',
    ]) {
      await put(path, '');
    }
    expect(found()).toEqual([
      ['unix:///configured.sock', '"docker.host" in ~/.testcontainers.properties'],
      ['unix:///colima.sock', 'the current context "colima"'],
      [`unix://${home}/run/docker.sock`, "rootless Docker's socket"],
      [`unix://${home}/.orbstack/run/docker.sock`, "OrbStack's socket"],
      [`unix://${home}/.colima/default/docker.sock`, "Colima's socket"],
      [`unix://${home}/.rd/docker.sock`, "Rancher Desktop's socket"],
    ]);
  });

  test.each(['{"currentContext":"gone"}', '{"currentContext":"default"}', 'no json', '[]'])(
    'is at a socket where the configuration of the client is %s',
    async (config) => {
      await put('.docker/config.json', config);
      await put('run/podman/podman.sock', '');
      expect(found()).toEqual([[`unix://${home}/run/podman/podman.sock`, "Podman's socket"]]);
    },
  );
});

test('a DOCKER_CONTEXT that does not exist is refused', () => {
  vi.stubEnv('DOCKER_CONTEXT', 'gone');
  expect(() => dockerEndpoints()).toThrow(expect.objectContaining({ code: 'docker_unavailable' }));
});

test('a context that does not verify TLS is refused', async () => {
  await putContext('careless', { Host: 'tcp://far:2376', SkipTLSVerify: true });
  vi.stubEnv('DOCKER_CONTEXT', 'careless');
  expect(() => dockerEndpoints()).toThrow(expect.objectContaining({ code: 'docker_unavailable' }));
});

test.each([
  ['unix:///var/run/docker.sock', { socketPath: '/var/run/docker.sock' }],
  ['unix:///a folder/100%.sock', { socketPath: '/a folder/100%.sock' }],
  ['tcp://docker', { host: 'docker', port: 2375 }],
  ['tcp://[::1]:2377', { host: '::1', port: '2377' }],
])('"%s" is spoken to plainly', (address, options) => {
  expect(dockerHost({ address, foundBy: 'DOCKER_HOST' }).options).toEqual(options);
});

test.each(['nonsense', 'ssh://me@far', '/var/run/docker.sock'])('"%s" is refused', (address) => {
  expect(() => dockerHost({ address, foundBy: 'DOCKER_HOST' })).toThrow(
    expect.objectContaining({ code: 'docker_unavailable', details: { host: address.replace('me@', '***@') } }),
  );
});

test('TLS without certificates is refused, with the folder that was looked in', () => {
  const certPath = join(home, 'certificates');
  expect(() => dockerHost({ address: 'tcp://far:2376', foundBy: 'DOCKER_HOST', tls: true, certPath })).toThrow(
    certPath,
  );
});
