import { byId, element, option, setText } from './dom.js';
import { ask } from './state.js';

/** @typedef {{ name: string, label: string, value: string }} PresetField */
/** @typedef {{ name: string, title: string, fields: PresetField[] }} Preset */
/**
 * What fills the form.
 * @typedef {object} Filled
 * @property {string} alg
 * @property {number} lifetimeSeconds
 * @property {string} sub
 * @property {string | string[]} aud
 * @property {Record<string, unknown>} claims
 */

/**
 * The vendors and their fields, which fill the form below them.
 * @param {(filled: Filled) => void} fill
 */
export function presetFields(fill) {
  const select = byId('preset', HTMLSelectElement);
  const target = byId('preset-fields', HTMLElement);
  const help = byId('preset-help', HTMLElement);
  const problem = byId('preset-problem', HTMLElement);
  const ownIssuer = byId('preset-own-iss', HTMLInputElement);
  /** @type {Preset[]} */
  let presets = [];
  let turn = 0;
  /** @type {Promise<void>} */
  let settled = Promise.resolve();

  const apply = async () => {
    const mine = ++turn;
    const preset = presets.find(({ name }) => name === select.value);
    byId('preset-own-iss-field', HTMLElement).hidden = preset === undefined;
    if (!preset) {
      setText(help, '');
      return setText(problem, '');
    }
    const inputs = [...target.querySelectorAll('input')];
    const query = new URLSearchParams(inputs.map(({ name, value }) => [name, value]));
    const answer = await ask(`presets/${preset.name}?${query}`).catch(() => undefined);
    // What was typed meanwhile is newer.
    if (mine !== turn) return undefined;
    if (!answer) return setText(problem, 'the issuer does not answer');
    const body = await answer.json();
    if (mine !== turn) return undefined;
    const wrong = answer.ok ? body.problem : body.error_description;
    setText(problem, wrong ?? '');
    setText(help, wrong === undefined ? `The form has the claims of ${preset.title}.` : '');
    if (wrong !== undefined) return undefined;
    const filled = /** @type {Filled} */ (body);
    if (ownIssuer.checked) delete filled.claims['iss'];
    return fill(filled);
  };

  const showFields = () => {
    const fields = presets.find(({ name }) => name === select.value)?.fields ?? [];
    target.replaceChildren(...fields.map(fieldElement));
    target.hidden = fields.length === 0;
  };
  select.addEventListener('change', () => {
    showFields();
    settled = apply();
  });
  for (const [field, event] of /** @type {const} */ ([
    [target, 'input'],
    [ownIssuer, 'change'],
  ])) {
    field.addEventListener(event, () => {
      settled = apply();
    });
  }
  void ask('presets').then(async (answer) => {
    if (!answer.ok) return;
    presets = /** @type {Preset[]} */ (await answer.json());
    select.append(...presets.map(({ name, title }) => option(name, title)));
  });
  return {
    /** Waits until the form below has what the fields say. */
    settled: () => settled,
  };
}

/** @type {(field: PresetField) => HTMLElement} */
function fieldElement({ name, label, value }) {
  const input = element('input');
  Object.assign(input, { id: `preset-${name}`, name, value, spellcheck: false, autocapitalize: 'off' });
  const caption = element('label', '', label);
  caption.htmlFor = input.id;
  return element('p', 'field', [caption, input]);
}
