import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { fixtureFolders, foldersFolder, outputsOf } from '../../support/hcl.js';

const recorded = JSON.parse(readFileSync(`${foldersFolder}/../outputs.json`, 'utf8')) as Readonly<
  Record<string, unknown>
>;

test('there are 77 folders, each with the outputs that Terraform gave', () => {
  expect(fixtureFolders().length).toBeGreaterThanOrEqual(77);
  expect(Object.keys(recorded).sort()).toEqual(fixtureFolders());
});

test.each(fixtureFolders())('the folder %s has the outputs that Terraform gives it', async (name) => {
  expect(await outputsOf(`${foldersFolder}/${name}`)).toEqual(recorded[name]);
});
