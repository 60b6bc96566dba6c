import { defineCommand } from 'citty';
import { WrongUse } from '../errors/index.js';
import { installExecutable } from '../harness/binaries/index.js';
import { handleInterruption } from './interruption.js';
import { note, print } from './output.js';

/** `vaultproof engines install`: an executable into the cache. */
export const engines = defineCommand({
  meta: { name: 'engines', description: 'Puts an executable into the cache: vaultproof engines install vault' },
  args: {
    action: { type: 'positional', description: 'install' },
    product: { type: 'positional', description: 'vault or consul' },
    version: { type: 'string', valueHint: 'X.Y.Z', description: 'Default: the version that the tests run on' },
    json: { type: 'boolean', description: 'One JSON object on standard output' },
  },
  run: async ({ args }) => {
    const { action, product, version } = args;
    if (action !== 'install') throw new WrongUse(`unknown action "${action}", there is "install"`);
    if (product !== 'vault' && product !== 'consul') {
      throw new WrongUse(`unknown product "${product}", there are "vault" and "consul"`);
    }
    const executable = await installExecutable(product, {
      report: note,
      signal: handleInterruption().signal,
      ...(version === undefined ? {} : { version }),
    });
    print(args.json === true ? JSON.stringify(executable) : executable.path);
  },
});
