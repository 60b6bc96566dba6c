import { numberText } from '../values.js';

/** YAML as Terraform writes it: block style, strings in quotes, several lines as a literal block. */
export function yamlText(json: unknown, indent = ''): string {
  if (Array.isArray(json)) {
    if (json.length === 0) return '[]';
    return json.map((item) => `- ${yamlText(item, `${indent}  `)}`).join(`\n${indent}`);
  }
  if (typeof json === 'object' && json !== null) {
    const entries = Object.entries(json).sort(([one], [other]) => Buffer.compare(Buffer.from(one), Buffer.from(other)));
    if (entries.length === 0) return '{}';
    return entries.map(([key, value]) => `${JSON.stringify(key)}:${member(value, indent)}`).join(`\n${indent}`);
  }
  if (typeof json === 'number') return numberText(json);
  return typeof json === 'string' ? scalar(json, indent) : String(json);
}

/** A list stands as deep as its key, a map deeper. */
function member(value: unknown, indent: string): string {
  if (Array.isArray(value) && value.length > 0) return `\n${indent}${yamlText(value, indent)}`;
  if (typeof value === 'object' && value !== null && Object.keys(value).length > 0) {
    return `\n${indent}  ${yamlText(value, `${indent}  `)}`;
  }
  return ` ${yamlText(value, indent === '' ? '  ' : `${indent}  `)}`;
}

function scalar(text: string, indent: string): string {
  if (!text.includes('\n') || /^\s/.test(text)) return JSON.stringify(text);
  const chomp = text.endsWith('\n') ? (text.endsWith('\n\n') ? '+' : '') : '-';
  const lines = text.replace(/\n$/, '').split('\n');
  return `|${chomp}\n${lines.map((line) => (line === '' ? '' : `${indent}${line}`)).join('\n')}`;
}
