/** @import { State } from './state.js' */
import { byId, setText } from './dom.js';
import { ask } from './state.js';

/** @typedef {{ accepted: true, grants: string[] } | { accepted: false, code: string, message: string }} Outcome */

/**
 * A login with the debugger's token at the servers that run beside the issuer.
 * @param {() => string} token
 */
export function loginPanel(token) {
  const form = byId('login-form', HTMLFormElement);
  const server = byId('login-server', HTMLSelectElement);
  const name = byId('login-name', HTMLInputElement);
  const outcome = byId('login-outcome', HTMLElement);

  /** @type {(className: string, words: string) => void} */
  const say = (className, words) => {
    outcome.className = `verdict ${className}`;
    outcome.hidden = false;
    setText(outcome, words);
  };
  const logIn = async () => {
    const jwt = token();
    if (jwt === '') return say('', 'Paste a token above.');
    say('', 'Logging in …');
    const answer = await ask('login', {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify({ server: server.value, name: name.value.trim(), jwt }),
    }).catch(() => undefined);
    if (!answer) return say('refused', 'The issuer does not answer.');
    const body = await answer.json();
    if (!answer.ok) return say('refused', String(body.error_description));
    const found = /** @type {Outcome} */ (body);
    return found.accepted
      ? say('valid', `Logged in: ${found.grants.join(', ') || 'no policies'}`)
      : say('refused', found.message);
  };
  form.addEventListener('submit', (event) => {
    event.preventDefault();
    void logIn();
  });
  /** @type {State['logins']} */
  let names = null;
  const showName = () => {
    name.value = names?.[server.value === 'consul' ? 'consul' : 'vault'] ?? '';
  };
  server.addEventListener('change', () => {
    showName();
    const label = server.value === 'consul' ? 'Auth method to log in with' : 'Role to log in with';
    setText(byId('login-name-label', HTMLElement), label);
  });
  return {
    /** @param {State} state */
    update: ({ logins }) => {
      byId('login', HTMLElement).hidden = logins === null;
      if (names !== null) return;
      names = logins;
      showName();
    },
  };
}
