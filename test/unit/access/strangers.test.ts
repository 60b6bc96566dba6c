import { boundCoverage, strangers } from 'vaultproof';
import { github } from 'vaultproof/issuer/presets';
import { expect, test } from 'vitest';

const role = {
  boundIssuer: 'https://ci.example',
  boundAudiences: ['vault'],
  boundClaims: { ref: ['refs/heads/release-*', 'refs/heads/main'], '/job/env': 'prod', id: '7' },
  boundClaimsType: 'glob',
  groupsClaim: 'groups',
};
const good = {
  iss: 'https://ci.example',
  aud: 'vault',
  sub: 'me',
  ref: 'refs/heads/main',
  id: '7',
  job: { env: 'prod' },
  groups: [],
};

test('each bound has a stranger with another value, one without the claim, and what a glob lets in by accident', () => {
  expect(strangers(role, good).map(({ who, code, claim }) => `${who}: ${code} ${claim}`)).toEqual([
    'another iss: issuer_mismatch iss',
    'no iss: issuer_mismatch iss',
    'another aud: audience_mismatch aud',
    'no aud: audience_mismatch aud',
    'another ref: claim_mismatch ref',
    'no ref: claim_missing ref',
    'a ref that "refs/heads/release-*" lets in by accident: claim_mismatch ref',
    'another /job/env: claim_mismatch /job/env',
    'no /job/env: claim_missing /job/env',
    'another id: claim_mismatch id',
    'no id: claim_missing id',
  ]);
});

test('a stranger differs from the good token in one claim', () => {
  const [iss, noIss] = strangers(role, good);
  expect(iss?.claims).toEqual({ ...good, iss: 'https://ci.example-x' });
  expect(noIss?.claims).toEqual({ ...good, iss: null });
  const env = strangers(role, good).find(({ who }) => who === 'another /job/env');
  expect(env?.claims).toEqual({ ...good, job: { env: 'prod-x' } });
});

test('a bound is covered by a token that only it keeps out', () => {
  const all = strangers(role, good).map(({ claims }) => claims);
  expect(boundCoverage(role, all).missed).toEqual([]);
  const few = [{ ...good, ref: 'x' }, { ...good, id: '8', aud: 'x' }, good];
  expect(boundCoverage(role, few)).toEqual({
    covered: ['bound_claims.ref'],
    missed: ['bound_issuer', 'bound_audiences', 'bound_claims./job/env', 'bound_claims.id'],
  });
});

test('a good token that is refused is no good token', () => {
  expect(() => strangers(role, { ...good, id: '8' })).toThrow(/refused with "claim_mismatch" for "id"/);
});

test('a Consul login has strangers for its audience, its issuer and each claim that a rule needs', () => {
  const login = {
    config: { BoundAudiences: ['consul'], ClaimMappings: { team: 'team', note: 'note' } },
    rules: [{ BindType: 'policy', BindName: 'app', Selector: 'value.team == "payments"' }],
  };
  const found = strangers(login, { iss: 'x', aud: 'consul', sub: 'me', team: 'payments', note: 'x' });
  expect(found.map(({ who, code }) => `${who}: ${code}`)).toEqual([
    'another aud: audience_mismatch',
    'no aud: audience_mismatch',
    'another team: no_binding_rule_matched',
    'no team: no_binding_rule_matched',
  ]);
});

const consulLogin = (Selector: string, mappings: object = {}) => ({
  config: { BoundAudiences: ['consul'], ClaimMappings: { team: 'team', ref: 'ref' }, ...mappings },
  rules: [{ BindType: 'policy', BindName: 'app', Selector }],
});
const goodAtConsul = { aud: 'consul', sub: 'me', team: 'ops', ref: 'main' };
const outsiders = (selector: string): string[] =>
  strangers(consulLogin(selector), goodAtConsul)
    .map(({ who }) => who)
    .filter((who) => !who.endsWith(' aud'));

test.each([
  ['value.ref matches "^ma"', ['another ref']],
  ['"ref" in value and value.ref matches "^ma"', ['another ref', 'no ref']],
  ['value.team != "guest"', ['the team "guest"']],
  ['"bot" not in value.team', ['the team "bot"']],
  ['"op" in value.team', ['another team', 'no team']],
  ['value.team == "ops" or value.ref == "main"', ['another team and another ref']],
  ['value.team == "ops" and value.ref != "dev"', ['another team', 'no team', 'the ref "dev"']],
])('of the selector %s there are strangers', (selector, who) => {
  expect(outsiders(selector)).toEqual(who);
});

test.each(['k.team', 'k/team'])('of a mapping "%s", which is no pointer, the pointer is named', (claim) => {
  const login = consulLogin('value.team == "ops"', { ClaimMappings: { [claim]: 'team' } });
  expect(() => strangers(login, { aud: 'consul', sub: 'me', k: { team: 'ops' } })).toThrow(
    `the token has "${claim}" as a part of a claim: write "/k/team" in ClaimMappings`,
  );
});

test.each([
  [
    'value.team matches `\\pL`',
    'only Consul can say whether the good token gets in: binding rule for the policy "app": its selector has a regular expression that only Consul can evaluate',
  ],
  ['value.ref = "x"', 'Consul refuses its selector: invalid selector "value.ref = "x""'],
  ['value.unit == "x"', '"no_binding_rule_matched" ("value.unit" is not mapped: add the claim to ClaimMappings)'],
  ['value.team == "x"', 'is refused with "no_binding_rule_matched": pass the claims of a token that gets in'],
])('a good token of which the selector %s says no, or nothing, is named as such', (selector, message) => {
  expect(() => strangers(consulLogin(selector), goodAtConsul)).toThrow(message);
});

test('the bounds of a Consul login that no token would miss are named', () => {
  const login = {
    ...consulLogin('value.team == "ops" and not value.ref == "dev"'),
    config: { ...consulLogin('').config, BoundIssuer: 'x' },
  };
  const good = { ...goodAtConsul, iss: 'x' };
  const [team, ref] = ['policy "app": value.team == "ops"', 'policy "app": value.ref == "dev"'];
  expect(boundCoverage(login, [])).toEqual({ covered: [], missed: ['BoundIssuer', 'BoundAudiences', team, ref] });
  expect(boundCoverage(login, [{ ...good, team: 'x' }, { ...good, ref: 'dev' }, good])).toEqual({
    covered: [team, ref],
    missed: ['BoundIssuer', 'BoundAudiences'],
  });
  const all = strangers(login, good).map(({ claims }) => claims);
  expect(boundCoverage(login, all).missed).toEqual([]);
  expect(boundCoverage(login, [{ ...good, team: 'x', ref: 'dev' }]).covered).toEqual([]);
});

test('of a selector that is always true no bound is covered', () => {
  const login = consulLogin('value.team == "ops" or value.team != "ops"');
  const all = strangers(login, goodAtConsul).map(({ claims }) => claims);
  expect(boundCoverage(login, all).missed).toEqual([
    'policy "app": value.team == "ops"',
    'policy "app": value.team != "ops"',
  ]);
});

test('the props of a stack of Consul are a login', () => {
  const props = {
    boundIssuer: 'https://ci.example',
    boundAudiences: ['consul'],
    claimMappings: { team: 'team' },
    bindingRules: [{ bindType: 'service', bindName: 'web', selector: 'value.team == "ops"' }],
  };
  const all = strangers(props, { iss: 'https://ci.example', aud: 'consul', sub: 'me', team: 'ops' });
  expect(all.map(({ who }) => who)).toEqual([
    'another iss',
    'no iss',
    'another aud',
    'no aud',
    'another team',
    'no team',
  ]);
  const tried = all.map(({ claims }) => claims);
  expect(boundCoverage(props, tried)).toEqual({
    covered: ['BoundIssuer', 'BoundAudiences', 'service "web": value.team == "ops"'],
    missed: [],
  });
});

test('the props of a stack of Vault are refused', () => {
  expect(() => strangers(Object.assign({}, role, { roles: [role] }), good)).toThrow(
    'pass one role, { ...backend, ...role }',
  );
});

test('what readAccess found is refused, which has no bounds itself and would lack none', () => {
  const login = { mount: 'jwt', role: 'ci', address: 'vault_jwt_auth_backend_role.ci', policies: [], bounds: role };
  expect(() => boundCoverage(login as object, [good])).toThrow('this is what readAccess() found: pass its "bounds"');
  expect(() => strangers(login as object, good)).toThrow('this is what readAccess() found: pass its "bounds"');
});

test('what a preset returned is refused, which is no claims', () => {
  expect(() => strangers(role, github({ repository: 'acme/app' }) as never)).toThrow(
    'the good token is what a preset returned: pass its claims, github({ ... })(issuer)',
  );
});

test('a user claim that is bound, too, has one stranger without it', () => {
  const who = strangers({ ...role, userClaim: 'id' }, good).map((stranger) => stranger.who);
  expect(who.filter((name) => name === 'no id')).toEqual(['no id']);
});
