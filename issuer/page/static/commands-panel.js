/** @import { Command, CommandGroup } from './commands.js' */
/** @import { MintForm } from './sign-request.js' */
/** @import { State } from './state.js' */
import { commandGroups } from './commands.js';
import { byId, copies, element, setText } from './dom.js';
import { audiencesOf, signRequest } from './sign-request.js';

/** A name that needs no escape in a path, for Vault and Consul alike. */
const NAME = /^[A-Za-z0-9][A-Za-z0-9_-]*$/;
const PATH = /^[A-Za-z0-9][A-Za-z0-9_-]*(?:\/[A-Za-z0-9_-]+)*$/;

/**
 * The commands.
 * @param {() => MintForm} form
 */
export function commandsPanel(form) {
  const role = byId('role', HTMLInputElement);
  const mount = byId('mount', HTMLInputElement);
  const problem = byId('commands-problem', HTMLElement);
  const target = byId('command-groups', HTMLElement);
  /** @type {State | undefined} */
  let state;

  const show = () => {
    if (!state) return;
    const checked = signRequest(form());
    role.setAttribute('aria-invalid', String(!NAME.test(role.value)));
    mount.setAttribute('aria-invalid', String(!PATH.test(mount.value)));
    const wrong =
      'problem' in checked
        ? `the form above is not right yet: ${checked.problem}`
        : !NAME.test(role.value) || !PATH.test(mount.value)
          ? 'a role and a path are letters, digits, "-" and "_"'
          : '';
    setText(problem, wrong);
    // What was right last stays there to look at, and not to copy.
    target.toggleAttribute('inert', wrong !== '');
    if ('problem' in checked || wrong !== '') return;
    const { claims } = /** @type {{ claims: Record<string, unknown> }} */ (checked.request);
    const subject = typeof claims['sub'] === 'string' ? claims['sub'] : form().sub;
    const aud = claims['aud'];
    const audiences = Array.isArray(aud)
      ? aud.map(String)
      : typeof aud === 'string'
        ? [aud]
        : 'aud' in claims
          ? []
          : audiencesOf(form());
    const { request } = checked;
    showGroups(target, commandGroups({ state, request, subject, audiences, role: role.value, mount: mount.value }));
  };
  for (const field of [role, mount]) field.addEventListener('input', show);
  return {
    show,
    /** @param {State} newState */
    update: (newState) => {
      state = newState;
      show();
    },
  };
}

/** @type {(target: HTMLElement, groups: readonly CommandGroup[]) => void} */
function showGroups(target, groups) {
  if (target.children.length === 0) target.append(...groups.map(groupElement));
  for (const { commands } of groups) {
    for (const { id, text } of commands) setText(byId(id, HTMLElement), text);
  }
}

/** @type {(group: CommandGroup) => HTMLElement} */
function groupElement({ title, note, commands }) {
  return element('div', 'command-group', [
    element('h3', '', title),
    ...(note === '' ? [] : [element('p', 'help', note)]),
    ...commands.map((command) => commandElement(title, command)),
  ]);
}

/** @type {(group: string, command: Command) => HTMLElement} */
function commandElement(group, { id, title }) {
  const text = element('pre');
  text.id = id;
  const copy = element('button', '', 'Copy');
  copy.type = 'button';
  copy.setAttribute('aria-label', `Copy "${title}" for ${group}`);
  copies(copy, () => text.textContent ?? '');
  return element('div', 'command', [element('h4', '', title), copy, text]);
}
