import { type Environment, httpClient } from 'vaultproof';
import { type ConsulAccessRequest, type ConsulResource, consulAclOf, readConsulPolicy } from 'vaultproof/access';
import { expect, test } from 'vaultproof/vitest';
import { consulAcl } from '../../support/consul-jwt.js';
import { type Random, randomBy } from '../../support/random.js';
import { rounds } from '../../support/rounds.js';

test.override({ fileServices: { vault: false, consul: true } });

let env: Environment;
test.beforeAll(({ fileEnv }) => {
  env = fileEnv;
});

const NAMED = ['agent', 'event', 'key', 'node', 'query', 'service', 'session'] as const;
const WHOLE = ['acl', 'keyring', 'mesh', 'operator', 'peering'] as const;
const NAMES = ['', 'a', 'ab', 'abc', 'a/b', 'a/', 'b', 'é', '*'] as const;
/** Consul answers to no more at once. */
const AT_ONCE = 64;

function randomRules(random: Random): string {
  const level = (resource: string): string =>
    random.pick(resource === 'key' ? ['read', 'list', 'write', 'deny'] : ['read', 'write', 'deny']);
  const rules = Array.from({ length: 1 + random.below(7) }, () => {
    const resource = random.pick([...NAMED, 'key', 'service', 'service'] as const);
    const name = JSON.stringify(random.pick(NAMES));
    const intentions = resource === 'service' && random.oneIn(2) ? ` intentions = "${level('service')}"` : '';
    return `${resource}${random.oneIn(2) ? '_prefix' : ''} ${name} {\n policy = "${level(resource)}"\n${intentions}\n}`;
  });
  const whole = WHOLE.filter(() => random.oneIn(4)).map((resource) => `${resource} = "${level('')}"`);
  return [...rules, ...whole].join('\n');
}

function randomRequest(random: Random): ConsulAccessRequest {
  const resource: ConsulResource = random.pick([...NAMED, ...WHOLE, 'intention', 'intention', 'key'] as const);
  const isKey = resource === 'key';
  return {
    resource,
    segment: random.pick([...NAMES, 'abcd', 'a/b/c', '*']),
    access: random.pick(isKey ? ['read', 'list', 'write', 'write-prefix'] : ['read', 'write']),
  };
}

test('what policies allow is what /v1/internal/acl/authorize answers', { timeout: 1_200_000 }, async () => {
  const { count, seed } = rounds(2_000);
  const random = randomBy(seed);
  const http = httpClient(env.consul.address);
  const acl = consulAcl(env.consul);
  const differences: unknown[] = [];
  let allowed = 0;
  for (let checked = 0; checked < count; checked += AT_ONCE) {
    const rules = Array.from({ length: 1 + random.below(3) }, () => randomRules(random));
    const names = await Promise.all(
      rules.map(async (Rules, index) => {
        const Name = `p${checked}-${index}`;
        await acl.put('/v1/acl/policy', { Name, Rules });
        return { Name };
      }),
    );
    const { SecretID } = (await acl.put('/v1/acl/token', { Policies: names })) as { SecretID: string };
    const requests = Array.from({ length: AT_ONCE }, () => randomRequest(random));
    const { body } = await http.request('POST', '/v1/internal/acl/authorize', {
      headers: { 'x-consul-token': SecretID },
      json: requests.map(({ resource, segment, access }) => ({ Resource: resource, Segment: segment, Access: access })),
    });
    const ours = consulAclOf(rules.map((text, index) => readConsulPolicy(`p${index}`, text)));
    for (const [index, request] of requests.entries()) {
      const server = (body as readonly { readonly Allow: boolean }[])[index]?.Allow;
      if (server === true) allowed++;
      if (server !== ours.allows(request)) differences.push({ checked, request, server, rules });
    }
  }
  process.stdout.write(`${JSON.stringify({ checks: count, seed, differences: differences.length, allowed })}\n`);
  expect(differences.slice(0, 3)).toEqual([]);
  acl.close();
});
