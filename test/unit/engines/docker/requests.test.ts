import { createServer } from 'node:http';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { pullImage } from '../../../../harness/engines/docker/pull-image.js';
import { dockerHost, send } from '../../../../harness/engines/docker/requests.js';
import { readWhole } from '../../../../internal/bounded-answer.js';
import { type Endless, startEndlessServer } from '../../../support/endless-server.js';
import { temporaryFolder } from '../../../support/temporary-folder.js';

describe('a Docker API whose answers do not end', () => {
  test.each<readonly [Endless, RegExp]>([
    ['body', /longer than/],
    ['trickle', /was not complete after 200 ms/],
    ['silence', /was not complete after 200 ms/],
  ])('(%s) is given up', async (how, reason) => {
    const socketPath = await startEndlessServer(how, join(await temporaryFolder(), 'docker.sock'));
    const answer = send({ socketPath }, 'GET', '/info', { silenceMs: 5_000, totalMs: how === 'body' ? 5_000 : 200 });
    await expect(answer.then((incoming) => readWhole(incoming))).rejects.toThrow(reason);
  });

  test('is given up in a pull', async () => {
    const socketPath = await startEndlessServer('body', join(await temporaryFolder(), 'docker.sock'));
    await expect(pullImage({ socketPath }, 'vault', () => {})).rejects.toMatchObject({
      code: 'image_unavailable',
      message: expect.stringContaining('an event without an end'),
    });
  });
});

test('an address with a password is named without it', () => {
  const host = dockerHost({ address: 'tcp://u:s3cret@127.0.0.1:1', foundBy: 'DOCKER_HOST' });
  expect(host).toMatchObject({ name: 'tcp://***@127.0.0.1:1', options: { host: '127.0.0.1', port: '1' } });
});

test('a Docker API that changes the protocol is none', async () => {
  const socketPath = join(await temporaryFolder(), 'docker.sock');
  const server = createServer((_request, response) => {
    response.socket?.end('HTTP/1.1 101 Sure\r\nUpgrade: x\r\nConnection: upgrade\r\n\r\n');
  });
  await new Promise<void>((resolve) => server.listen(socketPath, resolve));
  onTestFinished(() => {
    server.close();
  });
  await expect(send({ socketPath }, 'GET', '/_ping', { silenceMs: 5_000 })).rejects.toThrow();
});
