// Removes from a Vault that others use what a run has made there, by the run's prefix. As a program it reads
// {"address","token","caPem","prefix"} from standard input, so that no one sees the token; it gives up after 30 s.

/**
 * Removes everything whose name or path has the prefix, and the entities of logins at its auth methods; the policy of the
 * prefix's own name is the mark of the run, has the accessors of its auth methods in its first line, and goes last.
 * @param request (method, path, json?) => Promise of the body; undefined where something is not there
 */
async function removeRun(request, prefix) {
  const data = async (method, path) => (await request(method, path))?.data ?? {};
  const keys = async (path) => (await data('LIST', path)).keys ?? [];
  const own = (paths) => Object.entries(paths).filter(([path]) => path.startsWith(`${prefix}/`));
  const mark = (await data('GET', `sys/policies/acl/${prefix}`)).policy;
  const accessors = new Set(mark === undefined ? [] : methodsOf(mark));
  const isOfMethod = ({ mount_accessor }) => accessors.has(mount_accessor);
  const identities = async (kind) => {
    const { key_info: infos = {} } = await data('LIST', `identity/${kind}/id`);
    return Object.entries(infos)
      .filter(
        ([, { name, mount_accessor, aliases = [] }]) =>
          String(name).startsWith(`${prefix}-`) || [{ mount_accessor }, ...aliases].some(isOfMethod),
      )
      .map(([id]) => `identity/${kind}/id/${id}`);
  };
  const pass = async () => {
    const methods = own(await data('GET', 'sys/auth'));
    for (const [, { accessor }] of methods) accessors.add(accessor);
    // Anyone who continues after this one knows them, although the methods are gone.
    if (mark !== undefined)
      await request('PUT', `sys/policies/acl/${prefix}`, { policy: marked(mark, [...accessors]) });
    const left = [
      ...own(await data('GET', 'sys/audit')).map(([path]) => `sys/audit/${path}`),
      ...methods.map(([path]) => `sys/auth/${path}`),
      ...own(await data('GET', 'sys/mounts')).map(([path]) => `sys/mounts/${path}`),
      ...named(await keys('auth/token/roles')).map((name) => `auth/token/roles/${name}`),
      ...(await identities('entity-alias')),
      ...(await identities('group-alias')),
      ...(await identities('entity')),
      ...(await identities('group')),
      ...named(await keys('sys/policies/acl')).map((name) => `sys/policies/acl/${name}`),
    ];
    for (const path of left) await request('DELETE', path.replace(/\/$/, ''));
    return left.length;
  };
  const named = (names) => names.filter((name) => name.startsWith(`${prefix}-`));
  // A request that was under way may have made something meanwhile.
  while ((await pass()) > 0);
  await request('DELETE', `sys/policies/acl/${prefix}`);
}

const MARK = /^# vaultproof (\{.*\})$/m;

/** The accessors of a run's auth methods, those that are gone, too. */
function methodsOf(policy) {
  return JSON.parse(MARK.exec(policy)?.[1] ?? '{}').methods ?? [];
}

/** The mark of a run with these auth methods. */
function marked(policy, methods) {
  const mark = JSON.parse(MARK.exec(policy)?.[1] ?? '{}');
  return policy.replace(MARK, `# vaultproof ${JSON.stringify({ ...mark, methods })}`);
}

module.exports = { removeRun };

const LIMIT_MS = 30_000;

function requester({ address, token, caPem }) {
  const base = new URL(address);
  const send = require(base.protocol === 'https:' ? 'node:https' : 'node:http').request;
  return (method, path, json) =>
    new Promise((resolve, reject) => {
      const options = { method, ca: caPem, headers: { 'x-vault-token': token, 'content-type': 'application/json' } };
      const request = send(new URL(`/v1/${path}`, base), options, (answer) => {
        let text = '';
        answer.on('data', (part) => {
          text += part;
        });
        answer.on('end', () => {
          if (answer.statusCode === 404) resolve(undefined);
          else if (answer.statusCode < 300) resolve(text === '' ? {} : JSON.parse(text));
          else reject(new Error(`status ${answer.statusCode}`));
        });
      });
      request.on('error', reject);
      request.end(json && JSON.stringify(json));
    });
}

async function main() {
  setTimeout(() => process.exit(2), LIMIT_MS).unref();
  let text = '';
  for await (const part of process.stdin) text += part;
  const run = JSON.parse(text);
  const request = requester(run);
  await removeRun(request, run.prefix);
  await request('POST', 'auth/token/revoke-self').catch(() => {});
}

if (require.main === module)
  main().then(
    () => process.exit(0),
    () => process.exit(2),
  );
