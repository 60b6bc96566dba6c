import { isObject } from './jwt.js';

/**
 * What the form says, as text.
 * @typedef {object} MintForm
 * @property {string} sub
 * @property {string} aud several ones with white space between them
 * @property {string} lifetime seconds
 * @property {string} key '' for the key that signs by default, else `kid:` or `alg:` and its name
 * @property {string} claims JSON
 * @property {string} header JSON
 * @property {string} hostile '' for a good token
 */

/** @typedef {'sub' | 'lifetime' | 'claims' | 'header'} FieldName */

/**
 * The body of `POST /sign` that a form means, or the first field that is wrong.
 * @param {MintForm} form
 * @returns {{ request: Record<string, unknown> } | { field: FieldName, problem: string }}
 */
export function signRequest(form) {
  const seconds = Number(form.lifetime);
  if (form.sub === '') return { field: 'sub', problem: 'fill in the subject' };
  if (!Number.isSafeInteger(seconds) || seconds < 1) {
    return { field: 'lifetime', problem: 'the lifetime must be a whole number of seconds above 0' };
  }
  const claims = readObject(form.claims);
  if (!claims) return { field: 'claims', problem: 'the further claims must be a JSON object' };
  const header = readObject(form.header);
  if (!header) return { field: 'header', problem: 'the header must be a JSON object' };
  const aud = audiencesOf(form);
  const all = {
    sub: form.sub,
    ...(aud.length > 0 && { aud: aud.length === 1 ? aud[0] : aud }),
    exp: `{{now + ${seconds}}}`,
    ...claims,
  };
  if (form.hostile !== '') return { request: { claims: all, hostile: form.hostile } };
  const [kind = '', ...name] = form.key.split(':');
  return {
    request: {
      claims: all,
      ...(Object.keys(header).length > 0 && { header }),
      ...(kind !== '' && { [kind]: name.join(':') }),
    },
  };
}

/**
 * The audiences of the form.
 * @param {Pick<MintForm, 'aud'>} form
 */
export function audiencesOf({ aud }) {
  return aud.split(/\s+/).filter((one) => one !== '');
}

/** @type {(text: string) => Readonly<Record<string, unknown>> | undefined} */
function readObject(text) {
  if (text.trim() === '') return {};
  try {
    /** @type {unknown} */
    const value = JSON.parse(text);
    return isObject(value) ? value : undefined;
  } catch {
    return undefined;
  }
}
