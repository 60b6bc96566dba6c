import { spawn } from 'node:child_process';
import { guard, makeTemporaryFolder, runGuarded } from '../../../harness/guardian/index.js';

// Run as a process of its own: does one thing that has to be removed, prints what it is, and waits to be killed.
const { what } = JSON.parse(process.argv[2] ?? '{}') as { readonly what: string };
const print = (value: unknown): void => void process.stdout.write(`${JSON.stringify(value)}\n`);

/** A shell that starts another process and waits for it; its pid and the other one's come on a line each. */
const FAMILY = 'sleep 300 & echo $$ $!; wait';

switch (what) {
  case 'run':
    await runGuarded({
      path: '/bin/sh',
      args: ['-c', FAMILY],
      cwd: '/',
      env: { PATH: '/usr/bin:/bin' },
      limitMs: 300_000,
      onLine: (line) => print(line.split(' ').map(Number)),
    });
    break;
  case 'descendants': {
    // Each in a session of its own, so that no group has them all.
    const child = spawn('/bin/sh', ['-c', `setsid /bin/sh -c '${FAMILY}' & wait`], { detached: true });
    guard('descendants', child.pid ?? 0);
    child.stdout.once('data', (text: Buffer) => print([child.pid, ...String(text).trim().split(' ').map(Number)]));
    break;
  }
  case 'folder':
    print(await makeTemporaryFolder('test'));
    break;
}
setInterval(() => {}, 60_000);
