import { isBuiltin } from 'node:module';
import { dirname, join } from 'node:path';
import { filesIn, read } from './markdown.js';

/** One import of a source file. */
export interface Import {
  /** The path of the file that imports, from the root. */
  readonly from: string;
  /** The path of a file of ours, or the name of a package. */
  readonly to: string;
  readonly kind: 'ours' | 'package';
  /** Types are gone at run time; `late` is `import()` or a `require`. */
  readonly when: 'at once' | 'late' | 'never';
}

const statement = /^(?:import|export) (type )?(?:[^'";=]*? from )?'([^']+)'/gm;
const late = /(?:\bimport|\bcreateRequire\(import\.meta\.url\))\('([^']+)'\)/g;

/** Every import in the sources below some folders, Node's own modules left out. */
export function importsIn(folders: readonly string[]): Import[] {
  return folders.flatMap((folder) => filesIn(folder, '.ts')).flatMap(importsOf);
}

function importsOf(from: string): Import[] {
  const text = read(from);
  const found = [
    ...[...text.matchAll(statement)].map(([, type, to = '']) => ({ to, when: type ? 'never' : 'at once' }) as const),
    ...[...text.matchAll(late)].map(([, to = '']) => ({ to, when: 'late' }) as const),
  ];
  return found
    .filter(({ to }) => !isBuiltin(to))
    .map(({ to, when }) =>
      to.startsWith('.')
        ? { from, to: join(dirname(from), to).replace(/\.js$/, '.ts'), kind: 'ours', when }
        : { from, to: /^(?:@[^/]+\/)?[^/]+/.exec(to)?.[0] ?? to, kind: 'package', when },
    );
}
