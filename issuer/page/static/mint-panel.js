/** @import { HostileToken, State } from './state.js' */
/** @import { MintForm } from './sign-request.js' */
import { announce, byId, copies, element, option, setText, showToken } from './dom.js';
import { decode } from './jwt.js';
import { presetFields } from './preset-fields.js';
import { audiencesOf, signRequest } from './sign-request.js';
import { ask, fetchHostileTokens } from './state.js';
import { secondsInWords } from './times.js';

/** How much of a token is shown; all of it is copied. */
const SHOWN_CHARACTERS = 2_000;

/**
 * The form that mints, and what it minted.
 * @param {{ debug: (token: string, audience: string) => void }} actions
 */
export function mintPanel({ debug }) {
  const fields = {
    sub: byId('sub', HTMLInputElement),
    aud: byId('aud', HTMLInputElement),
    lifetime: byId('lifetime', HTMLInputElement),
    key: byId('key', HTMLSelectElement),
    claims: byId('claims', HTMLTextAreaElement),
    header: byId('header', HTMLTextAreaElement),
    hostile: byId('hostile', HTMLSelectElement),
  };
  const formElement = byId('mint-form', HTMLFormElement);
  const status = byId('mint-status', HTMLElement);
  const problem = byId('mint-problem', HTMLElement);
  let token = '';
  let changed = () => {};
  /** @type {HostileToken[]} */
  let hostileTokens = [];

  /** @returns {MintForm} */
  const form = () => ({
    sub: fields.sub.value,
    aud: fields.aud.value,
    lifetime: fields.lifetime.value,
    key: fields.key.value,
    claims: fields.claims.value,
    header: fields.header.value,
    hostile: fields.hostile.value,
  });

  const check = () => {
    const checked = signRequest(form());
    for (const name of /** @type {const} */ (['sub', 'lifetime', 'claims', 'header'])) {
      const wrong = 'field' in checked && checked.field === name;
      fields[name].setAttribute('aria-invalid', String(wrong));
      setText(byId(`${name}-problem`, HTMLElement), wrong ? checked.problem : '');
    }
    const seconds = Number(fields.lifetime.value);
    setText(
      byId('lifetime-help', HTMLElement),
      seconds > 0 && Number.isSafeInteger(seconds) ? secondsInWords(seconds) : '',
    );
    const hostile = hostileTokens.find(({ name }) => name === fields.hostile.value);
    setText(byId('hostile-help', HTMLElement), hostile ? describe(hostile) : '');
    // A hostile token decides on these itself.
    for (const field of [fields.key, fields.header]) field.disabled = hostile !== undefined;
    changed();
    return checked;
  };

  const mint = async () => {
    await preset.settled();
    const checked = check();
    setText(status, '');
    setText(problem, '');
    if ('field' in checked) return fields[checked.field].focus();
    const answer = await sign(checked.request).catch(() => ({ problem: 'the issuer does not answer' }));
    if ('problem' in answer) return setText(problem, answer.problem);
    token = answer.token;
    show(token);
    setText(status, `minted at ${new Date().toISOString().slice(11, 19)} UTC`);
    return undefined;
  };

  formElement.addEventListener('input', check);
  formElement.addEventListener('submit', (event) => {
    event.preventDefault();
    void mint();
  });
  formElement.addEventListener('keydown', (event) => {
    // In a text of several lines, Enter is one more line.
    if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) formElement.requestSubmit();
  });
  copies(byId('copy-token', HTMLButtonElement), () => token);
  byId('use-token', HTMLButtonElement).addEventListener('click', () => {
    debug(token, audiencesOf(form())[0] ?? '');
    announce('the token is in the debugger');
  });
  void fetchHostileTokens().then((found) => {
    hostileTokens = found;
    showHostile();
  });
  const filter = byId('hostile-filter', HTMLInputElement);
  const showHostile = () => {
    const shown = matching(hostileTokens, filter.value, fields.hostile.value);
    showHostileTokens(fields.hostile, shown);
    const count = shown.length === 1 ? '1 hostile token' : `${shown.length} hostile tokens`;
    setText(byId('hostile-count', HTMLElement), filter.value.trim() === '' ? '' : count);
  };
  filter.addEventListener('input', showHostile);
  const preset = presetFields(({ alg, lifetimeSeconds, sub, aud, claims }) => {
    fields.sub.value = sub;
    fields.aud.value = [aud].flat().join(' ');
    fields.lifetime.value = String(lifetimeSeconds);
    // A list of one audience is not the same as that audience.
    const all = Array.isArray(aud) ? { aud, ...claims } : claims;
    fields.claims.value = JSON.stringify(all, null, 2);
    const key = `alg:${alg}`;
    fields.key.value = [...fields.key.options].some(({ value }) => value === key) ? key : '';
    check();
  });
  return {
    form,
    /** @param {() => void} listener */
    onChange: (listener) => {
      changed = listener;
    },
    /** @param {State} state */
    update: (state) => {
      showKeys(fields.key, state);
      check();
    },
  };
}

/** @type {(request: object) => Promise<{ token: string } | { problem: string }>} */
async function sign(request) {
  const answer = await ask('../sign', {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify(request),
  });
  if (answer.status === 404)
    return { problem: 'this issuer has no POST /sign: start it with --sign, or with signDialect()' };
  const body = await answer.json();
  return answer.ok ? { token: String(body.token) } : { problem: String(body.error_description) };
}

/** @type {(token: string) => void} */
function show(token) {
  const { header, claims, problem } = decode(token);
  const isCut = token.length > SHOWN_CHARACTERS;
  showToken(byId('minted-token', HTMLElement), isCut ? `${token.slice(0, SHOWN_CHARACTERS)}…` : token);
  setText(byId('minted-header', HTMLElement), header?.text || `not shown: ${problem}`);
  setText(byId('minted-claims', HTMLElement), claims?.text || `not shown: ${problem}`);
  byId('minted', HTMLElement).hidden = false;
}

/** @type {(token: HostileToken) => string} */
function describe({ breaks, rfc, vault }) {
  const outcome = vault === 'accepted' ? 'Vault 1.21 accepts it' : `Vault 1.21: ${vault}`;
  return `${breaks[0]?.toUpperCase()}${breaks.slice(1)} (${rfc}). ${outcome}. The key and the header are its own.`;
}

/** @type {(select: HTMLSelectElement, state: State) => void} */
function showKeys(select, { keys }) {
  const algs = [...new Set(keys.filter(({ state }) => state === 'active').map(({ alg }) => alg))];
  const wanted = [
    option('', 'the key that signs by default'),
    ...algs.map((alg) => option(`alg:${alg}`, `the active key for ${alg}`)),
    ...keys.map(({ kid, alg, state }) => option(`kid:${kid}`, `${alg} ${state}: ${kid}`)),
  ];
  const same =
    select.options.length === wanted.length &&
    wanted.every(
      ({ value, text }, index) => select.options[index]?.value === value && select.options[index]?.text === text,
    );
  // A list that is open stays open as long as it is right.
  if (same) return;
  const chosen = select.value;
  select.replaceChildren(...wanted);
  select.value = wanted.some(({ value }) => value === chosen) ? chosen : '';
}

/**
 * The hostile tokens that a filter finds by group, name or what they break, and the chosen one in any case.
 * @type {(tokens: readonly HostileToken[], filter: string, chosen: string) => HostileToken[]}
 */
function matching(tokens, filter, chosen) {
  const words = filter.toLowerCase().split(/\s+/);
  return tokens.filter(({ group, name, breaks }) => {
    const text = `${group} ${name} ${breaks}`.toLowerCase();
    return name === chosen || words.every((word) => text.includes(word));
  });
}

/** @type {(select: HTMLSelectElement, tokens: readonly HostileToken[]) => void} */
function showHostileTokens(select, tokens) {
  const chosen = select.value;
  const groups = [...new Set(tokens.map(({ group }) => group))].map((group) => {
    const made = element('optgroup', '', tokens.filter((one) => one.group === group).map(hostileOption));
    made.label = group;
    return made;
  });
  select.replaceChildren(option('', 'none: a good token'), ...groups);
  select.value = chosen;
}

/** @type {(token: HostileToken) => HTMLOptionElement} */
function hostileOption({ name, breaks }) {
  return option(name, `${name}: ${breaks}`);
}
