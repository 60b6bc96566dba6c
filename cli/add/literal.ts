/** Props and claims, as they are written into a test. */
export type Literal = string | number | readonly Literal[] | { readonly [name: string]: Literal };

/** A file's name as its function's: `github-actions` is `githubActions`. */
export function camelCase(name: string): string {
  return name.replace(/-(\w)/g, (_, letter: string) => letter.toUpperCase());
}

/** TypeScript that says a value, on one line where that fits. */
export function literal(value: Literal, indent = ''): string {
  if (typeof value === 'number') return String(value);
  if (typeof value === 'string') return quoted(value);
  const inner = `${indent}  `;
  const isList = Array.isArray(value);
  const members = isList
    ? value.map((member: Literal) => literal(member, inner))
    : Object.entries(value).map(([name, member]) => `${key(name)}: ${literal(member, inner)}`);
  const [open, close] = isList ? ['[', ']'] : ['{ ', ' }'];
  const line = `${open}${members.join(', ')}${close}`;
  if (line.length + inner.length < 100 && !line.includes('\n')) return line;
  return `${open.trim()}\n${members.map((member) => `${inner}${member},\n`).join('')}${indent}${close.trim()}`;
}

function key(name: string): string {
  return /^[A-Za-z_]\w*$/.test(name) ? name : `'${name}'`;
}

/** Where it has what looks like a claim in it, a template, which linters ask for. */
function quoted(text: string): string {
  if (text.includes('${')) return `\`${text.replace(/[`\\]|\$(?=\{)/g, '\\$&')}\``;
  return `'${text.replace(/['\\]/g, '\\$&')}'`;
}
