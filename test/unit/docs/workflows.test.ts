import { spawnSync } from 'node:child_process';
import { dirname } from 'node:path';
import { expect, test } from 'vitest';
import { parse } from 'yaml';
import { defaultVersions, floorVersions } from '../../../harness/binaries/index.js';
import { filesIn, read, root } from './markdown.js';

const workflows = filesIn('.github/workflows/', '.yml');

test('every action of the workflows is pinned by its full SHA, with the version in a comment', () => {
  const uses = workflows.flatMap((path) => read(path).match(/^.*\buses:.*$/gm) ?? []);
  expect(uses.length).toBeGreaterThan(0);
  expect(uses.filter((line) => !/uses: [\w./-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$/.test(line))).toEqual([]);
});

test.each(['.github/workflows/ci.yml', '.github/workflows/release.yml'])(
  '%s runs every stage of .ci/run, which are what must pass',
  (path) => {
    const { pass } = (parse(read(path)) as Workflow).jobs;
    const { stdout: usage } = spawnSync(`${root}.ci/run`, ['--help'], { encoding: 'utf8' });
    const stages = [...usage.matchAll(/^ {2}(\w+) {2,}/gm)].map(([, stage]) => stage);
    expect(stages).toEqual([...(pass?.strategy?.matrix?.stage ?? []), 'all']);
    expect(pass?.steps.at(-1)?.run).toMatch(/^\.ci\/run \$\{\{ matrix\.stage \}\}$/);
  },
);

test('.ci/run refuses a stage that it does not have', () => {
  const { status, stderr } = spawnSync(`${root}.ci/run`, ['valut'], { encoding: 'utf8' });
  expect([status, stderr]).toEqual([2, 'unknown stage "valut": expected checks, vault, openbao or all\n']);
});

test('CI runs the default versions of Vault and OpenBao, and the oldest Vault', () => {
  const { elsewhere } = (parse(read('.github/workflows/ci.yml')) as Workflow).jobs;
  const cells = elsewhere?.strategy?.matrix?.include ?? [];
  const versions = (product: string): unknown[] =>
    cells.filter((cell) => (cell['product'] ?? 'vault') === product).map(({ version }) => version);
  expect(versions('vault')).toEqual(expect.arrayContaining([defaultVersions.vault, floorVersions.vault]));
  expect(versions('openbao')).toEqual([defaultVersions.openbao]);
});

test('Dependabot looks at npm, at the actions and at every go.mod', () => {
  const { updates } = parse(read('.github/dependabot.yml')) as { updates: readonly Update[] };
  const looksAt = Object.fromEntries(
    updates.map(({ 'package-ecosystem': kind, directory, directories }) => [kind, directories ?? [directory]]),
  );
  expect(looksAt).toEqual({
    npm: ['/'],
    'github-actions': ['/'],
    gomod: expect.toSatisfy((folders: string[]) => {
      const modules = filesIn('', 'go.mod').map((path) => `/${dirname(path)}`);
      return JSON.stringify(folders.toSorted()) === JSON.stringify(modules.toSorted());
    }),
  });
});

interface Workflow {
  readonly jobs: Readonly<Record<string, Job | undefined>>;
}

interface Job {
  readonly strategy?: {
    readonly matrix?: {
      readonly stage?: readonly string[];
      readonly include?: readonly Readonly<Record<string, string>>[];
    };
  };
  readonly steps: readonly { readonly run?: string }[];
}

interface Update {
  readonly 'package-ecosystem': string;
  readonly directory?: string;
  readonly directories?: readonly string[];
}
