import { randomBytes } from 'node:crypto';

/** When a run began, and eight random digits. */
const RUN_PREFIX = /^vaultproof-\d{14}-[0-9a-f]{8}/;

/** The prefix of a run that a name begins with; undefined for a name that is not of a run. */
export function prefixIn(name: string): string | undefined {
  return RUN_PREFIX.exec(name)?.[0];
}

/** The prefix of a run that begins at a time: `vaultproof-20260301120000-1f0c2a9b`. */
export function newPrefix(seconds: number): string {
  const began = new Date(seconds * 1_000).toISOString().replaceAll(/\D/g, '').slice(0, 14);
  return `vaultproof-${began}-${randomBytes(4).toString('hex')}`;
}

/** What the first line of a run's policy says. */
export interface RunMark {
  /** The accessor of the run's token, which ends soon after the run, however that ended. */
  readonly token: string;
  /** The accessors of its auth methods, by which the entities of their logins are found. */
  readonly methods: readonly string[];
}

/** What a run's policy marks; undefined where the policy is another one. */
export function readMark(policy: unknown): RunMark | undefined {
  const json = /^# vaultproof (\{.*\})$/m.exec(String(policy))?.[1];
  return json === undefined ? undefined : (JSON.parse(json) as RunMark);
}

const ALL = ['create', 'read', 'update', 'patch', 'delete', 'list', 'sudo'];
const READ = ['read', 'list'];

/**
 * The policy of a run's token, which has the run's prefix as its name: everything below the prefix, and what
 * concerns a token itself. Identities have no prefix in their paths, so that it grants all of them.
 */
export function runPolicy(prefix: string, mark: RunMark): string {
  const rules: readonly (readonly [capabilities: readonly string[], paths: readonly string[]])[] = [
    [
      ALL,
      [
        `${prefix}/*`,
        `auth/${prefix}/*`,
        ...['sys/mounts', 'sys/mounts/auth', 'sys/auth', 'sys/audit'].map((path) => `${path}/${prefix}/*`),
        ...['sys/policies/acl', 'sys/policy', 'auth/token/roles', 'auth/token/create'].map(
          (path) => `${path}/${prefix}*`,
        ),
        ...['lookup', 'renew', 'revoke', 'revoke-prefix', 'revoke-force'].flatMap((action) => [
          `sys/leases/${action}/${prefix}/*`,
          `sys/leases/${action}/auth/${prefix}/*`,
        ]),
        ...['entity', 'group', 'entity-alias', 'group-alias', 'lookup'].flatMap((kind) => [
          `identity/${kind}`,
          `identity/${kind}/*`,
        ]),
        'auth/token/create',
        'sys/remount',
      ],
    ],
    [
      [...READ, 'sudo'],
      ['sys/audit', 'sys/plugins/catalog*'],
    ],
    [
      READ,
      [
        ...['sys/mounts', 'sys/auth', 'sys/policies/acl*', 'sys/policy*', 'sys/namespaces*', 'sys/internal/*'],
        ...['sys/remount/status/*', 'auth/token/roles*', 'identity/*'],
      ],
    ],
    [
      ['update'],
      [
        ...['lookup', 'renew', 'revoke'].flatMap((action) => [`sys/leases/${action}`, `auth/token/${action}`]),
        ...['lookup', 'renew', 'revoke'].map((action) => `auth/token/${action}-accessor`),
        ...['sys/capabilities', 'sys/capabilities-accessor', 'sys/wrapping/*', 'sys/tools/*'],
      ],
    ],
  ];
  const stanzas = rules.flatMap(([capabilities, paths]) =>
    paths.map((path) => `path "${path}" { capabilities = ${JSON.stringify(capabilities)} }`),
  );
  return [`# vaultproof ${JSON.stringify(mark)}`, ...stanzas, ''].join('\n');
}
