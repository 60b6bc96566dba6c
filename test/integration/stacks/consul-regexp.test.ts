import { startEnvironment } from 'vaultproof';
import { expect, test } from 'vitest';
import { isRefusedRegexp, matchesRegexp } from '../../../stacks/consul-regexp.js';
import { consulAcl } from '../../support/consul-jwt.js';
import { type Random, randomBy } from '../../support/random.js';
import { rounds } from '../../support/rounds.js';

const written = [
  ...[
    '',
    '^sh',
    'op$',
    '^shop$',
    's.op',
    'sh|op',
    '^(sh|op)+$',
    '^(?:shop|ops)$',
    '(a|b)*c',
    '^a{2}$',
    '^a{1,}$',
    '^a{1,2}$',
    '(a{2}){2}',
  ],
  ...[
    '[a-c]+',
    '[^a-c]',
    '[]a]',
    '[^]a]',
    '[-a]',
    '[a-]',
    '[a\\-c]',
    '[\\w.]+',
    '^[\\d-]+$',
    '\\bshop\\b',
    '\\Bh',
    '\\Ash',
    'op\\z',
    '\\.',
    '\\/',
    'a\\_b',
  ],
  ...[
    '(?i)SHOP',
    '(?i)[A-C]',
    '(?i)[^a]',
    '(?i)k',
    '^*',
    '$+',
    '\\b*a',
    '(^)*a',
    '(a*)*',
    '(a*)+b',
    'a*?b',
    'a+?',
    'a??',
    '(|a)b',
    '()',
    '(?:)',
    'a||b',
    ']',
    '}',
  ],
  ...['a\\tb', '\\s', '\\S+', '\\D', '\\W', 'ä', '[ä-ü]', '.', '^.$', '\\n', 'x\\vy', 'a-b', 'team-[a-z]+(-[a-z]+)*$'],
  // What Go refuses.
  ...[
    '[',
    '[a',
    '(',
    ')',
    '(a',
    'a)',
    '*',
    '+a',
    '?',
    '|*',
    '(*)',
    'a**',
    'a+*',
    'a{2}*',
    '(?=a)',
    '(?!a)',
    '(?<=a)',
    '(?<!a)',
    '[b-a]',
    '[a-\\d]',
    'a{2,1}',
    'a{1001}',
    '\\',
  ],
  // What is left to Go.
  ...[
    'a{',
    'a{,2}',
    '{',
    'a{2}{3}',
    '(?P<x>a)',
    '(?<x>a)',
    '(?s).',
    '(?i:a)',
    '\\pL',
    '[[:alpha:]]',
    '\\x41',
    '\\1',
    '\\Qa.b\\E',
    '(a{100}){100}',
    '\\_',
    '\\y',
    '[\\b]',
  ],
];
const texts = [
  '',
  'shop',
  'SHOP',
  'ops',
  'a',
  'aa',
  'aaa',
  'ab',
  'abc',
  'a.b',
  'a-b',
  'a_b',
  'a]',
  '-',
  '1',
  'a b',
  'a\tb',
  'a\nb',
  '\v',
  'ä',
  'ö',
  '\u017f',
  '\u212a',
  '\u{1f600}',
  'team-a-b',
  '}',
  '/',
];

function randomPattern(random: Random, depth = 2): string {
  const atom = (): string => {
    const kind = random.below(depth === 0 ? 6 : 8);
    if (kind < 3) return random.pick(['a', 'b', '-', 'A', '1', '.', ' ']);
    if (kind === 3) return random.pick(['[ab]', '[^a]', '[a-c]', '[^]]', '[\\d-]', '[A-Z_]']);
    if (kind === 4) return random.pick(['\\d', '\\w', '\\s', '\\W', '\\.', '\\-', '\\b', '\\B']);
    if (kind === 5) return random.pick(['^', '$']);
    return `${random.pick(['(', '(?:'])}${randomPattern(random, depth - 1)})`;
  };
  const parts = Array.from({ length: 1 + random.below(3) }, () =>
    random.oneIn(3) ? atom() + random.pick(['*', '+', '?', '{2}', '{1,}', '{0,2}', '*?', '+?']) : atom(),
  );
  const text = parts.join('');
  return random.oneIn(5) ? `${text}|${randomPattern(random, 0)}` : text;
}

test('what matches here matches in Consul, what does not does not, and what is refused here Consul refuses', async () => {
  await using env = await startEnvironment({ vault: false, consul: true });
  const acl = consulAcl(env.consul);
  const { count, seed } = rounds(150);
  const random = randomBy(seed);
  const patterns = [...new Set([...written, ...Array.from({ length: count }, () => randomPattern(random))])];
  await acl.writeMethod('ci', { JWKSURL: env.issuer.jwksUrlFor(env.consul), ClaimMappings: { text: 'text' } });
  const taken = new Set<string>();
  for (const [index, pattern] of patterns.entries()) {
    const Selector = `value.text matches \`${pattern}\``;
    const rule = { AuthMethod: 'ci', BindType: 'service', BindName: `p${index}`, Selector };
    const isTaken = await acl.put('/v1/acl/binding-rule', rule).then(
      () => true,
      () => false,
    );
    if (isTaken) taken.add(pattern);
  }
  const refused = patterns.filter((pattern) => !taken.has(pattern));
  const different: unknown[] = patterns
    .filter((pattern) => isRefusedRegexp(pattern) && taken.has(pattern))
    .map((pattern) => ({ pattern, here: 'refused' }));
  different.push(...refused.filter((pattern) => matchesRegexp(pattern, 'shop') !== undefined));
  let decided = 0;
  let open = 0;
  for (const text of texts) {
    const jwt = await env.issuer.sign({ sub: 'me', aud: null, text });
    const session = await env.consul.login({ jwt, method: 'ci' });
    const names = new Set(session.serviceIdentities.map(({ serviceName }) => serviceName));
    for (const [index, pattern] of patterns.entries()) {
      if (!taken.has(pattern)) continue;
      const here = matchesRegexp(pattern, text);
      const server = names.has(`p${index}`);
      if (here === undefined) open++;
      else if (here === server) decided++;
      else different.push({ pattern, text, here, server });
    }
  }
  acl.close();
  process.stdout.write(
    `${JSON.stringify({ patterns: patterns.length, refused: refused.length, decided, open, seed })}\n`,
  );
  expect(different).toEqual([]);
  expect(refused.filter(isRefusedRegexp).length).toBeGreaterThan(20);
  expect(decided).toBeGreaterThan(10 * open);
});
