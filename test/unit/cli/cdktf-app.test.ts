import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { appAt } from '../../../cli/cdktf-app.js';
import { temporaryFolder } from '../../support/temporary-folder.js';

test('a file that the cdktf.json beside it runs is run as that says', async () => {
  const folder = await temporaryFolder();
  await writeFile(join(folder, 'cdktf.json'), '{"app":"npx ts-node main.ts","context":{"region":"eu"}}');
  for (const file of ['main.ts', 'domain.ts']) await writeFile(join(folder, file), '');
  const main = join(folder, 'main.ts');
  expect(await appAt(main)).toMatchObject({
    shown: `"${main}"`,
    line: 'npx ts-node main.ts',
    cwd: folder,
    context: { region: 'eu' },
  });
  const domain = join(folder, 'domain.ts');
  expect(await appAt(domain)).toMatchObject({ line: `npx tsx ${domain}`, cwd: process.cwd() });
  await writeFile(join(folder, 'cdktf.json'), '{"language":"typescript"}');
  expect(await appAt(main)).toMatchObject({ line: `npx tsx ${main}` });
});
