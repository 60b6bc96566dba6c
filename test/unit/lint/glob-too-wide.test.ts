import { type Finding, lint } from 'vaultproof/lint';
import { describe, expect, test } from 'vitest';
import { login } from './found.js';

type Claims = Readonly<Record<string, string>>;

/** What the rule finds in a role that binds these claims, in which `*` is a wildcard. */
function foundIn(claims: Claims, role: object = {}): Finding[] {
  const bounds = { bound_subject: null, bound_claims: claims, bound_claims_type: 'glob', ...role };
  return lint(login({ role: bounds })).filter(({ code }) => code === 'glob-too-wide');
}

const everything = { reason: 'it matches every value', fix: 'name the values, or leave the claim out' };
const firstPart = {
  reason: 'its first part is a wildcard, so anyone can put a name of their own there',
  fix: 'write out the first part',
};
const longerName = (before: string): object => ({
  reason: `"*" stands for "/" and ":", too, and here it continues a name: "${before}-evil/..." gets in as well`,
  fix: 'put the "/" or ":" that ends the name before the "*", or write the value out',
});
const wholeRepository = {
  reason: 'it matches pull requests, and every branch, tag and environment of the repository',
  fix: 'write out the rest of the subject, or bind ref, environment or event_name as well',
};

describe('a wildcard', () => {
  test.each<[string, string, object]>([
    ['sub', '*', everything],
    ['sub', 'repo:*', everything],
    ['sub', 'repo:**', everything],
    ['sub', 'repository:*', everything],
    ['sub', 'project_path:*', everything],
    ['sub', 'organization:*', everything],
    ['sub', 'system:serviceaccount:*', everything],
    ['sub', 'spiffe://*', everything],
    ['iss', 'http://*', everything],
    ['iss', 'https://*', everything],
    ['ref', '*', everything],
    ['sub', '*/app', firstPart],
    ['sub', 'repo:*/app:ref:refs/heads/main', firstPart],
    ['iss', 'https://*.example', firstPart],
    ['ref', '*main', firstPart],
    ['sub', '*repo:*', firstPart],
    ['iss', '*https://*', firstPart],
    ['sub', 'repo:acme*', longerName('repo:acme')],
    ['sub', 'repo:acme/*-app*', longerName('repo:acme/*-app')],
    ['sub', 'repo:acme/app:pull*', longerName('repo:acme/app:pull')],
    ['sub', 'organization:acme:project:p*', longerName('organization:acme:project:p')],
    ['repository', 'acme/app*', longerName('acme/app')],
    ['repository', 'xrefs/heads/m*', longerName('xrefs/heads/m')],
    ['job_workflow_ref', 'acme/ci/x.yml@v*', longerName('acme/ci/x.yml@v')],
    ['sub', 'repo:acme/app:*', wholeRepository],
    ['sub', 'repo:acme-2/app.js:*', wholeRepository],
    ['sub', 'project_path:acme/app:*', wholeRepository],
    ['sub', 'project_path:acme/team/app:*', wholeRepository],
  ])('in %s as "%s" is an error that says why', (claim, value, mistake) => {
    const [finding, ...others] = foundIn({ [claim]: value });
    expect(others).toEqual([]);
    expect(finding).toMatchObject({
      severity: 'error',
      attribute: `bound_claims.${claim}`,
      found: value,
      ...mistake,
    });
  });

  test.each([
    ['sub', 'repo:acme/*'],
    ['sub', 'repo:acme/**'],
    ['sub', 'repo:acme/app:ref:refs/heads/m*'],
    ['sub', 'repo:acme/app:ref:m*'],
    ['sub', 'repo:acme/app:environment:p*'],
    ['sub', 'repo:acme/app:x:*'],
    ['sub', 'repo:acme/app:*:refs/heads/main'],
    ['sub', 'x:repo:acme/app:*'],
    ['sub', 'repo:acme/team/app:*'],
    ['sub', 'repo:acme:*'],
    ['repository', 'refs/heads/m*'],
    ['job_workflow_ref', 'acme/ci/x.yml@refs/heads/m*'],
    ['workflow', 'acme:refs/heads/m*'],
    ['workflow', 'ref:refs/heads/m*'],
    ['repository', 'repo:acme/app:*'],
    ['sub', 'system:serviceaccount:payments:*'],
    ['sub', 'system:serviceaccount:payments:vault*'],
  ])('in %s as "%s" is no finding', (claim, value) => {
    expect(foundIn({ [claim]: value })).toEqual([]);
  });

  test.each(['system:serviceaccount:pay*:vault', 'x-system:serviceaccount:payments:v*', 'system:serviceaccount:p*'])(
    'in the account "%s" is an error',
    (sub) => {
      expect(foundIn({ sub })).toHaveLength(1);
    },
  );
});

describe('a wildcard behind part of a name', () => {
  test.each([
    ...['base_ref', 'build_branch', 'build_tag', 'environment', 'head_ref', 'ref', 'ref_path', 'ref_type'],
    ...['job_workflow_sha', 'workflow_sha', 'sha'],
  ])('in %s is no finding: it names what is built', (claim) => {
    expect(foundIn({ [claim]: 'release-1*' })).toEqual([]);
  });

  test.each(['repository', 'actor', 'workflow', 'sub', 'refs'])('in %s is an error', (claim) => {
    expect(foundIn({ [claim]: 'release-1*' })).toMatchObject([longerName('release-1')]);
  });
});

describe('all of a repository', () => {
  test.each([
    ...['environment', 'event_name', 'job_workflow_ref', 'pipeline_source', 'ref', 'ref_path', 'ref_protected'],
    ...['ref_type', 'workflow_ref'],
  ])('beside a bound on %s is no finding', (claim) => {
    expect(foundIn({ sub: 'repo:acme/app:*', [claim]: 'x' })).toEqual([]);
  });

  test.each(['actor', 'repository', 'sha'])('beside a bound on %s is an error', (claim) => {
    expect(foundIn({ sub: 'repo:acme/app:*', [claim]: 'x' })).toMatchObject([wholeRepository]);
  });
});

describe('the name of an account in Kubernetes', () => {
  const names = [
    ...['/kubernetes.io/pod/name', '/kubernetes.io/serviceaccount/name'],
    'kubernetes.io/serviceaccount/service-account.name',
  ];
  const namespaces = ['/kubernetes.io/namespace', 'kubernetes.io/serviceaccount/namespace'];

  test.each(names.flatMap((name) => namespaces.map((namespace) => [name, namespace] as const)))(
    'in %s may have a wildcard beside an exact %s',
    (name, namespace) => {
      expect(foundIn({ [name]: 'vault-*', [namespace]: 'payments' })).toEqual([]);
      expect(foundIn({ [name]: 'vault-*', [namespace]: 'payments,billing' })).toEqual([]);
      expect(foundIn({ [name]: '*', [namespace]: 'payments' })).toEqual([]);
      const attributes = foundIn({ [name]: 'vault-*', [namespace]: 'payments,b*' }).map(({ attribute }) => attribute);
      expect(attributes).toEqual([`bound_claims.${name}`, `bound_claims.${namespace}`]);
    },
  );

  test('beside no namespace is an error', () => {
    expect(foundIn({ '/kubernetes.io/pod/name': 'vault-*' })).toHaveLength(1);
    expect(foundIn({ '/kubernetes.io/pod/name': 'vault-*', '/kubernetes.io/pod/uid': 'x' })).toHaveLength(1);
  });

  test('beside an exact namespace excuses no other claim', () => {
    expect(foundIn({ repository: 'acme*', '/kubernetes.io/namespace': 'payments' })).toHaveLength(1);
  });
});

describe('a role is not looked at', () => {
  test.each(['string', null, `\${var.unknown}`])('whose bound claims are of the type %j', (bound_claims_type) => {
    expect(foundIn({ sub: '*' }, { bound_claims_type })).toEqual([]);
  });

  test('for its bound subject, in which "*" is no wildcard', () => {
    expect(foundIn({ repository_id: '74' }, { bound_subject: 'repo:acme*' })).toEqual([]);
  });

  test('for a value that is not known', () => {
    expect(foundIn({ sub: `acme\${var.unknown}*` })).toEqual([]);
  });
});
