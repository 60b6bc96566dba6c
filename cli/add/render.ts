import { posix } from 'node:path';
import type { Project } from './project.js';
import { ownManifest, type Source } from './sources.js';

const { version, license } = ownManifest;

/** A file as it is to be, by its path below the folder that it is copied into, with slashes. */
export interface CopiedFile {
  readonly path: string;
  readonly text: string;
}

/** A source as it is in a project: with its origin above it, and with imports that the project's compiler takes. */
export function renderSource({ path, text }: Source, project: Project): CopiedFile {
  const extension = project.isEsm ? '.js' : '';
  const adapted = text
    .replace(/(\bfrom '\.{1,2}\/[^']+)\.js'/g, `$1${extension}'`)
    .replaceAll("from 'cdktf'", `from '${cdktfName(project)}'`);
  return { path, text: `${header(posix.join('stacks', path))}${adapted}` };
}

/** The name by which a project imports what is cdktf for it. */
function cdktfName({ cdktf }: Project): string {
  return cdktf === 'cdktn' ? 'cdktn' : 'cdktf';
}

/** Where a copied file is from, and its terms; the licence asks for a word on changes. */
function header(origin: string): string {
  return `// SPDX-License-Identifier: ${license}\n// Copied from vaultproof ${version}, ${origin}, with imports for this project.\n\n`;
}

/** Where a written test is from. */
export function testHeader(): string {
  return `// SPDX-License-Identifier: ${license}\n// Written by vaultproof ${version}, "vaultproof add --test".\n\n`;
}

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
