import { isRecord, membersOf } from '../../internal/json.js';
import type { Json } from '../terraform-json/document.js';
import { endOfString } from '../terraform-json/templates.js';

/** A block as it stands in the native syntax. */
interface WrittenBlock {
  /** Its type and its labels: `['dynamic', 'rule']`. */
  readonly path: readonly string[];
  readonly blocks: readonly WrittenBlock[];
}

/**
 * Notes in each `dynamic` block how many blocks of its type stand before it, which the JSON syntax has elsewhere:
 * `{"//": {"after": 1}}`.
 * @param json what the parser made of the text
 * @see https://developer.hashicorp.com/terraform/language/expressions/dynamic-blocks
 */
export function noteBlockOrder(text: string, json: Json): void {
  if (/\bdynamic\b/.test(text)) noteIn(json, blocksIn(text));
}

/** How many blocks of its type stand before a dynamic block; all or none in the JSON syntax, as its member does. */
export function blocksBefore(name: string, dynamic: Json, body: Json): number {
  const { after } = membersOf(dynamic['//']);
  if (typeof after === 'number') return after;
  const names = Object.keys(body);
  return names.indexOf(name) < names.indexOf('dynamic') ? Number.POSITIVE_INFINITY : 0;
}

function noteIn(body: Json, blocks: readonly WrittenBlock[]): void {
  const seen = new Map<string, number>();
  for (const { path, blocks: inner } of blocks) {
    const key = path.join(' ');
    const index = seen.get(key) ?? 0;
    seen.set(key, index + 1);
    const list = path.reduce<unknown>((value, name) => membersOf(value)[name], body);
    const block: unknown = Array.isArray(list) ? list[index] : undefined;
    if (!isRecord(block)) continue;
    if (path[0] === 'dynamic') Object.assign(block, { '//': { after: seen.get(path[1] ?? '') ?? 0 } });
    noteIn(block, inner);
  }
}

/** The beginning of a block, which is on a line of its own, or a brace of anything else. */
const BRACES = /^[ \t]*([\p{ID_Start}_][\p{ID_Continue}-]*(?:[ \t]+(?:"[^"]*"|[\p{ID_Continue}-]+))*)[ \t]*\{|[{}]/gmu;

function blocksIn(text: string): readonly WrittenBlock[] {
  const root = { path: [] as string[], blocks: [] as WrittenBlock[] };
  const open = [root];
  for (const [brace, header] of withoutText(text).matchAll(BRACES)) {
    if (brace === '}') {
      open.pop();
      continue;
    }
    const block = { path: header?.replaceAll('"', '').split(/[ \t]+/) ?? [], blocks: [] };
    if (header !== undefined) open.at(-1)?.blocks.push(block);
    open.push(block);
  }
  return root.blocks;
}

const COMMENT_OR_TEXT = /#.*|\/\/.*|\/\*[\s\S]*?\*\/|<<-?([\p{ID_Continue}-]+)\r?\n[\s\S]*?^[ \t]*\1[ \t]*\r?$|"/gmu;

/** A file without its comments and without its strings, except those that may be labels. */
function withoutText(text: string): string {
  let kept = '';
  let at = 0;
  COMMENT_OR_TEXT.lastIndex = 0;
  for (let found = COMMENT_OR_TEXT.exec(text); found; found = COMMENT_OR_TEXT.exec(text)) {
    kept += text.slice(at, found.index);
    if (found[0] === '"') {
      const end = endOfString(text, COMMENT_OR_TEXT.lastIndex) ?? text.length;
      const content = text.slice(COMMENT_OR_TEXT.lastIndex, end);
      kept += /^[\w-]*$/.test(content) ? `"${content}"` : '""';
      COMMENT_OR_TEXT.lastIndex = end + 1;
    }
    at = COMMENT_OR_TEXT.lastIndex;
  }
  return kept + text.slice(at);
}
