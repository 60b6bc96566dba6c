import { chmodSync, cpSync } from 'node:fs';

const folder = process.argv[2] ?? 'dist';

const assets = [
  'cli/example-stacks.json',
  'harness/guardian/guardian.sh',
  'harness/guardian/remove-container.cjs',
  'harness/guardian/remove-run.cjs',
  'harness/binaries/keys',
  'harness/binaries/go/vault',
  'harness/binaries/go/consul',
  'issuer/page/static',
];

// What the compiler leaves behind: files that are read at run time, beside the code that reads them.
for (const path of assets) {
  cpSync(path, `${folder}/${path}`, { recursive: true, filter: (file) => !file.endsWith('tsconfig.json') });
}
chmodSync(`${folder}/cli/index.js`, 0o755);
