import { defineCommand } from 'citty';
import { WrongUse } from '../errors/index.js';
import { installExecutable, type Product, products } from '../harness/binaries/index.js';
import { handleInterruption } from './interruption.js';
import { note, print } from './output.js';

/** `vaultproof engines install`: an executable into the cache. */
export const engines = defineCommand({
  meta: { name: 'engines', description: 'Puts an executable into the cache: vaultproof engines install vault' },
  args: {
    action: { type: 'positional', description: 'install' },
    product: { type: 'positional', description: 'vault, openbao or consul' },
    version: { type: 'string', valueHint: 'X.Y.Z', description: 'Default: the version that the tests run on' },
    full: {
      type: 'boolean',
      description:
        'vault, where it is built: with every plugin, the Consul secrets engine among them; takes twice as long',
    },
    json: { type: 'boolean', description: 'One JSON object on standard output' },
  },
  run: async ({ args }) => {
    const { action, product, version, full = false } = args;
    if (action !== 'install') throw new WrongUse(`unknown action "${action}": expected "install"`);
    if (!isProduct(product)) {
      throw new WrongUse(`unknown product "${product}": expected "vault", "openbao" or "consul"`);
    }
    if (full && product !== 'vault') throw new WrongUse(`"--full" is for vault alone, not for ${product}`);
    const executable = await installExecutable(product, {
      report: note,
      signal: handleInterruption().signal,
      full,
      ...(version === undefined ? {} : { version }),
    });
    print(args.json === true ? JSON.stringify(executable) : executable.path);
  },
});

function isProduct(name: string | undefined): name is Product {
  return products.some((product) => product === name);
}
