import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** The path of the repository, with a slash at its end. */
export const root = fileURLToPath(new URL('../../../', import.meta.url));

const skipped = new Set(['node_modules', 'dist', 'coverage', 'cdktf.out', '.git', '.gen', '.terraform']);

/** The text of a file of the repository. */
export function read(path: string): string {
  return readFileSync(root + path, 'utf8');
}

/** Every file below a folder of the repository whose name ends so, as paths from its root, sorted. */
export function filesIn(folder: string, ending: string): string[] {
  return readdirSync(root + folder, { withFileTypes: true })
    .flatMap((entry) => {
      const path = `${folder}${entry.name}`;
      if (entry.isDirectory())
        return skipped.has(entry.name) || entry.name.startsWith('.prepared-') ? [] : filesIn(`${path}/`, ending);
      return path.endsWith(ending) ? [path] : [];
    })
    .sort();
}

/** The cells of every row of the tables in a Markdown text, without heads. */
export function tableRows(markdown: string): string[][] {
  const lines = markdown.split('\n');
  return lines.flatMap((line, index) => {
    const isHead = /^\|[-|: ]+\|$/.test(lines[index + 1] ?? '');
    if (!line.startsWith('|') || isHead || /^\|[-|: ]+\|$/.test(line)) return [];
    return [
      line
        .split(/(?<!\\)\|/)
        .slice(1, -1)
        .map((cell) => cell.trim()),
    ];
  });
}

/** The text below a heading of the second level, up to the next one. */
export function section(markdown: string, heading: string): string {
  const [, below] = markdown.split(`\n## ${heading}\n`);
  if (below === undefined) throw new Error(`there is no heading "${heading}"`);
  return below.split(/\n## /)[0] ?? '';
}
