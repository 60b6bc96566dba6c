import { type LintCode, lint } from 'vaultproof/lint';
import { expect, test } from 'vitest';
import { consulLogin, login, policy } from './found.js';

const byName = 'path "kv/data/{{identity.entity.aliases.a.name}}/*" { capabilities = ["read"] }';

/** What is wrong, what would be right, and what to do, for somebody who has read nothing else. */
test.each<[LintCode, Readonly<Record<string, unknown>>, reason: string, fix: string]>([
  [
    'name-in-path',
    policy(byName),
    'Vault inserts the name that the token has into this path, and only then looks for wildcards: a subject called "+" or "vish*" gets at the paths of others, and one called "a/b" at a path of "a"',
    'use {{identity.entity.id}}, which Vault makes itself, or allow this if the issuer signs no name with "+", "*" or "/" in it',
  ],
  [
    'no-bound-issuer',
    login({ backend: { bound_issuer: null } }),
    'Vault then accepts any iss, and does not compare it with oidc_discovery_url either: if the same keys sign for other issuers, their tokens get in, too',
    'set bound_issuer to the iss of the tokens that are meant, character for character',
  ],
  [
    'no-bound-issuer',
    consulLogin({ config: { BoundIssuer: '' } }),
    'Consul then accepts any iss: if the same keys sign for other issuers, their tokens get in, too',
    'set BoundIssuer to the iss of the tokens that are meant, character for character',
  ],
  [
    'mutable-user-claim',
    login({ role: { user_claim: 'repository' } }),
    'Vault tells identities apart by this claim, whose value can change and be taken over: then one subject becomes two, or another gets the identity of the first',
    'set user_claim to a claim that stays: repository_id',
  ],
  [
    'mutable-claim',
    consulLogin({
      config: { ClaimMappings: { repository: 'repository' } },
      rule: { selector: 'value.repository == "acme/app"' },
    }),
    'the value can be changed and taken over by someone else, who then gets in',
    'compare a claim that stays, in its place or as well: repository_id',
  ],
  [
    'selector-unparsable',
    consulLogin({ rule: { selector: 'value.user = "x"' } }),
    expect.stringMatching(/^Consul refuses the rule, since it can't read the selector: /),
    'write it as Consul\'s grammar has it, such as: value.repository == "acme/app" and "ci" in list.groups',
  ],
  [
    'spaces-not-kept',
    login({ role: { bound_audiences: ['damage_inc '] } }),
    'the spaces are not stored: "damage_inc" gets in, "damage_inc " is refused, and every plan shows a change',
    'leave the spaces out',
  ],
  [
    'comma-split',
    login({ role: { bound_claims: { ref: 'a,b' } } }),
    'the provider makes a list of it at the commas, and a token with any one of them gets in: "a", "b"',
    'set disable_bound_claims_parsing if it is one value with a comma in it, or allow this if each of them is meant',
  ],
  [
    'glob-too-wide',
    login({ role: { bound_subject: null, bound_claims: { sub: 'repo:acme*' }, bound_claims_type: 'glob' } }),
    '"*" stands for "/" and ":", too, and here it continues a name: "repo:acme-evil/..." gets in as well',
    'put the "/" or ":" that ends the name before the "*", or write the value out',
  ],
  [
    'pointer-not-followed',
    login({ role: { user_claim: '/kubernetes.io/namespace' } }),
    'Vault takes it for the name of a claim, not for a JSON pointer: no token has such a claim, and every login is refused',
    'set user_claim_json_pointer to true',
  ],
  [
    'dotted-claim',
    login({ role: { bound_claims: { 'realm_access.roles': 'x' } } }),
    'a dot does not lead into a claim: the server looks for one that is called "realm_access.roles"',
    'write the JSON pointer "/realm_access/roles", or allow this if a claim is called so',
  ],
  [
    'unanchored-match',
    consulLogin({ rule: { selector: 'value.user matches "vish"' } }),
    'it matches any part of the string, so that others can choose a name that matches',
    'let the pattern begin with "^", and end with "$", or with the "/" or ":" that ends a name',
  ],
  [
    'no-max-ttl',
    login({ role: { token_max_ttl: null } }),
    "a token can be renewed up to the server's max_lease_ttl, which is 32 days by default",
    'set token_max_ttl to the longest that a job takes, in seconds, such as 3600',
  ],
])('%s says what is wrong and what to do', (code, json, reason, fix) => {
  const [finding] = lint(json).filter((one) => one.code === code);
  expect(finding).toMatchObject({ reason, fix });
});
