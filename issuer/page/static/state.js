/**
 * What `GET /page/state` answers, see issuer/page/page-state.ts.
 * @typedef {object} State
 * @property {string} issuer
 * @property {string} jwksUrl
 * @property {string} discoveryUrl
 * @property {{ now: number, movedBy: number }} clock
 * @property {readonly Key[]} keys
 * @property {{ vault: string, consul: string } | null} logins the role and the auth method to log in with at first; null without servers
 */

/**
 * @typedef {object} Key
 * @property {string} kid
 * @property {string} alg
 * @property {'added' | 'published' | 'active' | 'overlapping' | 'retired'} state
 * @property {number} [publishAt]
 * @property {number} [activateAt]
 * @property {number} [retireAt]
 * @property {Readonly<Record<string, unknown>>} [jwk]
 */

/** @typedef {{ group: string, name: string, breaks: string, rfc: string, vault: string }} HostileToken */

/**
 * Asks the issuer; its own URL is where this file came from, whatever the path.
 * @param {string} path
 * @param {RequestInit} [init]
 * @returns {Promise<Response>}
 */
export function ask(path, init = {}) {
  return fetch(new URL(path, import.meta.url), { cache: 'no-store', credentials: 'omit', ...init });
}

/** @returns {Promise<State>} */
export async function fetchState() {
  const answer = await ask('state');
  if (!answer.ok) throw new Error(`the issuer answered ${answer.status}`);
  return /** @type {Promise<State>} */ (answer.json());
}

/** @returns {Promise<HostileToken[]>} */
export async function fetchHostileTokens() {
  const answer = await ask('hostile-tokens');
  return answer.ok ? /** @type {Promise<HostileToken[]>} */ (answer.json()) : [];
}

/**
 * The issuer's time, which goes on from when it was asked for.
 * @param {State['clock']} clock
 * @returns {() => number} whole seconds since 1970
 */
export function ticking({ now, movedBy }) {
  const system = () => Math.floor(Date.now() / 1000);
  const found = now - system();
  // Mostly both run on one machine, whose clock is more exact than an answer of whole seconds that took a while.
  const offset = Math.abs(found - movedBy) <= 1 ? movedBy : found;
  return () => system() + offset;
}
