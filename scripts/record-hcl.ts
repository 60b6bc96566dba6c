/**
 * Has Terraform evaluate the expressions and the folders of test/fixtures/hcl/, and writes what it answers beside them. Run it by
 * hand where terraform can be had: `npx tsx scripts/record-hcl.ts`, then `npx biome check --write test/fixtures`.
 */
import { writeFileSync } from 'node:fs';
import { expressionsFolder, fixtureExpressions, fixtureFolders, foldersFolder } from '../test/support/hcl.js';
import { consoleValues, terraformOutputs } from '../test/support/hcl-terraform.js';

const expressions = fixtureExpressions();
const values = await consoleValues(expressionsFolder, expressions);
writeJson(`${expressionsFolder}/values.json`, Object.fromEntries(expressions.map((one, at) => [one, values[at]])));
const outputs: Record<string, unknown> = {};
for (const name of fixtureFolders()) outputs[name] = await terraformOutputs(`${foldersFolder}/${name}`);
writeJson(`${foldersFolder}/../outputs.json`, outputs);

function writeJson(path: string, json: unknown): void {
  writeFileSync(path, `${JSON.stringify(json, null, 2)}\n`);
}
