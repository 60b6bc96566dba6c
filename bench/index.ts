import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { compilePackage } from './compile-package.js';

// What `npm run bench` runs. The measurements are compiled together with the package and run by Node alone, as users run
// it: a loader that compiles on the fly adds a millisecond to every import().
const program = join(await compilePackage(), 'bench/main.js');
const [code] = (await once(
  spawn(process.execPath, [program, ...process.argv.slice(2)], { stdio: 'inherit' }),
  'exit',
)) as [number | null];
process.exitCode = code ?? 1;
