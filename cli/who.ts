import { defineCommand } from 'citty';
import { UsageError } from '../errors/index.js';
import { type AskedCapability, readAccess, whoCan } from '../harness/access/index.js';
import { note, print } from './output.js';
import { unknownName } from './suggest.js';

const CAPABILITIES: readonly AskedCapability[] = [
  ...(['create', 'read', 'update', 'patch', 'delete', 'list', 'sudo'] as const),
  ...(['subscribe', 'recover', 'scan'] as const),
];

/** `vaultproof who`: which declared logins have a capability at a path. */
export const who = defineCommand({
  meta: { name: 'who' },
  args: {
    file: {
      type: 'positional',
      required: true,
      description: 'A folder of HCL, a cdktf.out, a cdk.tf.json, or what "terraform show -json" prints of a plan',
    },
    path: { type: 'string', required: true, description: 'The path of a request, without /v1/: kv/data/app/db' },
    capability: {
      type: 'string',
      valueHint: CAPABILITIES.join('|'),
      default: 'read',
      description: 'What the token may do there',
    },
    product: { type: 'string', valueHint: 'vault|openbao', default: 'vault', description: 'Whose rules policies have' },
    json: { type: 'boolean', description: 'Print one JSON object' },
  },
  run: async ({ args }) => {
    const capability = CAPABILITIES.find((one) => one === args.capability);
    if (capability === undefined) throw new UsageError(unknownName('capability', args.capability, CAPABILITIES));
    const found = whoCan(await readAccess(args.file, { product: productOf(args.product) }), {
      path: args.path.replace(/^\/?(?:v1\/)?/, ''),
      capability,
    });
    if (args.json === true) return print(JSON.stringify(found));
    for (const { mount, role, policies, conditions } of found.who) {
      print(`${mount}/${role}, by ${policies.join(', ')}`);
      for (const condition of conditions) print(`  ${condition}`);
    }
    note(`${counted(found.who.length, 'login')} with "${capability}" at "${args.path}"`);
    sayUndecided(found.undecided);
  },
});

/** @throws UsageError for another product */
export function productOf(name: string): 'vault' | 'openbao' {
  if (name === 'vault' || name === 'openbao') return name;
  throw new UsageError(unknownName('product', name, ['vault', 'openbao']));
}

/** What an answer leaves out. */
export function sayUndecided(undecided: readonly string[]): void {
  if (undecided.length === 0) return;
  note(`${undecided.length} undecided, and left out:`);
  for (const one of undecided) note(`  ${one}`);
}

/** Such as `2 logins`. */
export function counted(count: number, what: string): string {
  return `${count} ${what}${count === 1 ? '' : 's'}`;
}
