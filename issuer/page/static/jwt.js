/**
 * A part of a token, as far as it can be read.
 * @typedef {object} Part
 * @property {string} text what it says, indented where it is JSON
 * @property {Readonly<Record<string, unknown>>} [object] there when it is a JSON object
 * @property {string} [problem] why it isn't what it should be
 */

/**
 * A token taken apart, none of it verified.
 * @typedef {object} Decoded
 * @property {Part} [header]
 * @property {Part} [claims]
 * @property {Uint8Array<ArrayBuffer>} [signature]
 * @property {Uint8Array<ArrayBuffer>} signed what the signature is over
 * @property {string} [problem] the first thing that is wrong with its form (RFC 7515, section 7.1)
 * @property {boolean} [tooLarge]
 */

const MAX_BYTES = 64 * 1024;
/** Deeper than this, indented text grows past all bounds. */
const MAX_INDENTED_DEPTH = 50;

/**
 * Takes a token apart as strictly as RFC 7515 has it, and shows what can be shown of one that is malformed.
 * @param {string} token
 * @returns {Decoded}
 */
export function decode(token) {
  const none = { signed: new Uint8Array() };
  if (token.length > MAX_BYTES) return { ...none, tooLarge: true, problem: 'the token is over 64 KiB' };
  if (token.startsWith('{')) return { ...none, problem: 'it is in the JSON form, not the compact one' };
  if (/^bearer\s/i.test(token)) return { ...none, problem: 'it has "Bearer " before it' };
  const [first = '', second, third, ...more] = token.split('.');
  const header = decodePart('header', first);
  const claims = second === undefined ? undefined : decodePart('payload', second);
  const signature = third === undefined ? undefined : bytesOf(third);
  const count = 1 + [second, third, ...more].filter((part) => part !== undefined).length;
  const problem =
    count !== 3
      ? `it has ${count} ${count === 1 ? 'part' : 'parts'}, not 3`
      : (header.problem ?? claims?.problem ?? (signature ? undefined : 'its signature is not base64url'));
  return {
    header,
    signed: new TextEncoder().encode(`${first}.${second ?? ''}`),
    ...(claims && { claims }),
    ...(signature && { signature }),
    ...(problem !== undefined && { problem }),
  };
}

/**
 * @param {string} name
 * @param {string} part
 * @returns {Part}
 */
function decodePart(name, part) {
  const bytes = bytesOf(part);
  if (!bytes)
    return { text: '', problem: `its ${name} is not base64url${/\s/.test(part) ? ': it has white space' : ''}` };
  let text = new TextDecoder().decode(bytes);
  /** @type {unknown} */
  let value;
  try {
    text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
    value = JSON.parse(text);
  } catch {
    return { text, problem: `its ${name} is not JSON in UTF-8` };
  }
  if (!isObject(value)) return { text, problem: `its ${name} is not an object` };
  const { repeated, depth } = scan(text);
  const shown = repeated !== undefined || depth > MAX_INDENTED_DEPTH ? text : JSON.stringify(value, null, 2);
  return {
    text: shown,
    object: value,
    ...(repeated !== undefined && { problem: `its ${name} has "${repeated}" twice` }),
  };
}

/**
 * The bytes of base64url without padding and with no bits to spare; undefined for anything else.
 * @param {string} text
 * @returns {Uint8Array<ArrayBuffer> | undefined}
 */
export function bytesOf(text) {
  if (!/^[A-Za-z0-9_-]*$/.test(text) || text.length % 4 === 1) return undefined;
  const base64 = text.replaceAll('-', '+').replaceAll('_', '/');
  const binary = atob(base64);
  if (btoa(binary).replaceAll('=', '') !== base64) return undefined;
  return Uint8Array.from(binary, (character) => character.charCodeAt(0));
}

/**
 * @param {unknown} value
 * @returns {value is Readonly<Record<string, unknown>>}
 */
export function isObject(value) {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/**
 * How deep a JSON text goes, and the first name that its outermost object has twice: JSON.parse keeps the last and says nothing.
 * @param {string} text
 * @returns {{ depth: number, repeated?: string }}
 */
function scan(text) {
  const seen = new Set();
  let depth = 0;
  let deepest = 0;
  /** @type {string | undefined} */
  let repeated;
  for (const [token, name] of text.matchAll(/"((?:[^"\\]|\\.)*)"(?=\s*:)|"(?:[^"\\]|\\.)*"|[{}[\]]/g)) {
    if (token === '{' || token === '[') deepest = Math.max(deepest, ++depth);
    else if (token === '}' || token === ']') depth -= 1;
    else if (depth === 1 && name !== undefined) {
      const unescaped = String(JSON.parse(`"${name}"`));
      if (seen.has(unescaped)) repeated ??= unescaped;
      seen.add(unescaped);
    }
  }
  return { depth: deepest, ...(repeated !== undefined && { repeated }) };
}
