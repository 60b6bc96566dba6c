import { createServer, type ServerResponse } from 'node:http';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { temporaryFolder } from './temporary-folder.js';

/** A Docker API's socket, as DOCKER_HOST has it, that answers the ping as it should and anything else as told. */
export async function halfWorkingDocker(answer: (response: ServerResponse) => void): Promise<string> {
  const path = join(await temporaryFolder(), 'docker.sock');
  const server = createServer((request, response) => {
    if (request.url === '/_ping') response.end('OK');
    else answer(response);
  });
  await new Promise<void>((resolve) => server.listen(path, resolve));
  onTestFinished(() => {
    server.close();
    server.closeAllConnections();
  });
  return `unix://${path}`;
}
