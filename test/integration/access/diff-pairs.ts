/** Two declarations: roles with their bounds, and what their policies are. */
export interface Pair {
  readonly name: string;
  readonly base: Side;
  readonly head: Side;
}

export interface Side {
  readonly roles?: Readonly<Record<string, object>>;
  /** The policy `app`, which every role has. */
  readonly policy?: string;
  readonly policies?: Readonly<Record<string, string>>;
}

const rule = (path: string, ...capabilities: string[]): string =>
  `path "${path}" { capabilities = ${JSON.stringify(capabilities)} }\n`;
const globs = (ref: string): Side => ({ roles: { ci: { bound_claims: { ref }, bound_claims_type: 'glob' } } });
const claims = (bound: object, more: object = {}): Side => ({ roles: { ci: { bound_claims: bound, ...more } } });
const policy = (...rules: string[]): Side => ({ policy: rules.join('') });
const wrapped = (bound: string): Side => ({ policy: `path "kv/a" { capabilities = ["read", "list"]\n ${bound} }` });
const pairs = (list: readonly (readonly [string, Side, Side])[]): Pair[] =>
  list.map(([name, base, head]) => ({ name, base, head }));

/** Pairs of which the second lets in, or allows, what the first does not. */
export const widenedPairs: readonly Pair[] = pairs([
  ['a glob in place of a value', claims({ ref: 'main' }), globs('main*')],
  ['a shorter beginning', globs('refs/heads/release-*'), globs('refs/heads/*')],
  ['two globs that overlap in the middle', globs('a*c'), globs('ab*')],
  ['globs whose ends overlap', globs('*ab'), globs('ba*')],
  ['a star in the middle', globs('a*b*c'), globs('a*c')],
  ['one more of several globs', globs('a*,b*'), globs('a*,b*,*c')],
  ['several that others cover in part', globs('aa*,ab*'), globs('a*')],
  ['a star at both ends', globs('*x'), globs('*x*')],
  ['nothing before the star', globs('a*a'), globs('a*')],
  ['a glob that only a long value tells apart', globs('aaaa*,*bbbb'), globs('a*b')],
  ['a glob that is a literal before', claims({ ref: 'a*' }), globs('a*')],
  ['a claim that is bound no more', claims({ ref: 'main', id: '7' }), claims({ id: '7' })],
  ['one more value', claims({ ref: 'main' }), claims({ ref: 'main,dev' })],
  ['another value', claims({ ref: 'main' }), claims({ ref: 'dev' })],
  ['another claim', claims({ ref: 'main' }), claims({ branch: 'main' })],
  ['a pointer to another place', claims({ '/job/env': 'prod' }), claims({ '/job/name': 'prod' })],
  ['a subject that is bound no more', claims({}, { bound_subject: 'me' }), claims({})],
  ['one more audience', claims({}), claims({}, { bound_audiences: ['vault', 'other'] })],
  ['another user claim', claims({}), claims({}, { user_claim: 'email' })],
  ['one more role', claims({ ref: 'main' }), { roles: { ci: { bound_claims: { ref: 'main' } }, any: {} } }],
  [
    'a role that lets browsers in before',
    claims({}, { role_type: 'oidc', allowed_redirect_uris: ['http://x'] }),
    claims({}),
  ],
  [
    'one more policy',
    {},
    { roles: { ci: { token_policies: ['app', 'more'] } }, policies: { more: rule('pki/issue/a', 'update') } },
  ],
  ['one more path', policy(rule('kv/a', 'read')), policy(rule('kv/a', 'read'), rule('kv/b', 'read'))],
  ['one more capability', policy(rule('kv/a', 'read')), policy(rule('kv/a', 'read', 'update'))],
  ['a deny that is gone', policy(rule('kv/*', 'read'), rule('kv/secret', 'deny')), policy(rule('kv/*', 'read'))],
  [
    'an exact rule that is gone',
    policy(rule('kv/*', 'read', 'update'), rule('kv/a', 'read')),
    policy(rule('kv/*', 'read', 'update')),
  ],
  [
    'a longer prefix that is gone',
    policy(rule('kv/*', 'update'), rule('kv/a*', 'read')),
    policy(rule('kv/*', 'update')),
  ],
  ['a segment that decides', policy(rule('kv/+/x', 'read'), rule('kv/*', 'update')), policy(rule('kv/*', 'update'))],
  [
    'a later wildcard that decides',
    policy(rule('kv/+/b', 'update'), rule('kv/a/+', 'read')),
    policy(rule('kv/+/b', 'update')),
  ],
  [
    'fewer segments that decide',
    policy(rule('kv/+/+', 'update'), rule('kv/+/b', 'read')),
    policy(rule('kv/+/+', 'update')),
  ],
  [
    'a deny in another policy',
    {
      ...policy(rule('kv/*', 'read')),
      policies: { no: rule('kv/a', 'deny') },
      roles: { ci: { token_policies: ['app', 'no'] } },
    },
    policy(rule('kv/*', 'read')),
  ],
  ['a deny for one segment', policy(rule('kv/+', 'read'), rule('kv/x*', 'deny')), policy(rule('kv/+', 'read'))],
  [
    'a longer rule with a segment',
    policy(rule('kv/+/a*', 'update'), rule('kv/+/ab*', 'read')),
    policy(rule('kv/+/a*', 'update')),
  ],
  ['a list of a folder', policy(rule('kv/a', 'read')), policy(rule('kv/a', 'read', 'list'))],
  ['a star at the end', policy(rule('kv/a', 'read')), policy(rule('kv/a*', 'read'))],
  ['sudo', policy(rule('sys/raw/*', 'read')), policy(rule('sys/raw/*', 'read', 'sudo'))],
  [
    'a parameter that was denied',
    { policy: 'path "kv/a" { capabilities = ["update"]\n denied_parameters = { "ttl" = [] } }' },
    policy(rule('kv/a', 'update')),
  ],
  [
    'a value that was not allowed',
    { policy: 'path "kv/a" { capabilities = ["update"]\n allowed_parameters = { "ttl" = ["1h"] } }' },
    { policy: 'path "kv/a" { capabilities = ["update"]\n allowed_parameters = { "ttl" = ["1h", "2h*"] } }' },
  ],
  [
    'a parameter that was required',
    { policy: 'path "kv/a" { capabilities = ["update"]\n required_parameters = ["why"] }' },
    policy(rule('kv/a', 'update')),
  ],
  ['all of a secrets engine', policy(rule('kv/data/app/*', 'read')), policy(rule('kv/*', 'read'))],
  ['an answer that had to be wrapped', wrapped('min_wrapping_ttl = "60s"'), policy(rule('kv/a', 'read', 'list'))],
  ['a shorter wrapping', wrapped('min_wrapping_ttl = "60s"'), wrapped('min_wrapping_ttl = "30s"')],
  ['an answer that has to be wrapped', policy(rule('kv/a', 'list')), wrapped('max_wrapping_ttl = "90s"')],
  ['a longer wrapping', wrapped('max_wrapping_ttl = "60s"'), wrapped('max_wrapping_ttl = "2m"')],
]);

const two = { roles: { a: { bound_claims: { ref: 'a' } }, b: { bound_claims: { ref: 'b' } } } };

/** Pairs that only look different. */
export const equalPairs: readonly Pair[] = pairs([
  ['values in another order', claims({ ref: 'a,b' }), claims({ ref: 'b,a' })],
  ['a value twice', claims({ ref: 'a' }), claims({ ref: 'a,a' })],
  ['claims in another order', claims({ a: '1', b: '2' }), claims({ b: '2', a: '1' })],
  ['spaces after commas', claims({ ref: 'a,b' }), claims({ ref: 'a, b' })],
  ['a glob without a star', claims({ ref: 'main' }), globs('main')],
  ['two stars for one', globs('a*'), globs('a**')],
  ['a value that a glob has already', globs('a*'), globs('a*,ab')],
  ['a glob that another has already', globs('a*'), globs('a*,ab*')],
  ['a glob in two parts', globs('*a*'), globs('*a*,*a,a*')],
  ['a pointer for a name', claims({ ref: 'a' }), claims({ '/ref': 'a' })],
  ['a name for a pointer', claims({ '/ref': 'a' }), claims({ ref: 'a' })],
  ['a subject as a bound claim', claims({}, { bound_subject: 'me' }), claims({ sub: 'me' })],
  ['a bound claim as the subject', claims({ sub: 'me' }), claims({}, { bound_subject: 'me' })],
  [
    'audiences in another order',
    claims({}, { bound_audiences: ['vault', 'b'] }),
    claims({}, { bound_audiences: ['b', 'vault'] }),
  ],
  ['a role of another name', { roles: { a: {} } }, { roles: { b: {} } }],
  ['roles in another order', two, { roles: { b: two.roles.b, a: two.roles.a } }],
  ['one role for two', two, { roles: { ab: { bound_claims: { ref: 'a,b' } } } }],
  ['two roles for one', { roles: { ab: { bound_claims: { ref: 'a,b' } } } }, two],
  [
    'one more role that another covers',
    claims({ ref: 'a,b' }),
    { roles: { ci: { bound_claims: { ref: 'a,b' } }, a: { bound_claims: { ref: 'a' } } } },
  ],
  [
    'a role that no token can have',
    {},
    { roles: { ci: {}, none: { bound_subject: 'a', bound_claims: { sub: 'b' } } } },
  ],
  ['times', {}, { roles: { ci: { token_ttl: 60, token_max_ttl: 120 } } }],
  ['the name in upper case', { roles: { ci: {} } }, { roles: { CI: {} } }],
  [
    'policies in another order',
    policy(rule('kv/a', 'read'), rule('kv/b', 'list')),
    policy(rule('kv/b', 'list'), rule('kv/a', 'read')),
  ],
  ['capabilities in another order', policy(rule('kv/a', 'read', 'list')), policy(rule('kv/a', 'list', 'read'))],
  ['a capability twice', policy(rule('kv/a', 'read')), policy(rule('kv/a', 'read', 'read'))],
  ['a path twice', policy(rule('kv/a', 'read', 'list')), policy(rule('kv/a', 'read'), rule('kv/a', 'list'))],
  ['a comment', policy(rule('kv/a', 'read')), policy('# read only\n', rule('kv/a', 'read'))],
  ['a slash before the path', policy(rule('kv/a', 'read')), policy(rule('/kv/a', 'read'))],
  ['JSON for HCL', policy(rule('kv/a', 'read')), { policy: '{"path":{"kv/a":{"capabilities":["read"]}}}' }],
  ['an old word', policy(rule('kv/a', 'read', 'list')), { policy: 'path "kv/a" { policy = "read" }' }],
  ['a rule that a wider one covers', policy(rule('kv/*', 'read')), policy(rule('kv/*', 'read'), rule('kv/a', 'read'))],
  [
    'a deny where nothing is granted',
    policy(rule('kv/a', 'read')),
    policy(rule('kv/a', 'read'), rule('pki/*', 'deny')),
  ],
  ['a capability beside deny', policy(rule('kv/a', 'deny')), policy(rule('kv/a', 'deny', 'read'))],
  [
    'no capability for deny',
    policy(rule('kv/*', 'read'), rule('kv/a', 'deny')),
    policy(rule('kv/*', 'read'), rule('kv/a')),
  ],
  ['a star for all that it covered', policy(rule('kv/*', 'read'), rule('kv/a*', 'read')), policy(rule('kv/*', 'read'))],
  [
    'two policies for one',
    policy(rule('kv/a', 'read'), rule('kv/b', 'read')),
    {
      roles: { ci: { token_policies: ['app', 'b'] } },
      policy: rule('kv/a', 'read'),
      policies: { b: rule('kv/b', 'read') },
    },
  ],
  [
    'a policy of another name',
    policy(rule('kv/a', 'read')),
    { roles: { ci: { token_policies: ['b'] } }, policies: { b: rule('kv/a', 'read') } },
  ],
  ['the default policy by name', {}, { roles: { ci: { token_policies: ['app', 'default'] } } }],
  ['a policy that no role has', {}, { policies: { alone: rule('sys/*', 'sudo') } }],
  [
    'an allowed parameter in another case',
    { policy: 'path "kv/a" { capabilities = ["update"]\n allowed_parameters = { "ttl" = ["1h"] } }' },
    { policy: 'path "kv/a" { capabilities = ["update"]\n allowed_parameters = { "TTL" = ["1h"] } }' },
  ],
  ['a wrapping in another unit', wrapped('min_wrapping_ttl = "60s"'), wrapped('min_wrapping_ttl = "1m"')],
]);

/**
 * What several sides declare together, as Terraform's JSON: each at a mount and with policies of its own.
 * @param first the number of the first one's mount
 */
export function documentOf(sides: readonly Side[], first = 0): unknown {
  const roles: Record<string, object> = {};
  const policies: Record<string, object> = {};
  for (const [place, side] of sides.entries()) {
    const index = first + place;
    const texts = { app: side.policy ?? rule('kv/data/app/*', 'read'), ...side.policies };
    for (const [name, text] of Object.entries(texts))
      policies[`p${index}-${name}`] = { name: `p${index}-${name}`, policy: text };
    for (const [name, fields] of Object.entries(side.roles ?? { ci: {} })) {
      const { token_policies: names = ['app'], ...rest } = fields as { readonly token_policies?: readonly string[] };
      roles[`r${index}-${name}`] = {
        backend: mountOf(index),
        role_name: name,
        role_type: 'jwt',
        bound_audiences: ['vault'],
        user_claim: 'sub',
        token_policies: names.map((one) => (one === 'default' ? one : `p${index}-${one}`)),
        ...rest,
      };
    }
  }
  return { resource: { vault_jwt_auth_backend_role: roles, vault_policy: policies } };
}

/** The mount of a side. */
export function mountOf(index: number): string {
  return `jwt-${index}`;
}
