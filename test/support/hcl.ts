import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { Capability } from 'vaultproof';
import { readFolder } from '../../harness/hcl/configuration.js';
import { EvaluationContext } from '../../harness/hcl/evaluation-context.js';
import { loadModules } from '../../harness/hcl/load.js';
import { ModuleInstance } from '../../harness/hcl/module-instance.js';
import { knownDeep, toJson } from '../../harness/hcl/values.js';
import { givenVariables } from '../../harness/hcl/variables.js';

const fixtures = fileURLToPath(new URL('../fixtures/hcl/', import.meta.url));

/** The folder of the expressions that Terraform's console was asked for, with what they refer to. */
export const expressionsFolder = `${fixtures}expressions`;
/** The folders that Terraform was run in. */
export const foldersFolder = `${fixtures}folders`;

/** Expressions of Terraform's language, one a line. */
export function fixtureExpressions(): string[] {
  const lines = readFileSync(`${expressionsFolder}/expressions.txt`, 'utf8').split('\n');
  return lines.filter((line) => line !== '' && !line.startsWith('# '));
}

/** Root modules of one file that Terraform refuses, or plans, as `which` says. */
export function fixtureFiles(which: 'accepted' | 'refused'): string[] {
  return readFileSync(`${fixtures}${which}.txt`, 'utf8').split(/^###\n/m);
}

/** Root modules with logins, in the manner of what is deployed. */
export const loginsFolder = `${fixtures}logins`;

/** The names of the folders. */
export function fixtureFolders(): string[] {
  return readdirSync(foldersFolder).sort();
}

/** The root modules of the logins, by name; some have their modules beside them. */
export function fixtureLogins(): [name: string, folder: string][] {
  return readdirSync(loginsFolder)
    .sort()
    .map((name) => [
      name,
      existsSync(`${loginsFolder}/${name}/stack`) ? `${loginsFolder}/${name}/stack` : `${loginsFolder}/${name}`,
    ]);
}

/** What some of them need that not every Vault or OpenBao has. */
export const neededByLogins: Readonly<Record<string, Capability>> = {
  'kubernetes-pods': 'auth/kubernetes',
  'namespaces-per-team': 'namespaces',
};

/** Which of the variables a root module declares. */
export function declaredOf(folder: string, names: readonly string[]): string[] {
  const text = readdirSync(folder)
    .filter((file) => /\.tf(?:\.json)?$/.test(file))
    .map((file) => readFileSync(`${folder}/${file}`, 'utf8'))
    .join('\n');
  return names.filter((name) => text.includes(`variable "${name}"`) || text.includes(`"${name}": {`));
}

/** The outputs of a configuration as JSON, with more of them by name. */
export async function outputsOf(
  folder: string,
  more: Readonly<Record<string, string>> = {},
): Promise<Record<string, unknown>> {
  const configuration = await readFolder(folder, folder);
  const file = { file: 'outputs.tf', text: '', json: {} };
  const outputs = new Map([
    ...configuration.outputs,
    ...Object.entries(more).map(
      ([name, expression]) => [name, { body: { value: `\${${expression}}` }, file }] as const,
    ),
  ]);
  const context = new EvaluationContext(() => false);
  const module = await loadModules({ ...configuration, outputs }, context);
  const given = await givenVariables(configuration, {});
  const same = (name: string): string => name;
  const call = { prefix: '', names: [], given: (name: string) => given.get(name), provider: same, dependsOn: () => [] };
  const root = new ModuleInstance(module, call, context);
  const values = root.outputs().map(([name, { value }]) => [name, toJson(knownDeep(value()))] as const);
  // Terraform has no output that is null; an expression may be.
  return Object.fromEntries(values.filter(([name, value]) => value !== null || name in more));
}
