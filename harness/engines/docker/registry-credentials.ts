import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { isRecord } from '../../../internal/json.js';
import { runGuarded } from '../../guardian/index.js';
import { configFolder } from './docker-context.js';

/** The name that Docker's own client keeps the login to Docker Hub under. */
const DOCKER_HUB = 'https://index.docker.io/v1/';
const HELPER_LIMIT_MS = 10_000;

/**
 * The login to an image's registry as the Docker API's `X-Registry-Auth` header takes it, from where `docker login` puts
 * it: a credential helper of the registry, the credentials store, or the file itself. Undefined without a login, or where
 * a helper has none.
 * @see https://docs.docker.com/reference/cli/docker/login/#credential-stores
 * @see https://docs.docker.com/reference/api/engine/#section/Authentication
 */
export async function registryAuth(image: string): Promise<string | undefined> {
  const registry = registryOf(image);
  const config = dockerConfig();
  const { credHelpers, credsStore, auths } = config;
  const helper = (isRecord(credHelpers) && credHelpers[registry]) || credsStore;
  const login = (typeof helper === 'string' && (await askHelper(helper, registry))) || loginIn(auths, registry);
  if (!login) return undefined;
  // Go's decoder wants the padding that Node's base64url leaves out.
  const json = JSON.stringify({ ...login, serveraddress: registry });
  return Buffer.from(json).toString('base64').replaceAll('+', '-').replaceAll('/', '_');
}

/** Without a host in its name an image is on Docker Hub. */
function registryOf(image: string): string {
  const [first = '', ...rest] = image.split('/');
  return rest.length > 0 && /[.:]|^localhost$/.test(first) ? first : DOCKER_HUB;
}

/** DOCKER_AUTH_CONFIG, as GitLab sets it, else the file of Docker's own client. */
function dockerConfig(): Record<string, unknown> {
  try {
    const json: unknown = JSON.parse(
      process.env['DOCKER_AUTH_CONFIG'] || readFileSync(join(configFolder(), 'config.json'), 'utf8'),
    );
    return isRecord(json) ? json : {};
  } catch {
    return {};
  }
}

type Login = { readonly username: string; readonly password: string } | { readonly identitytoken: string };

/** Its output is a secret, so that nothing of it is in any message. */
async function askHelper(name: string, registry: string): Promise<Login | undefined> {
  const { stdout } = await runGuarded({
    path: `docker-credential-${name}`,
    args: ['get'],
    cwd: process.cwd(),
    env: process.env,
    input: registry,
    limitMs: HELPER_LIMIT_MS,
  });
  try {
    const { Username, Secret } = JSON.parse(stdout) as { Username?: string; Secret?: string };
    if (!Username || !Secret) return undefined;
    return Username === '<token>' ? { identitytoken: Secret } : { username: Username, password: Secret };
  } catch {
    return undefined;
  }
}

function loginIn(auths: unknown, registry: string): Login | undefined {
  const [, entry] =
    Object.entries(isRecord(auths) ? auths : {}).find(([key]) => hostOf(key) === hostOf(registry)) ?? [];
  if (!isRecord(entry)) return undefined;
  const { identitytoken, auth, username, password } = entry;
  if (typeof identitytoken === 'string' && identitytoken !== '') return { identitytoken };
  if (typeof auth === 'string' && auth !== '') {
    const [, user = '', secret = ''] = /^([^:]*):(.*)$/s.exec(Buffer.from(auth, 'base64').toString('utf8')) ?? [];
    return { username: user, password: secret };
  }
  return typeof username === 'string' && typeof password === 'string' ? { username, password } : undefined;
}

/** Logins are kept under a registry's host, or under a URL of it. */
function hostOf(registry: string): string {
  return registry.replace(/^https?:\/\//, '').replace(/\/.*$/, '');
}
