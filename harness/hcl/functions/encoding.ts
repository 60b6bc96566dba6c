import { gzipSync } from 'node:zlib';
import { YAMLParseError } from 'yaml';
import { fromJson, mapValue, numberText, toJson, type Value, ValueProblem } from '../values.js';
import { define } from './definition.js';
import { parseYaml, yamlText } from './yaml.js';

/** @see https://developer.hashicorp.com/terraform/language/functions#encoding-functions */
export const encodingFunctions = {
  base64decode: define(['string'], (text) => utf8(decoded(text), 'base64decode')),
  base64encode: define(['string'], (text) => Buffer.from(text).toString('base64')),
  base64gzip: define(['string'], (text) => gzipSync(text).toString('base64')),
  csvdecode: define(['string'], (text) => csvRows(text)),
  jsondecode: define(['string'], (text) => fromJson(parsed('JSON', () => JSON.parse(text)))),
  jsonencode: define(['any'], (value) => jsonText(toJson(value)), { unknown: 'join' }),
  textdecodebase64: define(['string', 'string'], (text, encoding) =>
    parsed(encoding, () => new TextDecoder(encoding, { fatal: true, ignoreBOM: true }).decode(decoded(text))),
  ),
  textencodebase64: define(['string', 'string'], (text, encoding) => encodedAs(text, encoding).toString('base64')),
  urlencode: define(['string'], (text) =>
    encodeURIComponent(text)
      .replaceAll(/[!'()*]/g, (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`)
      .replaceAll('%20', '+'),
  ),
  yamldecode: define(['string'], (text) => fromJson(parsed('YAML', () => parseYaml(text)))),
  yamlencode: define(['any'], yamlDocument, { unknown: 'join' }),
};

/** A number, a bool or null alone ends with a mark. */
function yamlDocument(value: Value): Value {
  const json = toJson(value);
  const isPlain = json === null || typeof json === 'number' || typeof json === 'boolean';
  return `${yamlText(json)}\n${isPlain ? '...\n' : ''}`;
}

/** Bytes of base64. */
export function decoded(text: string): Buffer {
  const bytes = Buffer.from(text, 'base64');
  if (bytes.toString('base64') !== text.replaceAll(/[\r\n]/g, '')) throw new ValueProblem('the string is not base64');
  return bytes;
}

/** A string of bytes that are UTF-8. */
export function utf8(bytes: Buffer, what: string): string {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    throw new ValueProblem(`"${what}" gives bytes that are not UTF-8`);
  }
}

/** Where YAML's parser stopped; what it says besides may quote a secret. */
function lineIn(cause: unknown): string {
  const [start] = cause instanceof YAMLParseError ? (cause.linePos ?? []) : [];
  return start === undefined ? '' : ` in its line ${start.line}`;
}

function parsed<Result>(what: string, parse: () => Result): Result {
  try {
    return parse();
  } catch (cause) {
    throw new ValueProblem(`the string is not valid ${what}${lineIn(cause)}: correct it`);
  }
}

function encodedAs(text: string, encoding: string): Buffer {
  const name = encoding.toLowerCase().replaceAll(/[-_]/g, '');
  if (name === 'utf8') return Buffer.from(text);
  if (name === 'utf16le') return Buffer.from(text, 'utf16le');
  if (name === 'utf16be' || name === 'utf16') return Buffer.from(text, 'utf16le').swap16();
  if (name === 'iso88591' || name === 'latin1') return Buffer.from(text, 'latin1');
  throw new ValueProblem(`unknown encoding "${encoding}"; expected UTF-8, UTF-16LE, UTF-16BE or ISO-8859-1`);
}

/** RFC 4180: the first row has the names. */
function csvRows(text: string): Value {
  const rows: string[][] = [[]];
  let [at, field] = [0, ''];
  const endField = (): void => {
    rows.at(-1)?.push(field);
    field = '';
  };
  while (at < text.length) {
    const character = text[at] ?? '';
    if (character === '"' && field === '') {
      const end = /^"((?:[^"]|"")*)"/.exec(text.slice(at));
      if (!end) throw new ValueProblem('a quoted field of the CSV does not end');
      field = (end[1] ?? '').replaceAll('""', '"');
      at += end[0].length;
      continue;
    }
    if (character === ',') endField();
    else if (character === '\n') {
      endField();
      rows.push([]);
    } else if (character === '"') throw new ValueProblem('a field of the CSV has a quote and does not begin with it');
    else if (character !== '\r') field += character;
    at++;
  }
  if (field !== '' || (rows.at(-1)?.length ?? 0) > 0) endField();
  const [names = [], ...records] = rows.filter((row) => row.length > 0 && !(row.length === 1 && row[0] === ''));
  if (names.length === 0) throw new ValueProblem('the CSV has no first row with the names');
  const twice = names.find((name, index) => names.indexOf(name) < index);
  if (twice !== undefined) throw new ValueProblem(`the CSV has two columns "${twice}": rename one`);
  return records.map((record) => {
    if (record.length !== names.length)
      throw new ValueProblem(`a row of the CSV has ${record.length} fields instead of ${names.length}`);
    return mapValue(names.map((name, index) => [name, record[index] ?? '']));
  });
}

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
