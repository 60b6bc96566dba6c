import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { fileURLToPath } from 'node:url';
import { execa } from 'execa';
import { expect, onTestFinished, test } from 'vitest';
import { silentSocket } from '../../support/silent-socket.js';

const script = fileURLToPath(new URL('../../../harness/guardian/remove-container.cjs', import.meta.url));

async function exitCodeOf(address: string, ...limit: readonly string[]): Promise<number | undefined> {
  const { exitCode } = await execa(process.execPath, [script, 'name', address, '', ...limit], {
    reject: false,
    timeout: 5_000,
  });
  return exitCode;
}

test('a Docker that does not answer within the limit ends the removal of a container with 2', async () => {
  expect(await exitCodeOf(`unix://${await silentSocket()}`, '200')).toBe(2);
});

test.each([
  ['a container that was removed', 204, 0],
  ['a container that does not exist', 404, 1],
])('%s ends it with its own code', async (_what, status, code) => {
  const server = createServer((_request, response) => response.writeHead(status).end());
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void server.close());
  expect(await exitCodeOf(`tcp://127.0.0.1:${(server.address() as AddressInfo).port}`)).toBe(code);
});
