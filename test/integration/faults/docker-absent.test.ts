import type { ServerResponse } from 'node:http';
import { dirname } from 'node:path';
import { startVault } from 'vaultproof';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { halfWorkingDocker } from '../../support/half-working-docker.js';
import { requires } from '../../support/requirement.js';
import { silentSocket } from '../../support/silent-socket.js';
import { ofProduct } from '../../support/vault-of-tests.js';

const NOWHERE = 'unix:///nonexistent/docker.sock';

afterEach(() => {
  vi.unstubAllEnvs();
});

describe('where no docker is', () => {
  test('a server that is to run in docker is refused, with the address that was tried', async () => {
    vi.stubEnv('DOCKER_HOST', NOWHERE);
    await expect(startVault({ engine: 'docker' })).rejects.toMatchObject({
      code: 'docker_unavailable',
      message: expect.stringContaining('"unix:///nonexistent/docker.sock"'),
      details: { host: NOWHERE },
    });
  });

  test('a server runs as a process, and says why', async () => {
    vi.stubEnv('DOCKER_HOST', NOWHERE);
    vi.stubEnv('VAULTPROOF_ENGINE', '');
    // A path of one's own would be the reason.
    vi.stubEnv('PATH', `${dirname(process.env['VAULTPROOF_VAULT_PATH'] ?? '')}:${process.env['PATH']}`);
    vi.stubEnv('VAULTPROOF_VAULT_PATH', '');
    vi.stubEnv('VAULTPROOF_VAULT_PRODUCT', ofProduct({ vault: 'vault', openbao: 'openbao' }));
    await using vault = await startVault();
    expect(vault).toMatchObject({
      engine: 'process',
      engineReason: expect.stringContaining('no Docker engine answers at "unix:///nonexistent/docker.sock"'),
    });
  });

  test.each(['nonsense', 'ssh://somewhere', '/var/run/docker.sock'])(
    'a DOCKER_HOST of "%s" is refused',
    async (host) => {
      vi.stubEnv('DOCKER_HOST', host);
      await expect(startVault({ engine: 'docker' })).rejects.toMatchObject({
        code: 'docker_unavailable',
        message: expect.stringContaining(`"${host}"`),
      });
    },
  );
});

describe('where docker accepts connections and never answers', () => {
  test('a server that is to run in docker is refused within 2.5 s', async () => {
    vi.stubEnv('DOCKER_HOST', `unix://${await silentSocket()}`);
    const start = Date.now();
    await expect(startVault({ engine: 'docker' })).rejects.toMatchObject({
      code: 'docker_unavailable',
      message: expect.stringContaining('no answer within 2000 ms'),
    });
    expect(Date.now() - start).toBeLessThan(2_500);
  });

  test('a server runs as a process within 5 s', async () => {
    vi.stubEnv('DOCKER_HOST', `unix://${await silentSocket()}`);
    vi.stubEnv('VAULTPROOF_ENGINE', '');
    const start = Date.now();
    await using vault = await startVault();
    expect(vault.engine).toBe('process');
    expect(Date.now() - start).toBeLessThan(5_000);
  });
});

describe.each([
  { how: 'answers the ping alone', answer: () => {} },
  { how: 'answers with a page', answer: (response: ServerResponse) => response.end('<html>') },
  { how: 'breaks the connection', answer: (response: ServerResponse) => response.destroy() },
])('where docker $how', ({ answer }) => {
  test('a server runs as a process', async () => {
    vi.stubEnv('DOCKER_HOST', await halfWorkingDocker(answer));
    vi.stubEnv('VAULTPROOF_ENGINE', '');
    await using vault = await startVault();
    expect(vault.engine).toBe('process');
  });

  test('a server that is to run in docker is refused', async () => {
    vi.stubEnv('DOCKER_HOST', await halfWorkingDocker(answer));
    await expect(startVault({ engine: 'docker' })).rejects.toMatchObject({ code: 'docker_unavailable' });
  });
});

test('a pull that is cut off is refused', async () => {
  const host = await halfWorkingDocker((response) => {
    if (response.req.method === 'GET') return response.writeHead(404).end('{}');
    response.write('{"status":"Pulling from library/none"}\n', () => response.destroy());
    return response;
  });
  vi.stubEnv('DOCKER_HOST', host);
  await expect(startVault({ engine: 'docker' })).rejects.toMatchObject({ code: 'image_unavailable' });
});

test('a path that the environment names runs as a process', async () => {
  vi.stubEnv('VAULTPROOF_ENGINE', '');
  vi.stubEnv('VAULTPROOF_VAULT_PATH', '/nonexistent/vault');
  await expect(startVault()).rejects.toMatchObject({ code: 'executable_not_found' });
});

describe('where docker has no such image', () => {
  beforeEach(requires('docker'));

  test('a server that is to run in it is refused, with the image', async () => {
    // Nobody listens at that registry.
    const image = '127.0.0.1:2/vaultproof/none:1';
    const lines: string[] = [];
    const report = (line: string): void => {
      lines.push(line);
    };
    await expect(startVault({ engine: 'docker', image, report })).rejects.toMatchObject({
      code: 'image_unavailable',
      message: expect.stringContaining('"127.0.0.1:2/vaultproof/none:1"'),
      details: { image },
    });
    expect(lines).toEqual(['pulling image 127.0.0.1:2/vaultproof/none:1']);
  });
});

test('an engine that does not exist is wrong use', async () => {
  vi.stubEnv('VAULTPROOF_ENGINE', 'podman');
  await expect(startVault()).rejects.toThrow(
    new TypeError('VAULTPROOF_ENGINE must be "docker" or "process", not "podman"'),
  );
});
