/** @import { Key, State } from './state.js' */
import { byId, copies, element, setText } from './dom.js';
import { ticking } from './state.js';
import { dateInWords, distanceInWords, secondsInWords } from './times.js';

/** The issuer's URLs, clock and keys. */
export function issuerPanel() {
  const list = byId('keys', HTMLUListElement);
  const clock = byId('clock', HTMLTimeElement);
  const moved = byId('clock-moved', HTMLElement);
  /** @type {ReturnType<typeof keyRow>[]} */
  const rows = [];
  /** @type {State | undefined} */
  let state;
  let now = () => 0;

  const tick = () => {
    if (!state) return;
    setText(clock, dateInWords(now()));
    for (const [index, key] of state.keys.entries()) rows[index]?.show(key, now());
  };
  return {
    tick,
    /** @param {State} newState */
    update: (newState) => {
      state = newState;
      now = ticking(state.clock);
      setText(byId('issuer-url', HTMLElement), state.issuer);
      setText(byId('jwks-url', HTMLElement), state.jwksUrl);
      setText(byId('discovery-url', HTMLElement), state.discoveryUrl);
      const { movedBy } = state.clock;
      setText(
        moved,
        movedBy === 0 ? "the system's time" : `moved ${secondsInWords(movedBy)} ${movedBy > 0 ? 'ahead' : 'back'}`,
      );
      moved.classList.toggle('warning', movedBy !== 0);
      // The ring only ever grows, so a row is its key's for good, and what has the focus in it keeps it.
      while (rows.length < state.keys.length) {
        const row = keyRow();
        rows.push(row);
        list.append(row.item);
      }
      tick();
    },
  };
}

function keyRow() {
  const kid = element('code', 'kid');
  const alg = element('span', 'alg');
  const badge = element('span', 'badge');
  const times = element('span', 'times');
  const copy = element('button', '', 'Copy');
  copy.type = 'button';
  copies(copy, () => kid.textContent ?? '');
  return {
    item: element('li', 'key', [badge, alg, kid, copy, times]),
    /** @type {(key: Key, now: number) => void} */
    show: (key, now) => {
      setText(kid, key.kid);
      setText(alg, key.alg);
      setText(badge, key.state);
      badge.className = `badge state-${key.state}`;
      copy.setAttribute('aria-label', `Copy the kid ${key.kid}`);
      setText(times, timesInWords(key, now));
    },
  };
}

/** @type {(key: Key, now: number) => string} */
function timesInWords({ publishAt, activateAt, retireAt }, now) {
  /** @type {(will: string, did: string, time: number | undefined) => string[]} */
  const words = (will, did, time) => {
    if (time === undefined) return [];
    if (time === 0) return [`${did} from the start`];
    return [`${time > now ? will : did} ${distanceInWords(time, now)}`];
  };
  const both = publishAt === activateAt;
  return [
    ...(both ? [] : words('is published', 'published', publishAt)),
    ...(both
      ? words('is published and signs', 'published and signs', activateAt)
      : words('signs', 'signs since', activateAt)),
    ...words('retires', 'retired', retireAt),
  ].join(', ');
}
