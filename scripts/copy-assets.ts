import { chmodSync, cpSync } from 'node:fs';

// What the compiler leaves behind: files that are read at run time, beside the code that reads them.
for (const path of ['harness/engines/guardian.sh', 'harness/binaries/go/vault', 'harness/binaries/go/consul']) {
  cpSync(path, `dist/${path}`, { recursive: true });
}
chmodSync('dist/cli/index.js', 0o755);
