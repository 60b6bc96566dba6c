import { numberText } from '../values.js';

/** JSON as Terraform writes it: without spaces, and with `<`, `>` and `&` escaped, as Go does. */
export function jsonText(json: unknown): string {
  if (typeof json === 'number') return numberText(json);
  if (Array.isArray(json)) return `[${json.map(jsonText).join(',')}]`;
  if (typeof json === 'object' && json !== null) {
    return `{${Object.entries(json)
      .sort(([one], [other]) => Buffer.compare(Buffer.from(one), Buffer.from(other)))
      .map(([key, value]) => `${quoted(key)}:${jsonText(value)}`)
      .join(',')}}`;
  }
  return typeof json === 'string' ? quoted(json) : JSON.stringify(json);
}

function quoted(text: string): string {
  return JSON.stringify(text).replaceAll(/[<>&\u2028\u2029]/g, (character) => {
    return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
  });
}
