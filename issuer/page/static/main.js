import { commandsPanel } from './commands-panel.js';
import { debuggerPanel } from './debugger-panel.js';
import { byId, copies, setText } from './dom.js';
import { issuerPanel } from './issuer-panel.js';
import { loginPanel } from './login-panel.js';
import { mintPanel } from './mint-panel.js';
import { fetchState } from './state.js';

const REFRESH_MS = 3_000;

const connection = byId('connection', HTMLElement);
const autoRefresh = byId('auto-refresh', HTMLInputElement);
const issuer = issuerPanel();
const debug = debuggerPanel();
const mint = mintPanel({ debug: debug.use });
const login = loginPanel(debug.token);
const commands = commandsPanel(mint.form);
mint.onChange(commands.show);

for (const button of document.querySelectorAll('button[data-copy]')) {
  if (!(button instanceof HTMLButtonElement)) continue;
  const source = byId(button.dataset['copy'] ?? '', HTMLElement);
  copies(button, () => source.textContent ?? '');
}

// What is typed counts at once: there is nothing to send.
for (const id of ['debugger-form', 'command-form']) {
  byId(id, HTMLFormElement).addEventListener('submit', (event) => event.preventDefault());
}

async function refresh() {
  try {
    const state = await fetchState();
    for (const panel of [issuer, mint, debug, login, commands]) panel.update(state);
    setText(connection, '');
  } catch {
    setText(connection, 'the issuer does not answer');
  }
}

/** One after the other, so that a slow issuer isn't asked twice at a time. */
async function refreshNow() {
  await refresh();
  setTimeout(refreshInTurn, REFRESH_MS);
}

async function refreshInTurn() {
  if (autoRefresh.checked && !document.hidden) await refresh();
  setTimeout(refreshInTurn, REFRESH_MS);
}

byId('refresh', HTMLButtonElement).addEventListener('click', refresh);
setInterval(() => {
  issuer.tick();
  debug.tick();
}, 1_000);
await refreshNow();
