import { defineCommand } from 'citty';
import { type ErrorCode, UsageError } from '../errors/index.js';
import { type DeclaredAccess, whatCan } from '../harness/access/index.js';
import { closest, listed } from '../internal/did-you-mean.js';
import { declaredAccess, declaredFile, readingArgs, readingOf } from './declared-access.js';
import { readJsonObject } from './files.js';
import { counted, note, print } from './output.js';
import { sayUndecided, shownLogin } from './who.js';

/** `vaultproof can`: what a token may do, by its claims. */
export const can = defineCommand({
  meta: { name: 'can' },
  args: {
    file: declaredFile,
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
    ...readingArgs,
    json: { type: 'boolean', description: 'Print one JSON object' },
  },
  run: async ({ args, rawArgs }) => {
    const claims = await readJsonObject('claims', args.claims);
    const access = await declaredAccess(args.file, readingOf(args, rawArgs));
    const { role } = args;
    if (role !== undefined) refuseUndeclared(role, access);
    const found = whatCan(access, claims, role);
    if (args.json === true) return print(JSON.stringify(found));
    for (const { policies, paths, from, ...login } of found.logins) {
      const where = from === undefined ? '' : ` from ${from.join(', ')}`;
      print(`${shownLogin(login)} lets it in${where}, with ${policies.join(', ') || 'no policies'}`);
      for (const [path, capabilities] of Object.entries(paths))
        print(`  ${shownPath(path)}: ${capabilities.join(', ')}`);
    }
    for (const { code, claim, ...login } of found.refused) {
      const what = OF_ALL_JWTS.includes(code) ? 'every JWT' : 'it';
      print(`${shownLogin(login)} refuses ${what}: ${code}${claim === undefined ? '' : ` (${claim})`}`);
    }
    const [letIn, refused] = [found.logins.length, found.refused.length];
    note(
      `${counted(letIn, 'login')} ${letIn === 1 ? 'lets' : 'let'} it in, ${refused} ${refused === 1 ? 'refuses' : 'refuse'} it`,
    );
    sayUndecided(found.undecided);
  },
});

/** What a role or its auth method says to a JWT whatever its claims are. */
const OF_ALL_JWTS: readonly ErrorCode[] = ['role_type_mismatch', 'method_type_mismatch'];

/** @throws UsageError for a name that neither a role of Vault nor an auth method of Consul has */
function refuseUndeclared(role: string, { logins, consul, undecided }: DeclaredAccess): void {
  const roles = logins.map((login) => login.role);
  const methods = (consul?.logins ?? []).map(({ authMethod }) => authMethod);
  if (roles.includes(role.toLowerCase()) || methods.includes(role)) return;
  const open =
    undecided.length === 0 ? '' : `, or it is one of ${undecided.length} undecided:\n${undecided.join('\n')}`;
  const names = [...new Set([...roles, ...methods])];
  if (names.length === 0) throw new UsageError(`no role or auth method is declared${open}`);
  const meant = closest(role, names);
  const hint = meant === undefined ? '' : ` (did you mean "${meant}"?)`;
  throw new UsageError(
    `no role or auth method "${role}" is declared${hint}: there ${names.length === 1 ? 'is' : 'are'} ${listed(names)}${open}`,
  );
}

/** A prefix of Consul that stands for all names is shown as it is written. */
function shownPath(path: string): string {
  return path.replace(/^(\w+_prefix):(?= intentions$|$)/, '$1:""');
}
