import { afterEach, expect, test, vi } from 'vitest';
import { outboundBy } from '../../../harness/impersonation/outbound.js';

const outbound = outboundBy(12_345, 'PEM');
const process_ = {
  service: 'vault',
  engine: 'process',
  hostName: '127.0.0.1',
  folder: '/tmp/x',
  isElsewhere: false,
} as const;
const docker = {
  service: 'consul',
  engine: 'docker',
  hostName: 'host.docker.internal',
  folder: '/vaultproof',
  isElsewhere: false,
} as const;

afterEach(() => vi.restoreAllMocks());

test('a process reaches other hosts by the proxy, and trusts its CA alone', () => {
  vi.spyOn(process, 'platform', 'get').mockReturnValue('linux');
  const { env, files } = outbound(process_);
  expect(env).toEqual({
    HTTPS_PROXY: 'http://vault@127.0.0.1:12345',
    HTTP_PROXY: 'http://vault@127.0.0.1:12345',
    SSL_CERT_FILE: '/tmp/x/outbound-ca.pem',
    SSL_CERT_DIR: '/tmp/x/no-certificates',
  });
  expect(files).toEqual({ 'outbound-ca.pem': 'PEM' });
});

test('a container reaches this host and other containers without it', () => {
  const { env } = outbound(docker);
  expect(env).toMatchObject({
    HTTPS_PROXY: 'http://consul@host.docker.internal:12345',
    NO_PROXY: 'host.docker.internal,10.0.0.0/8,172.16.0.0/12,192.168.0.0/16',
  });
});

test('a container on another host is refused', () => {
  expect(() => outbound({ ...docker, isElsewhere: true })).toThrow(
    expect.objectContaining({ code: 'impersonation_unsupported' }),
  );
});

test('a process on macOS is refused, and the error names Docker; a container there is not', () => {
  vi.spyOn(process, 'platform', 'get').mockReturnValue('darwin');
  expect(() => outbound(process_)).toThrow(
    expect.objectContaining({
      code: 'impersonation_unsupported',
      message: expect.stringContaining('VAULTPROOF_ENGINE=docker'),
    }),
  );
  expect(outbound(docker).env).toHaveProperty('SSL_CERT_FILE');
});
