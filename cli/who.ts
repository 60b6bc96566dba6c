import { defineCommand } from 'citty';
import { UsageError } from '../errors/index.js';
import {
  type AskedCapability,
  type ConsulAccessRequest,
  type DeclaredAccess,
  type LoginName,
  whoCan,
} from '../harness/access/index.js';
import {
  isNamedResource,
  namedResources,
  resourceAccesses,
  splitResource,
  wholeResources,
} from '../internal/consul-resources.js';
import { unknownName } from './arguments.js';
import { declaredAccess, declaredFile, readingArgs, readingOf } from './declared-access.js';
import { counted, note, print } from './output.js';

const CAPABILITIES: readonly AskedCapability[] = [
  ...(['create', 'read', 'update', 'patch', 'delete', 'list', 'sudo'] as const),
  ...(['subscribe', 'recover', 'scan'] as const),
];

/** `vaultproof who`: which declared logins have a capability at a path of Vault, or access to something of Consul. */
export const who = defineCommand({
  meta: { name: 'who' },
  args: {
    file: declaredFile,
    path: { type: 'string', description: 'The path of a request to Vault, without /v1/: kv/data/app/db' },
    capability: {
      type: 'string',
      valueHint: CAPABILITIES.join('|'),
      description: 'What the token may do there; read by default',
    },
    consul: {
      type: 'string',
      valueHint: 'RESOURCE:NAME',
      description: 'In place of --path, something of Consul: key:app/db, service:web, operator',
    },
    access: {
      type: 'string',
      valueHint: resourceAccesses.join('|'),
      description: 'What the token may do with it; read by default, list and write-prefix for keys alone',
    },
    ...readingArgs,
    json: { type: 'boolean', description: 'Print one JSON object' },
  },
  run: async ({ args, rawArgs }) => {
    const asked = askedOf(args);
    const access = await declaredAccess(args.file, readingOf(args, rawArgs));
    const found = 'path' in asked ? whoCan(access, asked) : whoCan(access, asked);
    if (args.json === true) return print(JSON.stringify(found));
    for (const { policies, conditions, ...login } of found.who) {
      print(`${shownLogin(login)}, by ${policies.join(', ')}`);
      for (const condition of conditions) print(`  ${condition}`);
    }
    const what =
      'path' in asked ? `"${asked.capability}" at "${args.path}"` : `"${asked.access}" of "${args.consul}" in Consul`;
    note(`${counted(found.who.length, 'login')} with ${what}`);
    if (found.who.length === 0) for (const hint of hints(access, asked, args.file)) note(hint);
    sayUndecided(found.undecided);
  },
});

/** What follows the mount in the paths of KV version 2. */
const KV_PARTS = ['data', 'metadata', 'delete', 'undelete', 'destroy', 'subkeys', 'config'];

type Asked = ReturnType<typeof askedOf>;

/** Why there may be none. */
function hints(access: DeclaredAccess, asked: Asked, file: string): readonly string[] {
  if (!('path' in asked)) {
    const isDeclared = access.consul !== undefined && access.consul.logins.length > 0;
    return isDeclared ? [] : [`no login of Consul is declared in "${file}"`];
  }
  if (access.logins.length === 0) {
    const by = (access.others ?? []).length === 0 ? '' : ' by JWT';
    return [`no login of Vault${by} is declared in "${file}"`];
  }
  if (/[*+]/.test(asked.path)) return ['--path is one path, in which "*" and "+" stand for themselves: write it out'];
  const parts = asked.path.split('/');
  const paths = KV_PARTS.slice(0, 2).flatMap((part) =>
    parts.slice(1).flatMap((_, index) => {
      // Where one is there already, it follows the mount.
      const hasOne = parts.slice(1, index + 2).some((one) => KV_PARTS.includes(one));
      return hasOne ? [] : [[part, parts.toSpliced(index + 1, 0, part).join('/')] as const];
    }),
  );
  const granted = paths.find(([, path]) => whoCan(access, { ...asked, path }).who.length > 0);
  return granted === undefined ? [] : [`KV version 2 has "${granted[0]}/" in its paths: --path ${granted[1]}`];
}

interface WhoArguments {
  readonly path?: string | undefined;
  readonly capability?: string | undefined;
  readonly consul?: string | undefined;
  readonly access?: string | undefined;
}

/** @throws UsageError for a capability, a resource or an access that there is not, and for what does not go together */
function askedOf({ path, capability = 'read', consul, access = 'read' }: WhoArguments) {
  if ((path === undefined) === (consul === undefined)) {
    throw new UsageError('give --path for Vault, or --consul for Consul');
  }
  if (path === '') throw new UsageError('--path is empty: give the path of a request, such as kv/data/app/db');
  if (path !== undefined) {
    const known = CAPABILITIES.find((one) => one === capability);
    if (known === undefined) throw new UsageError(unknownName('capability', capability, CAPABILITIES));
    return { path: path.replace(/^\/?(?:v1\/)?/, ''), capability: known };
  }
  return consulRequest(consul ?? '', access);
}

function consulRequest(consul: string, access: string): ConsulAccessRequest {
  const resources = [...namedResources, ...wholeResources];
  const { resource, segment: name } = splitResource(consul);
  const found = resources.find((one) => one === resource);
  if (found === undefined) throw new UsageError(unknownName('resource', resource, resources));
  const isNamed = isNamedResource(found);
  if (isNamed && name === undefined) throw new UsageError(`"${consul}" names no ${found}: write ${found}:NAME`);
  if (!isNamed && name !== undefined) throw new UsageError(`"${found}" has no names: write ${found} alone`);
  const possible =
    found === 'key' ? resourceAccesses : resourceAccesses.filter((one) => one === 'read' || one === 'write');
  const known = possible.find((one) => one === access);
  if (known === undefined) throw new UsageError(unknownName('access', access, possible));
  return { resource: found, segment: name, access: known };
}

/** Such as `jwt/ci`, `jwt/ci (namespace team)`, `oidc/admin (in a browser)`, or `consul/github (consul_acl_binding_rule.ci)`. */
export function shownLogin({ server, namespace, mount, role, flow, authMethod, rule }: LoginName): string {
  const notes = [
    ...(namespace === undefined ? [] : [`namespace ${namespace}`]),
    ...(flow === undefined ? [] : ['in a browser']),
    ...(rule === undefined ? [] : [rule]),
  ];
  const name = server === 'consul' ? `consul/${authMethod}` : `${mount}/${role}`;
  return notes.length === 0 ? name : `${name} (${notes.join(', ')})`;
}

/** What an answer leaves out. */
export function sayUndecided(undecided: readonly string[]): void {
  if (undecided.length === 0) return;
  note(`${undecided.length} undecided, and left out:`);
  for (const one of undecided) note(`  ${one}`);
}
