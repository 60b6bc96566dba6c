import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, test } from 'vitest';
import { type AddressResolver, createAddressResolver } from '../../../harness/servers/address-resolver.js';

const onHost = { engine: 'process', hostName: '127.0.0.1', hostAddress: undefined } as const;
const inContainer = { engine: 'docker', hostName: 'host.docker.internal', hostAddress: '127.0.0.1' } as const;
const inVirtualMachine = { ...inContainer, hostAddress: undefined };

const published = { address: 'http://127.0.0.1:14333', networkHost: '172.17.0.3:8500' };

const opened: (() => unknown)[] = [];
afterEach(async () => {
  await Promise.all(opened.splice(0).map((close) => close()));
});

function book(server: Parameters<typeof createAddressResolver>[0]): AddressResolver {
  const made = createAddressResolver(server);
  opened.push(made.close);
  return made;
}

/** A server on loopback that answers every request with its name. */
async function listening(name: string) {
  const server = createServer((_request, response) => response.end(name));
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  const stop = (): void => {
    server.closeAllConnections();
    server.close();
  };
  opened.push(stop);
  const address = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return { address, stop };
}

test('a process reaches any server as this host does', async () => {
  expect(await book(published).addressFor(onHost)).toBe('http://127.0.0.1:14333');
});

test('a container reaches another at its own address and port', async () => {
  expect(await book(published).addressFor(inContainer)).toBe('http://172.17.0.3:8500');
});

test("a container in a virtual machine reaches a process by docker's name for this host", async () => {
  expect(await book({ address: 'https://127.0.0.1:14333' }).addressFor(inVirtualMachine)).toBe(
    'https://host.docker.internal:14333',
  );
});

describe('a process that a container is to reach', () => {
  test("is passed on to it at one port of this host's address", async () => {
    const { addressFor } = book(await listening('consul'));
    const { hostname, port } = new URL(await addressFor(inContainer));
    expect(hostname).toBe('host.docker.internal');
    expect(await (await fetch(`http://127.0.0.1:${port}`)).text()).toBe('consul');
    expect(new URL(await addressFor(inContainer)).port).toBe(port);
  });

  test('is out of reach once it is stopped', async () => {
    const { addressFor, close } = book(await listening('consul'));
    const { port } = new URL(await addressFor(inContainer));
    await fetch(`http://127.0.0.1:${port}`);
    await close();
    await expect(fetch(`http://127.0.0.1:${port}`)).rejects.toThrow('fetch failed');
  });

  test('that has gone breaks the connection, and nothing else', async () => {
    const gone = await listening('consul');
    const { addressFor } = book(gone);
    const { port } = new URL(await addressFor(inContainer));
    gone.stop();
    await expect(fetch(`http://127.0.0.1:${port}`)).rejects.toThrow('fetch failed');
  });
});

test('an address that is not awaited is no {} in a request', async () => {
  const { addressFor } = book(published);
  expect(() => JSON.stringify({ address: addressFor(onHost) })).toThrow('await it');
  expect(() => JSON.stringify({ address: addressFor(onHost) })).toThrow(TypeError);
});
