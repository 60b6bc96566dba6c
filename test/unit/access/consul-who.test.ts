import { type ConsulAccessRequest, readAccess, whoCan } from 'vaultproof/access';
import { describe, expect, test } from 'vitest';
import { type ConsulDocument, consulDocument } from '../../support/consul-document.js';

const who = async (document: ConsulDocument, request: ConsulAccessRequest) =>
  whoCan(await readAccess([consulDocument(document)]), request);

const app = `$\${value.app}`;
const selector = 'value.team == "shop"';

describe('a claim makes the name that is asked for, though nothing declares it', () => {
  test.each([
    ['a service', { bind_type: 'service', bind_name: app }, 'service', 'web'],
    ['a service beside a text', { bind_type: 'service', bind_name: `team-${app}` }, 'service', 'team-web'],
    ['the sidecar of a service', { bind_type: 'service', bind_name: app }, 'service', 'web-sidecar-proxy'],
    ['a node', { bind_type: 'node', bind_name: app }, 'node', 'web'],
    [
      'an API gateway',
      { bind_type: 'templated-policy', bind_name: 'builtin/api-gateway', bind_vars: { name: app } },
      'service',
      'web',
    ],
  ] as const)('%s', async (_what, rule, resource, segment) => {
    const found = await who({ rules: [{ ...rule, selector }] }, { resource, segment, access: 'write' });
    expect(found.undecided).toEqual([]);
    expect(found.who).toMatchObject([{ authMethod: 'ci', example: { team: 'shop', app: expect.stringMatching(/^web/) } }]);
  });

  test('and no claim makes another one', async () => {
    const rules = [{ bind_type: 'service', bind_name: `team-${app}`, selector }];
    expect(await who({ rules }, { resource: 'service', segment: 'web', access: 'write' })).toEqual({
      who: [],
      undecided: [],
    });
  });
});
