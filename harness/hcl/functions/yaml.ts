import { parseDocument, type ScalarTag } from 'yaml';
import { compareText, numberText } from '../values.js';

const TRUE = /^(?:y|Y|yes|Yes|YES|on|On|ON)$/;
const FALSE = /^(?:n|N|no|No|NO|off|Off|OFF)$/;
/** A date, a time with its zone after `T`, or one without a zone after a space. */
const TIME =
  /^(\d{4})-(\d\d?)-(\d\d?)(?:(?:[Tt](?=.*(?:Z|[+-]\d\d:\d\d)$)| (?=[\d:.]+$))(\d\d?):(\d\d?):(\d\d?)(?:\.\d+)?(Z|[+-]\d\d:\d\d)?)?$/;

/** What YAML 1.2 has no words for, and Terraform reads as YAML 1.1 does. */
const OLDER: readonly ScalarTag[] = [
  { tag: 'tag:yaml.org,2002:bool', default: true, test: TRUE, resolve: () => true },
  { tag: 'tag:yaml.org,2002:bool', default: true, test: FALSE, resolve: () => false },
  { tag: 'tag:yaml.org,2002:timestamp', default: true, test: TIME, resolve: timeText },
];

/**
 * The value of a YAML document, with times as strings of RFC 3339.
 * @throws Error for what is not YAML, and where there is no document
 * @see https://developer.hashicorp.com/terraform/language/functions/yamldecode
 */
export function parseYaml(text: string): unknown {
  const document = parseDocument(text, {
    schema: 'core',
    merge: true,
    uniqueKeys: false,
    customTags: (tags) => [...OLDER, ...tags],
  });
  const [error] = document.errors;
  if (error) throw error;
  if (document.contents === null) throw new Error('there is no document');
  return document.toJS();
}

/** Without the fraction of its seconds. What is no date in the calendar stays. */
function timeText(text: string): string {
  const [, year = '', ...parts] = TIME.exec(text) ?? [];
  const [month, day, hour, minute, second] = parts.slice(0, 5).map((part = '0') => part.padStart(2, '0'));
  const time = `${year}-${month}-${day}T${hour}:${minute}:${second}`;
  const isReal = new Date(`${time}Z`).toJSON()?.startsWith(time) === true;
  return isReal ? `${time}${parts[5] ?? 'Z'}` : text;
}

/** YAML as Terraform writes it: block style, strings in quotes, several lines as a literal block. */
export function yamlText(json: unknown, indent = ''): string {
  if (Array.isArray(json)) {
    if (json.length === 0) return '[]';
    return json.map((item) => `- ${yamlText(item, `${indent}  `)}`).join(`\n${indent}`);
  }
  if (typeof json === 'object' && json !== null) {
    const entries = Object.entries(json).sort(([one], [other]) => compareText(one, other));
    if (entries.length === 0) return '{}';
    return entries.map(([key, value]) => `${JSON.stringify(key)}:${member(value, indent)}`).join(`\n${indent}`);
  }
  if (typeof json === 'number') return numberText(json);
  return typeof json === 'string' ? scalar(json, indent === '' ? '  ' : indent) : String(json);
}

/** A list stands as deep as its key, a map deeper. */
function member(value: unknown, indent: string): string {
  if (Array.isArray(value) && value.length > 0) return `\n${indent}${yamlText(value, indent)}`;
  if (typeof value === 'object' && value !== null && Object.keys(value).length > 0) {
    return `\n${indent}  ${yamlText(value, `${indent}  `)}`;
  }
  return ` ${yamlText(value, `${indent}  `)}`;
}

/** Where the first line begins with white space, a number says how deep the others stand. */
function scalar(text: string, indent: string): string {
  if (!text.includes('\n') || text.includes('\t')) return JSON.stringify(text);
  const depth = /^\s/.test(text) ? '2' : '';
  const chomp = text.endsWith('\n') ? (/(?:^|\n)\n$/.test(text) ? '+' : '') : '-';
  const lines = text.replace(/\n$/, '').split('\n');
  return `|${depth}${chomp}\n${lines.map((line) => (line === '' ? '' : `${indent}${line}`)).join('\n')}`;
}
