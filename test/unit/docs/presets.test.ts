import { consulNomad } from 'vaultproof/stacks/presets/consul-nomad';
import { expect, test } from 'vitest';
import { consulCases } from '../../integration/presets/consul-cases.js';
import { presetCases } from '../../integration/presets/preset-cases.js';
import { read, section, tableRows } from './markdown.js';

const sections = {
  github: 'GitHub Actions',
  gitlab: 'GitLab CI/CD',
  terraform: 'HCP Terraform',
  buildkite: 'Buildkite',
  circleci: 'CircleCI',
  google: 'Google',
  entra: 'Microsoft Entra',
  'azure-devops': 'Azure DevOps',
  bitbucket: 'Bitbucket Pipelines',
  aws: 'AWS',
  kubernetes: 'Kubernetes',
  spiffe: 'SPIFFE',
};

/** The claims that the roles of a vendor bind. */
function boundBy(vendor: string): string[] {
  const roles = presetCases.map(({ role }) => role).filter(({ roleName }) => roleName.startsWith(vendor));
  const claims = roles.flatMap(({ boundSubject, boundClaims = {} }) => [
    ...(boundSubject === undefined ? [] : ['sub']),
    ...Object.keys(boundClaims).map((claim) => claim.replace(/(?<=^repo_property_|\/principal_tags\/).*/, '*')),
  ]);
  return [...new Set(claims)].sort();
}

test.each(Object.entries(sections))(
  'docs/presets.md has a row for every claim that a role of %s binds',
  (vendor, heading) => {
    const rows = tableRows(section(read('docs/presets.md'), heading));
    expect(rows.map(([claim = '']) => claim.replaceAll('`', '')).sort()).toEqual(boundBy(vendor));
  },
);

const kubernetes = consulCases.find(({ name }) => name === 'kubernetes')?.preset;

test.each([
  ['Kubernetes at Consul', kubernetes?.claimMappings],
  ['Nomad at Consul', consulNomad({ namespaces: 'all' }).claimMappings],
])('docs/presets.md has under %s a row for every claim that is mapped, with its name', (heading, mappings) => {
  const rows = tableRows(section(read('docs/presets.md'), heading));
  const names = rows.map(([claim = '', , name = '']) => [claim.replaceAll('`', ''), name.replaceAll('`', '')]);
  expect(Object.fromEntries(names)).toEqual(mappings);
});
