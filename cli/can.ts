import { defineCommand } from 'citty';
import { whatCan } from '../harness/access/index.js';
import { declaredAccess } from './declared-access.js';
import { readJsonObject } from './files.js';
import { handleInterruption } from './interruption.js';
import { note, print } from './output.js';
import { givenVariables, variableArgs } from './variables.js';
import { counted, productOf, sayUndecided, shownLogin } from './who.js';

/** `vaultproof can`: what a token may do, by its claims. */
export const can = defineCommand({
  meta: { name: 'can' },
  args: {
    file: {
      type: 'positional',
      required: true,
      description:
        'A cdktf app, a folder of HCL, a cdktf.out, a cdk.tf.json, or what "terraform show -json" prints of a plan',
    },
    claims: {
      type: 'string',
      required: true,
      valueHint: 'JSON|@FILE',
      description: 'The claims of a token, as a JSON object; @- for standard input',
    },
    role: {
      type: 'string',
      description: 'Only roles of Vault and auth methods of Consul of this name; without it, all',
    },
    ...variableArgs,
    product: { type: 'string', valueHint: 'vault|openbao', default: 'vault', description: 'Whose rules policies have' },
    json: { type: 'boolean', description: 'Print one JSON object' },
  },
  run: async ({ args, rawArgs }) => {
    const claims = await readJsonObject('claims', args.claims);
    const access = await declaredAccess(args.file, {
      product: productOf(args.product),
      variables: givenVariables(rawArgs),
      signal: handleInterruption().signal,
    });
    const { role } = args;
    const isDeclared =
      access.logins.some((login) => login.role === role?.toLowerCase()) ||
      access.consul?.logins.some(({ authMethod }) => authMethod === role) === true;
    if (role !== undefined && !isDeclared) {
      note(`no role or auth method "${role}" is declared, or it is undecided`);
    }
    const found = whatCan(access, claims, role);
    if (args.json === true) return print(JSON.stringify(found));
    for (const { policies, paths, from, ...login } of found.logins) {
      const where = from === undefined ? '' : ` from ${from.join(', ')}`;
      print(`${shownLogin(login)} lets it in${where}, with ${policies.join(', ') || 'no policies'}`);
      for (const [path, capabilities] of Object.entries(paths)) print(`  ${path}: ${capabilities.join(', ')}`);
    }
    for (const { code, claim, ...login } of found.refused) {
      print(`${shownLogin(login)} refuses it: ${code}${claim === undefined ? '' : ` (${claim})`}`);
    }
    note(`${counted(found.logins.length, 'login')} let it in, ${found.refused.length} refuse it`);
    sayUndecided(found.undecided);
  },
});
