import { createServer, type Server } from 'node:net';
import { describe, expect, onTestFinished, test } from 'vitest';
import { isFree, reservePorts } from '../../../harness/engines/port-block.js';

async function listenOn(port: number): Promise<Server> {
  const server = createServer();
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', resolve);
  });
  onTestFinished(() => {
    server.close();
  });
  return server;
}

describe('reserved ports', () => {
  test('are neighbours that nothing listens on', async () => {
    const { ports, release } = await reservePorts(4);
    onTestFinished(release);
    const [first = 0] = ports;
    expect(ports).toEqual([first, first + 1, first + 2, first + 3]);
    expect(await Promise.all(ports.map(isFree))).toEqual([true, true, true, true]);
  });

  test('lie below the ports that outgoing connections take', async () => {
    const { ports, release } = await reservePorts(2);
    onTestFinished(release);
    for (const port of ports) {
      expect(port).toBeGreaterThan(10_240);
      expect(port).toBeLessThan(32_768);
    }
  });

  test('are reserved once, also when many ask at the same time', async () => {
    const reservations = await Promise.all(Array.from({ length: 40 }, () => reservePorts(4)));
    onTestFinished(() => {
      for (const { release } of reservations) release();
    });
    expect(new Set(reservations.flatMap(({ ports }) => ports)).size).toBe(160);
  });

  test('may be had again once they were released', async () => {
    const first = await reservePorts(3);
    first.release();
    const second = await reservePorts(3);
    onTestFinished(second.release);
    expect(second.ports).toEqual(first.ports);
  });

  test('leave out what another program has taken since', async () => {
    const first = await reservePorts(3);
    first.release();
    const taken = Number(first.ports[1]);
    await listenOn(taken);
    const second = await reservePorts(3);
    onTestFinished(second.release);
    expect(second.ports).not.toContain(taken);
  });
});

test('more neighbours than there are in a block can’t be had', async () => {
  await expect(reservePorts(32)).rejects.toThrow(RangeError);
});

test('a port that somebody listens on is not free', async () => {
  const { ports, release } = await reservePorts(1);
  onTestFinished(release);
  const port = Number(ports[0]);
  await listenOn(port);
  expect(await isFree(port)).toBe(false);
});
