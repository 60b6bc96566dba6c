import { defineCommand } from 'citty';
import { UsageError } from '../errors/index.js';
import { installExecutable, type Product, products } from '../harness/binaries/index.js';
import { unknownName } from './arguments.js';
import { handleInterruption } from './interruption.js';
import { note, print } from './output.js';

const install = defineCommand({
  meta: {
    name: 'install',
    description: 'Download or build an executable, and print its path in the cache',
    examples: ['engines install vault', 'engines install openbao --version 2.7.2'],
  },
  args: {
    product: { type: 'positional', required: true, valueHint: products.join('|'), description: 'The server' },
    version: { type: 'string', valueHint: 'X.Y.Z', description: 'Default: the version that the tests run on' },
    full: {
      type: 'boolean',
      description:
        'If Vault has to be built: with every plugin, such as the Consul secrets engine; takes twice as long',
    },
    json: { type: 'boolean', description: 'Print one JSON object' },
  },
  run: async ({ args: { product, version, full = false, json } }) => {
    if (!isProduct(product)) throw new UsageError(unknownName('product', product, products));
    if (full && product !== 'vault') throw new UsageError(`"--full" is for vault alone, not for ${product}`);
    const executable = await installExecutable(product, {
      report: note,
      signal: handleInterruption().signal,
      full,
      version,
    });
    print(json === true ? JSON.stringify(executable) : executable.path);
  },
});

/** `vaultproof engines`: executables in the cache. */
export const engines = defineCommand({ meta: { name: 'engines' }, subCommands: { install } });

function isProduct(name: string): name is Product {
  return products.some((product) => product === name);
}
