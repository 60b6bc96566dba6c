/** @import { State } from './state.js' */
/** @import { Check } from './checks.js' */
import { byId, element, setText, showOutcomes } from './dom.js';
import { hints } from './hints.js';
import { bytesOf, decode } from './jwt.js';
import { readKeys } from './pasted-keys.js';
import { rolePanel } from './role-panel.js';
import { ticking } from './state.js';
import { verify } from './verify.js';

/** The debugger. What is pasted into it goes nowhere: nothing here asks the issuer for anything. */
export function debuggerPanel() {
  const token = byId('token', HTMLTextAreaElement);
  const source = byId('key-source', HTMLSelectElement);
  const pasted = byId('pasted', HTMLTextAreaElement);
  const secret = byId('secret', HTMLInputElement);
  const isBase64url = byId('secret-is-base64url', HTMLInputElement);
  const leeway = byId('leeway', HTMLInputElement);
  const expected = {
    issuer: byId('expected-iss', HTMLInputElement),
    subject: byId('expected-sub', HTMLInputElement),
    audience: byId('expected-aud', HTMLInputElement),
  };
  /** @type {State | undefined} */
  let state;
  const role = rolePanel();
  let now = () => Math.floor(Date.now() / 1000);
  let turn = 0;
  let issuerIsOurs = true;

  const keys = () => {
    if (source.value === 'pasted') {
      const read = readKeys(pasted.value);
      return 'keys' in read ? read.keys : read;
    }
    if (source.value === 'secret') {
      const bytes = isBase64url.checked ? bytesOf(secret.value.trim()) : new TextEncoder().encode(secret.value);
      return { secret: bytes ?? new Uint8Array() };
    }
    return (state?.keys ?? []).flatMap(({ jwk }) => (jwk ? [{ jwk }] : []));
  };
  const show = async () => {
    const mine = ++turn;
    const text = token.value.trim();
    const verdict = byId('verdict', HTMLElement);
    role.show(text, now());
    byId('pasted-field', HTMLElement).hidden = source.value !== 'pasted';
    byId('secret-field', HTMLElement).hidden = source.value !== 'secret';
    byId('debugged', HTMLElement).hidden = text === '';
    if (text === '') {
      verdict.className = 'verdict';
      return setText(verdict, 'No token yet.');
    }
    const decoded = decode(text);
    const isOwn = source.value === 'issuer';
    const time = now();
    const checks = await verify(decoded, {
      keys: keys(),
      ...(isOwn && { absent: whyAbsent(state) }),
      issuer: expected.issuer.value.trim(),
      subject: expected.subject.value,
      audience: expected.audience.value,
      leeway: Math.max(0, Math.trunc(Number(leeway.value)) || 0),
      now: time,
    });
    // What was typed meanwhile is newer.
    if (mine !== turn) return undefined;
    showVerdict(verdict, checks);
    showOutcomes(
      byId('checks', HTMLOListElement),
      checks.map((check) => ({ ...check, name: names[check.name] })),
    );
    const context = { now: time, movedBy: state?.clock.movedBy ?? 0, hasWhiteSpace: text !== token.value };
    showHints(byId('hints', HTMLUListElement), hints(decoded, context));
    setText(byId('decoded-header', HTMLElement), decoded.header?.text ?? '');
    setText(byId('decoded-claims', HTMLElement), decoded.claims?.text ?? '');
    return undefined;
  };
  /** The issuer to expect is this one as long as its keys verify and nobody says otherwise. */
  const fillIssuer = () => {
    if (issuerIsOurs) expected.issuer.value = source.value === 'issuer' ? (state?.issuer ?? '') : '';
  };

  const fields = [token, source, pasted, secret, isBase64url, leeway, ...Object.values(expected)];
  expected.issuer.addEventListener('input', () => {
    issuerIsOurs = false;
  });
  source.addEventListener('input', fillIssuer);
  role.onInput(() => void show());
  for (const field of fields) field.addEventListener('input', show);
  return {
    token: () => token.value.trim(),
    /** Times pass, and with them the verdict may. */
    tick: () => {
      if (token.value !== '') void show();
    },
    /** @param {State} newState */
    update: (newState) => {
      state = newState;
      now = ticking(state.clock);
      fillIssuer();
      void show();
    },
    /** @type {(minted: string, audience: string) => void} */
    use: (minted, audience) => {
      token.value = minted;
      source.value = 'issuer';
      expected.audience.value = audience;
      fillIssuer();
      token.focus();
      void show();
    },
  };
}

/** @type {(state: State | undefined) => ReadonlyMap<string, string>} */
function whyAbsent(state) {
  const others = (state?.keys ?? []).filter(({ jwk }) => !jwk);
  return new Map(
    others.map(({ kid, state }) => [kid, `the issuer's key "${kid}" is ${state}, so it is not in the key set`]),
  );
}

/** @type {(target: HTMLElement, checks: readonly Check[]) => void} */
function showVerdict(target, checks) {
  const refused = checks.find(({ outcome }) => outcome === 'failed');
  target.className = `verdict ${refused ? 'refused' : 'valid'}`;
  // Without what changes every second, so that it is told once.
  setText(target, refused ? `Refused: ${names[refused.name]} (${refused.code})` : 'Valid: no check failed');
}

/** @type {Record<Check['name'], string>} */
const names = {
  form: 'form',
  algorithm: 'alg',
  key: 'key',
  signature: 'signature',
  iss: 'iss',
  sub: 'sub',
  aud: 'aud',
  exp: 'exp',
  nbf: 'nbf',
  iat: 'iat',
};

/** @type {(list: HTMLElement, texts: readonly string[]) => void} */
function showHints(list, texts) {
  const same = [...list.children].map(({ textContent }) => textContent).join('\n') === texts.join('\n');
  if (!same) list.replaceChildren(...texts.map((text) => element('li', '', text)));
  list.hidden = texts.length === 0;
}
