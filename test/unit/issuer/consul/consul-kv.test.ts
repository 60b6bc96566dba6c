import { expect, test } from 'vitest';
import { consulKv } from '../../../../issuer/consul/consul-kv.js';
import { startEndlessServer } from '../../../support/endless-server.js';

test('an answer without an end is given up', async () => {
  const kv = consulKv({ address: await startEndlessServer('body'), token: '' });
  await expect(kv.read('appmesh/security')).rejects.toMatchObject({
    code: 'request_failed',
    message: expect.stringContaining('it is longer than 8,388,608 bytes'),
  });
  kv.close();
});
