import { lint } from 'vaultproof/lint';
import { describe, expect, test } from 'vitest';
import { found, login } from './found.js';

const unknown = `\${var.unknown}`;
const subject = { bound_subject: null };
const globs = (claims: Readonly<Record<string, string>>, more = {}) =>
  login({ role: { ...subject, bound_claims: claims, bound_claims_type: 'glob', ...more } });

test('a login without a fault has no findings', () => {
  expect(lint(login())).toEqual([]);
});

describe('audience-only', () => {
  test('finds a role that binds nothing else', () => {
    expect(found('audience-only', login({ role: subject }))).toEqual([
      { address: 'role', attribute: 'bound_audiences', found: ['damage_inc'] },
    ]);
    expect(found('audience-only', login({ role: { ...subject, bound_audiences: [unknown] } }))).toEqual([
      { address: 'role', attribute: 'bound_audiences' },
    ]);
    expect(found('audience-only', login({ role: { bound_subject: '', bound_claims: {} } }))).toHaveLength(1);
    expect(found('audience-only', login({ role: { ...subject, token_bound_cidrs: ['10.0.0.0/8'] } }))).toHaveLength(1);
  });

  test.each([
    { iss: 'https://i.example' },
    { aud: 'damage_inc' },
    { '/iss': 'https://i.example', '/aud': 'damage_inc' },
  ])('finds a role that binds %j alone, which says nothing of who it is', (bound_claims) => {
    expect(found('audience-only', login({ role: { ...subject, bound_claims } }))).toHaveLength(1);
    expect(
      found('audience-only', login({ role: { ...subject, bound_claims: { ...bound_claims, team: 'red' } } })),
    ).toEqual([]);
  });

  test.each([
    { bound_subject: 'x' },
    { bound_subject: unknown },
    { ...subject, bound_claims: { team: 'red' } },
    { ...subject, bound_claims: unknown },
    { ...subject, bound_claims: `\${merge(local.a, { b = "c" })}` },
    { ...subject, dynamic: { bound_claims: {} } },
    { ...subject, role_type: 'oidc' },
    { ...subject, role_type: unknown },
    { ...subject, role_type: null, allowed_redirect_uris: ['http://localhost:8250/oidc/callback'] },
    { ...subject, groups_claim: 'groups', token_policies: [] },
    { ...subject, groups_claim: 'groups', token_policies: ['default'] },
    { ...subject, groups_claim: 'groups', token_policies: unknown },
  ])('is content with %j', (role) => {
    expect(found('audience-only', login({ role }))).toEqual([]);
  });

  test('is content with a role without a type where there is an OIDC client', () => {
    const role = { ...subject, role_type: null };
    expect(found('audience-only', login({ role, backend: { oidc_client_id: 'vault' } }))).toEqual([]);
    expect(found('audience-only', login({ role }))).toHaveLength(1);
  });

  test('finds a role with groups that grants something by itself', () => {
    const role = { ...subject, groups_claim: 'groups', token_policies: ['default', 'reader'] };
    expect(found('audience-only', login({ role }))).toHaveLength(1);
  });
});

describe('no-tenant-bound', () => {
  const github = { bound_issuer: 'https://token.actions.githubusercontent.com' };
  const gitlab = { bound_issuer: 'https://gitlab.com' };
  const hcp = { bound_issuer: 'https://app.terraform.io' };
  const buildkite = { bound_issuer: 'https://agent.buildkite.com' };
  const on = (backend: object, role: object) =>
    found('no-tenant-bound', login({ backend: { ...backend }, role: { ...subject, ...role } }));

  test.each([
    [{ bound_issuer: null, jwks_url: 'https://vstoken.dev.azure.com/.well-known/jwks' }, {}],
    [github, {}],
    [github, { bound_claims: { ref: 'refs/heads/main' } }],
    [github, { bound_claims: { sub: 'repo:*' }, bound_claims_type: 'glob' }],
    [github, { bound_claims: { sub: 'repo:acme*' }, bound_claims_type: 'glob' }],
    [github, { bound_claims: { repository: '*' }, bound_claims_type: 'glob' }],
    [github, { bound_claims: { repository_owner: 'acme*' }, bound_claims_type: 'glob' }],
    [github, { bound_claims: { sub: 'repo:acme/app:pull_request,*' }, bound_claims_type: 'glob' }],
    [github, { bound_subject: 'ref:refs/heads/main' }],
    [{ bound_issuer: null, oidc_discovery_url: github.bound_issuer }, {}],
    [{ bound_issuer: null, jwks_url: `${github.bound_issuer}/.well-known/jwks` }, {}],
    [gitlab, { bound_claims: { ref_protected: 'true' } }],
    [hcp, { bound_claims: { terraform_run_phase: 'apply' } }],
    [buildkite, { bound_claims: { pipeline_slug: 'deploy' } }],
  ])('finds on %j a role with %j', (backend, role) => {
    expect(on(backend, role)).toEqual([{ address: 'role', attribute: 'bound_claims' }]);
  });

  test.each([
    [github, { bound_claims: { repository_owner_id: '1' } }],
    [github, { bound_claims: { repository: 'acme/app' } }],
    [github, { bound_claims: { sub: 'repo:acme/*' }, bound_claims_type: 'glob' }],
    [github, { bound_claims: { sub: 'repo:acme@1/app@2:ref:refs/heads/main' } }],
    [github, { bound_claims: { sub: 'repository_owner_id:1:ref:refs/heads/main' } }],
    [github, { bound_claims: { job_workflow_ref: 'acme/ci/.github/workflows/x.yml@*' }, bound_claims_type: 'glob' }],
    [github, { bound_subject: 'repo:acme/app:environment:prod' }],
    [github, { bound_subject: unknown }],
    [github, { bound_claims: unknown }],
    [github, { bound_claims: { repository: unknown } }],
    [gitlab, { bound_claims: { project_id: '1' } }],
    [gitlab, { bound_subject: 'project_path:acme/app:ref_type:branch:ref:main' }],
    [hcp, { bound_subject: 'organization:acme:project:p:workspace:w:run_phase:apply' }],
    [buildkite, { bound_claims: { organization_slug: 'acme' } }],
    [{ bound_issuer: 'https://token.actions.githubusercontent.com/acme' }, {}],
    [{ bound_issuer: 'https://oidc.circleci.com/org/1' }, {}],
    [{ bound_issuer: 'https://vstoken.dev.azure.com/1' }, {}],
    [
      { bound_issuer: null, jwks_url: 'https://vstoken.dev.azure.com/.well-known/jwks' },
      { bound_subject: 'sc://acme/shop/vault' },
    ],
    [{ bound_issuer: unknown }, {}],
    [{ ...github, path: unknown }, {}],
    [{ ...github, path: 'elsewhere' }, {}],
  ])('is content on %j with %j', (backend, role) => {
    expect(on(backend, role)).toEqual([]);
  });

  test.each([
    [
      { jwks_pairs: [{ jwks_url: 'https://i.example/keys' }, { jwks_url: `${github.bound_issuer}/.well-known/jwks` }] },
      {},
    ],
    [{ jwks_pairs: [{ jwks_url: 'https://i.example/keys' }] }, { bound_claims: { iss: github.bound_issuer } }],
    [{ jwks_url: 'https://i.example/keys' }, { bound_claims: { iss: `https://i.example,${github.bound_issuer}` } }],
    [{ jwt_validation_pubkeys: ['key'] }, { bound_claims: { iss: github.bound_issuer, ref: 'refs/heads/main' } }],
    [
      { jwt_validation_pubkeys: ['key'] },
      { bound_claims: { iss: 'https://token.actions.*' }, bound_claims_type: 'glob' },
    ],
  ])('finds on %j, whose role says the issuer, %j', (backend, role) => {
    expect(on({ jwks_url: null, bound_issuer: null, ...backend }, role)).toHaveLength(1);
  });

  test.each([
    [
      { jwks_pairs: [{ jwks_url: `${github.bound_issuer}/.well-known/jwks` }] },
      { bound_claims: { repository_id: '1' } },
    ],
    [{ jwks_pairs: [{ jwks_url: 'https://i.example/keys' }] }, { bound_claims: { iss: 'https://i.example' } }],
    [{ jwks_pairs: unknown }, {}],
  ])('is content with %j, whose role says %j', (backend, role) => {
    expect(on({ jwks_url: null, bound_issuer: null, ...backend }, role)).toEqual([]);
  });

  test('finds the backend through a reference, with slashes around its path', () => {
    const role = { ...subject, backend: `\${vault_jwt_auth_backend.jwt.id}` };
    expect(found('no-tenant-bound', login({ backend: { ...github, path: 'ci/' }, role }))).toHaveLength(1);
    expect(found('no-tenant-bound', login({ backend: github, role: { ...subject, backend: unknown } }))).toEqual([]);
    const byPath = { ...subject, backend: `\${vault_jwt_auth_backend.jwt.path}` };
    expect(found('no-tenant-bound', login({ backend: { ...github, path: unknown }, role: byPath }))).toHaveLength(1);
  });
});

describe('no-tenant-bound, of issuers that sign for people and machines', () => {
  const google = { bound_issuer: 'https://accounts.google.com' };
  const common = { bound_issuer: null, oidc_discovery_url: 'https://login.microsoftonline.com/common/v2.0' };
  const organizations = {
    bound_issuer: null,
    jwks_url: 'https://login.microsoftonline.com/organizations/discovery/v2.0/keys',
  };
  const vercel = { bound_issuer: 'https://oidc.vercel.com' };
  const on = (backend: object, role: object) =>
    found('no-tenant-bound', login({ backend: { ...backend }, role: { ...subject, ...role } }));

  test.each([
    [google, { bound_claims: { '/google/compute_engine/instance_name': 'web-1' } }],
    [google, { bound_claims: { email_verified: 'true' } }],
    [{ bound_issuer: null, jwks_url: 'https://www.googleapis.com/oauth2/v3/certs' }, {}],
    [{ bound_issuer: 'accounts.google.com' }, {}],
    [common, { bound_claims: { roles: 'admin' } }],
    [organizations, {}],
    [vercel, { bound_claims: { environment: 'production' } }],
    [vercel, { bound_claims: { sub: 'owner:*' }, bound_claims_type: 'glob' }],
    [{ bound_issuer: 'gitlab.com' }, { bound_claims: { ref: 'main' } }],
    [{ bound_issuer: 'https://gitlab.com/' }, { bound_claims: { ref: 'main' } }],
  ])('finds on %j a role with %j', (backend, role) => {
    expect(on(backend, role)).toEqual([{ address: 'role', attribute: 'bound_claims' }]);
  });

  test.each([
    [google, { bound_claims: { hd: 'acme.example' } }],
    [google, { bound_claims: { '/email': 'ci@acme.iam.gserviceaccount.com' } }],
    [google, { bound_subject: '1072843' }],
    [google, { bound_claims: { '/google/compute_engine/project_id': 'acme' } }],
    [common, { bound_claims: { tid: '6f2c' } }],
    [{ bound_issuer: null, oidc_discovery_url: 'https://login.microsoftonline.com/6f2c/v2.0' }, {}],
    [{ ...organizations, bound_issuer: 'https://login.microsoftonline.com/6f2c/v2.0' }, {}],
    [vercel, { bound_claims: { owner_id: 'team_1' } }],
    [vercel, { bound_subject: 'owner:acme:project:app:environment:production' }],
    [{ bound_issuer: 'https://oidc.vercel.com/acme' }, {}],
    [{ bound_issuer: 'https://gitlab.com' }, { bound_claims: { groups_direct: 'acme/admins' } }],
    [{ bound_issuer: 'https://gitlab.com' }, { bound_subject: '72' }],
  ])('is content on %j with %j', (backend, role) => {
    expect(on(backend, role)).toEqual([]);
  });
});

describe('no-namespace-bound', () => {
  const name = '/kubernetes.io/serviceaccount/name';

  test.each([
    { [name]: 'vault' },
    { [name]: 'vault', '/kubernetes.io/node/name': 'a' },
    { '/kubernetes.io/pod/name': 'web-0' },
    { 'kubernetes.io/serviceaccount/service-account.name': 'vault' },
  ])('finds a role bound to %j', (bound_claims) => {
    const role = { ...subject, bound_claims };
    const claim = Object.keys(bound_claims)[0] ?? '';
    expect(found('no-namespace-bound', login({ role }))).toEqual([
      { address: 'role', attribute: `bound_claims.${claim}`, found: Object.values(bound_claims)[0] },
    ]);
  });

  test.each([
    { ...subject, bound_claims: { [name]: 'vault', '/kubernetes.io/namespace': 'payments' } },
    { ...subject, bound_claims: { [name]: 'vault', '/kubernetes.io/serviceaccount/uid': 'a709' } },
    { ...subject, bound_claims: { [name]: 'vault', sub: 'system:serviceaccount:payments:vault' } },
    { bound_subject: 'system:serviceaccount:payments:vault', bound_claims: { [name]: 'vault' } },
    { ...subject, bound_claims: unknown },
    { ...subject, bound_claims: { '/kubernetes.io/namespace': 'payments' } },
  ])('is content with %j', (role) => {
    expect(found('no-namespace-bound', login({ role }))).toEqual([]);
  });
});

describe('audience-never-matches', () => {
  const jwks = (jwks_url: string) => ({ jwks_url, bound_issuer: 'https://issuer.acme.example' });

  test.each([
    { bound_issuer: 'https://token.actions.githubusercontent.com' },
    { bound_issuer: 'https://token.actions.githubusercontent.com/acme' },
    jwks('https://github.acme.example/_services/token/.well-known/jwks'),
    { bound_issuer: 'https://gitlab.com' },
    { bound_issuer: 'gitlab.com' },
    { bound_issuer: 'https://gitlab.acme.example' },
    jwks('https://git.acme.example/oauth/discovery/keys'),
    { bound_issuer: 'https://app.terraform.io' },
    { bound_issuer: 'https://oidc.circleci.com/org/1' },
    { bound_issuer: 'https://agent.buildkite.com' },
    { bound_issuer: 'https://vstoken.dev.azure.com/1' },
    { bound_issuer: 'https://abc123-def456.tokens.sts.global.api.aws' },
    { bound_issuer: 'https://api.bitbucket.org/2.0/workspaces/acme/pipelines-config/identity/oidc' },
    { bound_issuer: 'https://kubernetes.default.svc.cluster.local' },
    { bound_issuer: 'https://oidc.eks.eu-west-1.amazonaws.com/id/AB12' },
    jwks('https://cluster.acme.example/openid/v1/jwks'),
  ])('finds a role without bound_audiences on %j', (backend) => {
    const expected = [{ address: 'role', attribute: 'bound_audiences' }];
    expect(found('audience-never-matches', login({ backend, role: { bound_audiences: null } }))).toEqual(expected);
    expect(found('audience-never-matches', login({ backend, role: { bound_audiences: [] } }))).toEqual(expected);
    const bound_audiences = ['damage_inc', 'api://AzureADTokenExchange'];
    expect(found('audience-never-matches', login({ backend, role: { bound_audiences } }))).toEqual([]);
  });

  test('finds an audience that Azure DevOps does not sign', () => {
    const backend = { bound_issuer: 'https://vstoken.dev.azure.com/1' };
    const on = (bound_audiences: unknown) =>
      found('audience-never-matches', login({ backend, role: { bound_audiences } }));
    expect(on(['api://AzureAdTokenExchange'])).toEqual([
      { address: 'role', attribute: 'bound_audiences', found: ['api://AzureAdTokenExchange'] },
    ]);
    expect(on(['api://AzureADTokenExchange'])).toEqual([]);
    expect(on(['x', unknown])).toEqual([]);
    expect(on(unknown)).toEqual([]);
    expect(
      found('audience-never-matches', login({ role: { bound_audiences: ['api://AzureAdTokenExchange'] } })),
    ).toEqual([]);
  });

  test.each([
    { bound_claims: { '/kubernetes.io/namespace': 'payments' } },
    { bound_claims: { aud: 'damage_inc' } },
    { bound_claims: { '/aud': 'damage_inc' } },
  ])('finds a role with %j, whoever signs', (role) => {
    expect(found('audience-never-matches', login({ role: { ...role, bound_audiences: null } }))).toHaveLength(1);
  });

  test.each([
    [{}, { bound_audiences: null }],
    [{ bound_issuer: 'https://gitlab.com' }, { bound_audiences: unknown }],
    [{ bound_issuer: 'https://gitlab.com' }, { bound_audiences: null, role_type: 'oidc' }],
    [{ bound_issuer: 'https://gitlab.com' }, { bound_audiences: null, role_type: unknown }],
    [{ bound_issuer: 'kubernetes/serviceaccount' }, { bound_audiences: null }],
  ])('is content on %j with %j', (backend, role) => {
    expect(found('audience-never-matches', login({ backend, role }))).toEqual([]);
  });
});

describe('ref-never-matches', () => {
  const github = { bound_issuer: 'https://token.actions.githubusercontent.com' };
  const gitlab = { bound_issuer: 'https://gitlab.acme.example' };
  const on = (backend: object, bound_claims: object, more: object = {}) =>
    found('ref-never-matches', login({ backend: { ...backend }, role: { ...subject, bound_claims, ...more } }));

  test.each([
    [github, 'ref', 'main'],
    [github, 'ref', 'heads/main'],
    [github, 'sub', 'repo:acme/app:ref:main'],
    [gitlab, 'ref', 'refs/heads/main'],
    [gitlab, 'ref_path', 'main'],
    [gitlab, 'sub', 'project_path:acme/app:ref_type:branch:ref:refs/heads/main'],
  ])('finds on %j the claim %s with %s', (backend, claim, value) => {
    const expected = [{ address: 'role', attribute: `bound_claims.${claim}`, found: value }];
    expect(on(backend, { [claim]: value })).toEqual(expected);
  });

  test('finds a wildcard that can be no ref, one of several values, and a bound subject', () => {
    expect(on(github, { ref: 'release-*' }, { bound_claims_type: 'glob' })).toMatchObject([{ found: 'release-*' }]);
    expect(on(github, { ref: 'refs/heads/main,main' })).toMatchObject([{ found: 'main' }]);
    const role = { bound_subject: 'repo:acme/app:ref:main' };
    expect(found('ref-never-matches', login({ backend: github, role }))).toMatchObject([
      { attribute: 'bound_subject' },
    ]);
  });

  test.each([
    [github, { ref: 'refs/heads/main' }, {}],
    [github, { ref: '*main' }, { bound_claims_type: 'glob' }],
    [github, { ref: 'refs/tags/v*' }, { bound_claims_type: 'glob' }],
    [github, { ref: unknown }, {}],
    [github, { head_ref: 'main', sub: 'repo:acme/app:ref:refs/heads/main' }, {}],
    [github, { sub: 'repo:acme/app:environment:prod' }, {}],
    [gitlab, { ref: 'main', ref_path: 'refs/heads/main' }, {}],
    [gitlab, { sub: 'project_path:acme/app:ref_type:branch:ref:main' }, {}],
    [{ bound_issuer: 'https://i.example' }, { ref: 'main' }, {}],
  ])('is content on %j with %j and %j', (backend, claims, more) => {
    expect(on(backend, claims, more)).toEqual([]);
  });
});

describe('type-never-matches', () => {
  const on = (bound_issuer: string, bound_claims: object) =>
    found('type-never-matches', login({ backend: { bound_issuer }, role: { ...subject, bound_claims } }));
  const issuer = 'https://i.example';

  test.each([
    [issuer, 'email_verified', true],
    [issuer, 'email_verified', 'true'],
    [issuer, '/email_verified', 'true'],
    [issuer, 'iat', '1'],
    ['https://gitlab.com', 'runner_id', '7'],
    ['https://accounts.google.com', '/google/compute_engine/project_number', '7'],
  ])('finds on %s the claim %s with %j', (bound_issuer, claim, value) => {
    const expected = [{ address: 'role', attribute: `bound_claims.${claim}`, found: value }];
    expect(on(bound_issuer, { [claim]: value })).toEqual(expected);
  });

  test.each([
    [issuer, { runner_id: '7' }],
    [issuer, { email_verified: unknown }],
    ['https://gitlab.com', { ref_protected: 'true', project_id: '7' }],
  ])('is content on %s with %j', (bound_issuer, claims) => {
    expect(on(bound_issuer, claims)).toEqual([]);
  });
});

describe('dotted-claim', () => {
  test.each([
    [{ groups_claim: 'realm_access.roles' }, 'groups_claim', 'realm_access.roles'],
    [{ user_claim: 'user.name' }, 'user_claim', 'user.name'],
    [{ bound_claims: { 'kubernetes.io.namespace': 'a' } }, 'bound_claims', 'kubernetes.io.namespace'],
    [{ bound_claims: { 'kubernetes.io/namespace': 'a' } }, 'bound_claims', 'kubernetes.io/namespace'],
    [{ claim_mappings: { 'resource_access.app.roles': 'r' } }, 'claim_mappings', 'resource_access.app.roles'],
  ])('finds %j', (role, attribute, value) => {
    expect(found('dotted-claim', login({ role }))).toEqual([{ address: 'role', attribute, found: value }]);
  });

  test.each([
    { groups_claim: '/realm_access/roles' },
    { groups_claim: 'https://acme.example/roles' },
    { groups_claim: 'oidc.circleci.com/project-id' },
    { groups_claim: 'cognito:groups' },
    { groups_claim: 'kubernetes.io/serviceaccount/service-account.name' },
    { groups_claim: `a.\${var.unknown}` },
  ])('is content with %j', (role) => {
    expect(found('dotted-claim', login({ role }))).toEqual([]);
  });
});

test('dotted-claim says which pointer is meant', () => {
  const fix = (claim: string) => lint(login({ role: { groups_claim: claim } }))[0]?.fix;
  expect(fix('realm_access.roles')).toContain('"/realm_access/roles"');
  expect(fix('kubernetes.io.pod.name')).toContain('"/kubernetes.io/pod/name"');
  expect(fix('kubernetes.io/pod/name')).toContain('"/kubernetes.io/pod/name"');
});

describe('pointer-not-followed', () => {
  const user_claim = '/kubernetes.io/serviceaccount/uid';

  test.each([{}, { user_claim_json_pointer: false }])('finds a pointer with %j', (more) => {
    expect(found('pointer-not-followed', login({ role: { user_claim, ...more } }))).toEqual([
      { address: 'role', attribute: 'user_claim', found: user_claim },
    ]);
  });

  test.each([
    { user_claim, user_claim_json_pointer: true },
    { user_claim, user_claim_json_pointer: 'true' },
    { user_claim, user_claim_json_pointer: unknown },
    { user_claim: 'sub' },
    { user_claim: unknown },
  ])('is content with %j', (role) => {
    expect(found('pointer-not-followed', login({ role }))).toEqual([]);
  });
});

describe('oidc-client-refuses-jwt', () => {
  const backend = { oidc_client_id: 'vault', jwks_url: null, oidc_discovery_url: 'https://i.example' };

  test('finds a role for JWTs on an auth method with an OIDC client', () => {
    expect(found('oidc-client-refuses-jwt', login({ backend }))).toEqual([
      { address: 'role', attribute: 'role_type', found: 'jwt' },
    ]);
  });

  test.each([
    [backend, { role_type: 'oidc' }],
    [backend, { role_type: unknown }],
    [backend, { role_type: null }],
    [{ ...backend, oidc_client_id: '' }, {}],
    [{}, {}],
  ])('is content on %j with %j', (one, role) => {
    expect(found('oidc-client-refuses-jwt', login({ backend: { ...one }, role: { ...role } }))).toEqual([]);
  });
});

describe('glob-too-wide', () => {
  test.each([
    ['sub', 'repo:acme*'],
    ['sub', 'repo:acme/app*'],
    ['sub', 'repo:acme/app:*'],
    ['sub', 'project_path:acme/team/app:*'],
    ['sub', 'repo:acme/app*:ref:refs/heads/main'],
    ['sub', '*:ref:refs/heads/main'],
    ['repository', '*'],
    ['repository', '**'],
    ['repository_owner', 'acme*'],
    ['ref', '*'],
    ['ref', '*main'],
    ['sub', 'repo:*'],
    ['sub', 'repo:*/app:ref:refs/heads/main'],
    ['sub', 'project_path:*'],
    ['sub', 'organization:*:project:p:workspace:w:run_phase:apply'],
    ['sub', 'system:serviceaccount:*'],
    ['sub', 'system:serviceaccount:*:default'],
    ['sub', 'spiffe://*'],
    ['iss', 'https://*'],
    ['iss', 'https://*.example'],
  ])('finds %s with %s', (claim, value) => {
    const expected = { address: 'role', attribute: `bound_claims.${claim}`, found: value };
    expect(found('glob-too-wide', globs({ [claim]: value }))).toEqual([expected]);
  });

  test.each([
    ['sub', 'repo:acme/*'],
    ['sub', 'repo:acme/*:ref:refs/heads/main'],
    ['sub', 'repo:acme/*-app:ref:refs/heads/main*'],
    ['sub', 'repo:acme/app:ref:*'],
    ['sub', 'repo:acme/app:ref:refs/heads/release-*'],
    ['sub', 'repo:acme/app:environment:prod*'],
    ['sub', 'organization:acme:project:*:workspace:*:run_phase:apply'],
    ['sub', 'repo:acme/app:pull_request'],
    ['repository', 'acme/*'],
    ['job_workflow_ref', 'acme/ci/.github/workflows/deploy.yml@refs/tags/v*'],
    ['ref', 'refs/tags/v*'],
    ['ref', 'release-*'],
    ['sub', 'system:serviceaccount:payments:*'],
    ['sub', 'system:serviceaccount:payments:vault-*'],
    ['sub', 'spiffe://acme.example/*'],
    ['iss', 'https://i.example/*'],
    ['repository', `acme\${var.unknown}*`],
  ])('is content with %s and %s', (claim, value) => {
    expect(found('glob-too-wide', globs({ [claim]: value }))).toEqual([]);
  });

  test('is content with the name of an account beside an exact namespace', () => {
    const name = { '/kubernetes.io/serviceaccount/name': 'vault-*' };
    const expected = {
      address: 'role',
      attribute: 'bound_claims./kubernetes.io/serviceaccount/name',
      found: 'vault-*',
    };
    const beside = (namespace: string) => globs({ ...name, '/kubernetes.io/namespace': namespace });
    expect(found('glob-too-wide', beside('payments'))).toEqual([]);
    expect(found('glob-too-wide', globs(name))).toEqual([expected]);
    expect(found('glob-too-wide', beside('pay*'))).toContainEqual(expected);
  });

  test('is content with all of a repository where another claim says which tokens', () => {
    expect(found('glob-too-wide', globs({ sub: 'repo:acme/app:*', ref: 'refs/heads/main' }))).toEqual([]);
  });

  test('looks at each of several values, and at a value with commas that is one', () => {
    expect(found('glob-too-wide', globs({ repository: 'acme/app, acme*' }))).toMatchObject([{ found: 'acme*' }]);
    const whole = globs({ repository: 'acme/,*' }, { disable_bound_claims_parsing: true });
    expect(found('glob-too-wide', whole)).toMatchObject([{ found: 'acme/,*' }]);
  });

  test('says nothing of claims that are strings, or may be', () => {
    expect(found('glob-too-wide', globs({ sub: '*' }, { bound_claims_type: 'string' }))).toEqual([]);
    expect(found('glob-too-wide', globs({ sub: '*' }, { bound_claims_type: unknown }))).toEqual([]);
  });
});

describe('glob-never-matches', () => {
  test('finds a wildcard in a claim that is a string', () => {
    const role = { bound_claims: { ref: 'main,release-*' } };
    expect(found('glob-never-matches', login({ role }))).toEqual([
      { address: 'role', attribute: 'bound_claims.ref', found: 'release-*' },
    ]);
    expect(found('glob-never-matches', login({ role: { ...role, bound_claims_type: 'string' } }))).toHaveLength(1);
  });

  test('finds a wildcard in a bound subject, whatever the claims are', () => {
    const role = { bound_subject: 'repo:acme/*', bound_claims_type: 'glob' };
    expect(found('glob-never-matches', login({ role }))).toEqual([
      { address: 'role', attribute: 'bound_subject', found: 'repo:acme/*' },
    ]);
  });

  test('finds a wildcard in an audience, whatever the claims are', () => {
    const role = { bound_audiences: ['damage_inc', 'https://*.acme.example', unknown], bound_claims_type: 'glob' };
    expect(found('glob-never-matches', login({ role }))).toEqual([
      { address: 'role', attribute: 'bound_audiences', found: 'https://*.acme.example' },
    ]);
  });

  test.each([
    { bound_claims: { ref: 'release-*' }, bound_claims_type: 'glob' },
    { bound_claims: { ref: 'release-*' }, bound_claims_type: unknown },
    { bound_claims: { ref: 'main' } },
    { bound_claims: { ref: unknown } },
  ])('is content with %j', (role) => {
    expect(found('glob-never-matches', login({ role }))).toEqual([]);
  });
});

describe('empty-bound', () => {
  test.each([
    ['', {}],
    [' ', {}],
    ['', { bound_claims_type: 'glob' }],
    ['', { disable_bound_claims_parsing: true }],
    [' ', { disable_bound_claims_parsing: true }],
  ])('finds a claim bound to %j with %j', (value, more) => {
    const role = { ...subject, bound_claims: { team: value }, ...more };
    expect(found('empty-bound', login({ role }))).toEqual([
      { address: 'role', attribute: 'bound_claims.team', found: value },
    ]);
  });

  test('finds it among others', () => {
    expect(found('empty-bound', login({ role: { bound_claims: { team: 'red,' } } }))).toHaveLength(1);
  });

  test.each([
    { bound_claims: { team: 'red' } },
    { bound_claims: { team: unknown } },
    { bound_claims: { team: '' }, disable_bound_claims_parsing: unknown },
    { bound_claims: {} },
    { bound_subject: '' },
  ])('is content with %j', (role) => {
    expect(found('empty-bound', login({ role }))).toEqual([]);
  });
});

describe('comma-split', () => {
  test('finds a claim that the provider splits, and shows it whole', () => {
    expect(found('comma-split', login({ role: { bound_claims: { team: 'red, green' } } }))).toEqual([
      { address: 'role', attribute: 'bound_claims.team', found: 'red, green' },
    ]);
  });

  test.each([
    { bound_claims: { team: 'red' } },
    { bound_claims: { team: 'red,green' }, disable_bound_claims_parsing: true },
    { bound_claims: { team: 'red,green' }, disable_bound_claims_parsing: unknown },
    { bound_claims: unknown },
    { bound_claims: { team: `\${join(",", var.teams)}` } },
  ])('is content with %j', (role) => {
    expect(found('comma-split', login({ role }))).toEqual([]);
  });
});

describe('mutable-user-claim', () => {
  test.each([
    'actor',
    'email',
    'job_workflow_ref',
    'preferred_username',
    'ref',
    'repository',
    'terraform_full_workspace',
  ])('finds %s', (claim) => {
    const expected = [{ address: 'role', attribute: 'user_claim', found: claim }];
    expect(found('mutable-user-claim', login({ role: { user_claim: claim } }))).toEqual(expected);
  });

  test('finds a pointer to one', () => {
    const role = { user_claim: '/kubernetes.io/serviceaccount/name', user_claim_json_pointer: true };
    expect(found('mutable-user-claim', login({ role }))).toHaveLength(1);
    expect(found('mutable-user-claim', login({ role: { ...role, user_claim: '/email' } }))).toHaveLength(1);
  });

  test.each(['sub', 'repository_id', 'user_id', unknown, 'constructor'])('is content with %s', (claim) => {
    expect(found('mutable-user-claim', login({ role: { user_claim: claim } }))).toEqual([]);
  });
});

describe('role-type-default', () => {
  test('finds a role without a type', () => {
    expect(found('role-type-default', login({ role: { role_type: null } }))).toEqual([
      { address: 'role', attribute: 'role_type' },
    ]);
  });

  test.each([
    [{ role_type: 'jwt' }, {}],
    [{ role_type: unknown }, {}],
    [{ role_type: null, allowed_redirect_uris: ['http://localhost:8250/oidc/callback'] }, {}],
    [{ role_type: null }, { oidc_client_id: 'vault' }],
  ])('is content with %j on a backend with %j', (role, backend) => {
    expect(found('role-type-default', login({ role, backend }))).toEqual([]);
  });
});

describe('no-max-ttl', () => {
  test.each([
    [{ token_max_ttl: null }, 'token_max_ttl'],
    [{ token_max_ttl: 0, token_ttl: 60 }, 'token_max_ttl'],
    [{ token_max_ttl: null, token_type: 'batch' }, 'token_max_ttl'],
    [{ token_max_ttl: 60, token_period: 60 }, 'token_explicit_max_ttl'],
  ])('finds a role with %j', (role, attribute) => {
    expect(found('no-max-ttl', login({ role }))).toEqual([{ address: 'role', attribute }]);
  });

  test.each([
    [{ token_max_ttl: 60 }, {}],
    [{ token_max_ttl: unknown }, {}],
    [{ token_max_ttl: null, token_explicit_max_ttl: 60 }, {}],
    [{ token_max_ttl: null, token_type: 'batch', token_ttl: 60 }, {}],
    [{ token_max_ttl: null, token_type: unknown }, {}],
    [{ token_max_ttl: 60, token_period: unknown }, {}],
    [{ token_max_ttl: 60, token_period: 60, token_explicit_max_ttl: 600 }, {}],
    [{ token_max_ttl: null }, { tune: [{ max_lease_ttl: '1h' }] }],
  ])('is content with %j on a backend with %j', (role, backend) => {
    expect(found('no-max-ttl', login({ role, backend }))).toEqual([]);
  });
});

describe('root-policy', () => {
  test('finds the policy "root" in any role of an auth method', () => {
    expect(found('root-policy', login({ role: { token_policies: ['default', 'Root'] } }))).toEqual([
      { address: 'role', attribute: 'token_policies', found: 'Root' },
    ]);
    const approle = { vault_approle_auth_backend_role: { r: { token_policies: ['root'] } } };
    expect(found('root-policy', { resource: approle })).toHaveLength(1);
  });

  test('is content with others', () => {
    expect(found('root-policy', login({ role: { token_policies: ['rooty', unknown] } }))).toEqual([]);
  });
});

describe('undeclared-policy', () => {
  const declared = (names: readonly string[], policies: Readonly<Record<string, unknown>>) => ({
    resource: {
      vault_jwt_auth_backend_role: { role: { token_policies: names } },
      vault_policy: policies,
    },
  });

  test('finds a policy that nothing declares', () => {
    expect(found('undeclared-policy', declared(['reader', 'writer'], { a: { name: 'reader' } }))).toEqual([
      { address: 'role', attribute: 'token_policies', found: 'writer' },
    ]);
  });

  test.each([
    [['default'], {}],
    [['reader'], { a: { name: 'Reader' } }],
    [[`\${vault_policy.a.name}`], { a: { name: 'reader' } }],
    [[`\${vault_policy.a.id}`], { a: { name: 'reader' } }],
    [[`\${vault_policy.gone.name}`], {}],
    [['writer'], { a: { name: unknown } }],
    [[unknown], {}],
  ])('is content with %j beside %j', (names, policies) => {
    expect(found('undeclared-policy', declared(names, policies))).toEqual([]);
  });
});

describe('spaces-not-kept', () => {
  const on = (role: object) => found('spaces-not-kept', login({ role: { ...subject, ...role } }));

  test.each<[object, string, string]>([
    [{ bound_claims: { x: ' lead' } }, 'bound_claims.x', ' lead'],
    [{ bound_claims: { x: 'a,b ' } }, 'bound_claims.x', 'a,b '],
    [{ bound_claims: { x: ' lead' }, disable_bound_claims_parsing: true }, 'bound_claims.x', ' lead'],
    [{ bound_audiences: ['a', 'b '] }, 'bound_audiences', 'b '],
    [{ token_policies: ['\tops'] }, 'token_policies', '\tops'],
  ])('finds in %j', (role, attribute, value) => {
    expect(on(role)).toEqual([{ address: 'role', attribute, found: value }]);
  });

  test.each([[{ bound_subject: ' lead' }], [{ bound_claims: { x: 'a b' } }], [{ bound_claims: { x: unknown } }]])(
    'is content on %j',
    (role) => {
      expect(on(role)).toEqual([]);
    },
  );
});

describe('kubernetes-any-service-account', () => {
  const role = (names: unknown, namespaces: unknown): object => ({
    resource: {
      vault_kubernetes_auth_backend_role: {
        it: { role_name: 'it', bound_service_account_names: names, bound_service_account_namespaces: namespaces },
      },
    },
  });

  test('finds a role that is open to every pod', () => {
    expect(lint(role(['*'], ['*']))).toMatchObject([
      {
        code: 'kubernetes-any-service-account',
        address: 'vault_kubernetes_auth_backend_role.it',
        attribute: 'bound_service_account_names',
        found: ['*'],
      },
    ]);
  });

  test.each([
    [['app'], ['*']],
    [['*'], ['prod']],
    [unknown, ['*']],
    [['*'], [unknown]],
    [['*'], undefined],
  ])('leaves names %j in namespaces %j alone', (names, namespaces) => {
    expect(lint(role(names, namespaces))).toEqual([]);
  });
});
