import { readFileSync } from 'node:fs';
import type { ClientRequest, IncomingMessage, RequestOptions } from 'node:http';
import { join } from 'node:path';
import { VaultproofError } from '../../../errors/index.js';
import { readWhole } from '../../../internal/bounded-answer.js';
import { isRecord, membersOf } from '../../../internal/json.js';
import { runGuarded } from '../../guardian/index.js';
import { configFolder } from './endpoints.js';
import { messageIn, send } from './requests.js';

/** How long a registry may take to the first byte of a pull. */
const FIRST_BYTE_MS = 10_000;
/** How long it may then be silent. */
const SILENCE_MS = 60_000;
/** How long a pull may take: an image of 200 MB at 64 KB/s. */
const TOTAL_MS = 3_600_000;
/** The longest event: Docker's have some 200 bytes. */
const MOST_EVENT_LENGTH = 2 ** 20;

/**
 * Pulls an image through the Docker API, with a line for each step and the user's login to its registry.
 * @throws VaultproofError `image_unavailable`
 */
export async function pullImage(host: RequestOptions, image: string, report: (line: string) => void): Promise<void> {
  const failed = failureOf(image);
  report(`pulling image ${image}`);
  const auth = await registryAuth(image);
  const path = `/images/create?fromImage=${encodeURIComponent(withTag(image))}`;
  const answer = await send(host, 'POST', path, { silenceMs: FIRST_BYTE_MS, totalMs: TOTAL_MS }, withLogin(auth)).catch(
    (cause: unknown) => {
      throw failed(cause instanceof Error ? cause.message : String(cause), cause);
    },
  );
  if (answer.statusCode !== 200) throw failed(messageIn((await readWhole(answer)).toString('utf8')));
  // From here on the limit is on silence; a large layer reports every second.
  answer.setTimeout(SILENCE_MS, () =>
    answer.destroy(new Error(`the registry sent nothing for ${SILENCE_MS / 1000} s`)),
  );
  try {
    await readEvents(answer, image, report);
  } catch (cause) {
    throw failed(cause instanceof Error ? cause.message : String(cause), cause);
  }
}

/** Reports each new status; an event that is an error ends it. */
async function readEvents(answer: IncomingMessage, image: string, report: (line: string) => void): Promise<void> {
  let rest = '';
  let last = '';
  for await (const chunk of answer) {
    const lines = (rest + String(chunk)).split('\n');
    rest = lines.pop() ?? '';
    if (rest.length > MOST_EVENT_LENGTH) throw new Error('the engine sent an event without an end');
    for (const line of lines.filter((text) => text.trim() !== '')) {
      const event: unknown = JSON.parse(line);
      if (!isRecord(event)) continue;
      if (event['error'] !== undefined) throw new Error(String(event['error']));
      const status = String(event['status']);
      if (status !== last && !/^(Downloading|Extracting|Waiting|Verifying)/.test(status)) report(`${image}: ${status}`);
      last = status;
    }
  }
}

/**
 * Asks the registry, by way of the engine, whether it has an image, and pulls nothing.
 * @param limitMs how long the answer may take
 * @throws VaultproofError `image_unavailable` with the registry's reason
 * @see https://docs.docker.com/reference/api/engine/version/v1.50/#tag/Distribution
 */
export async function canPullImage(host: RequestOptions, image: string, limitMs: number): Promise<void> {
  const failed = failureOf(image);
  const auth = await registryAuth(image);
  const path = `/distribution/${withTag(image)}/json`;
  const answer = await send(host, 'GET', path, { silenceMs: limitMs, totalMs: limitMs }, withLogin(auth)).catch(
    (cause: unknown) => {
      throw failed(cause instanceof Error ? cause.message : String(cause), cause);
    },
  );
  const body = (await readWhole(answer)).toString('utf8');
  // Podman can't be asked, and says so without JSON: only a pull tells.
  if (answer.statusCode === 404 && !body.startsWith('{')) return;
  if (answer.statusCode !== 200) throw failed(messageIn(body));
}

function failureOf(image: string): (reason: string, cause?: unknown) => VaultproofError {
  return (reason, cause) =>
    new VaultproofError('image_unavailable', `image "${image}" could not be pulled: ${reason}`, {
      details: { image },
      cause,
    });
}

function withLogin(auth: string | undefined): (request: ClientRequest) => void {
  return (request) => {
    if (auth !== undefined) request.setHeader('X-Registry-Auth', auth);
  };
}

/** Without a tag Docker would pull all of them. */
function withTag(image: string): string {
  return /(?::[\w.-]+|@sha256:\w+)$/.test(image) ? image : `${image}:latest`;
}

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
async function registryAuth(image: string): Promise<string | undefined> {
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
    return membersOf(json);
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
  const [, entry] = Object.entries(membersOf(auths)).find(([key]) => hostOf(key) === hostOf(registry)) ?? [];
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
