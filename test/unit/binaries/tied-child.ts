import { runTied } from '../../../harness/binaries/run-tied.js';

// Run as a process of its own: prints the process id of a long sleep that it started under a guard.
await runTied({
  file: '/bin/sh',
  args: ['-c', '(sleep 300 & echo $!; wait)'],
  cwd: '/',
  env: { PATH: '/usr/bin:/bin' },
  signal: new AbortController().signal,
  onLine: (line) => process.stdout.write(`${line}\n`),
});
