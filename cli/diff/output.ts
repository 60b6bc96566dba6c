import type { AccessDiff, AccessDifference, DeclaredAccess } from '../../harness/access/index.js';
import { annotation } from '../output.js';
import { type Entry, entriesOf, sumOf, undecidedOf } from './entries.js';

/**
 * Differences as lines, one for each login: `+ jwt/ci lets in, and may then: read kv/data/app/x`, with a token below it.
 * @param sign `+` for what is newly allowed, `-` for what no longer is
 */
export function lines(sign: '+' | '-', differences: readonly AccessDifference[]): readonly string[] {
  return entriesOf(differences).flatMap((entry) => [
    `${sign} ${entry.login} ${entry.what()}`,
    `  as for ${entry.witness}${entry.proof === '' ? '' : ` (${entry.proof})`}`,
  ]);
}

/** A comment on a pull request. */
export function markdown(found: AccessDiff): string {
  const { widened, narrowed } = found;
  const { changed, others } = undecidedOf(found);
  const [first = '', ...rest] = sumOf(found);
  const isSame = widened.length + narrowed.length + changed.length + others.length === 0;
  const sum = isSame
    ? 'Nothing changes: the same tokens get in, and may do the same'
    : first.toUpperCase() + rest.join('');
  const parts = [
    '## What this change lets in',
    `${sum}.`,
    ...tableOf('Newly allowed', widened),
    ...listOf('May be newly allowed: undecided, and changed or of a login that changed', changed),
    ...tableOf('No longer allowed', narrowed),
    ...listOf('Undecided', others),
  ];
  return parts.join('\n\n');
}

function tableOf(heading: string, all: readonly AccessDifference[]): string[] {
  if (all.length === 0) return [];
  const rows = entriesOf(all).map((entry) => {
    const cells = [
      code(entry.login),
      entry.what(code),
      provenIn(entry),
      `<details><summary>token</summary>${code(entry.witness)}</details>`,
    ];
    return `| ${cells.join(' | ')} |`;
  });
  return [`### ${heading}`, ['| login | what | proven | shown by |', '|---|---|---|---|', ...rows].join('\n')];
}

function provenIn({ proof }: Entry): string {
  if (proof === 'proven') return 'yes';
  return inCell(proof.replace(/^(?:not proven)?/, 'no'));
}

function listOf(heading: string, all: readonly string[]): string[] {
  return all.length === 0 ? [] : [`### ${heading}`, all.map((one) => `- ${inCell(one)}`).join('\n')];
}

function code(text: string): string {
  return `\`${text.replaceAll('|', '\\|').replaceAll('`', "'").replaceAll('\n', ' ')}\``;
}

function inCell(text: string): string {
  return text
    .replaceAll(/[\\|*<]/g, '\\$&')
    .replaceAll('`', "'")
    .replaceAll('\n', ' ');
}

/**
 * Warnings at a pull request of GitHub: for what is newly allowed, and for what may be.
 * @param head what is declared after the change
 */
export function annotations(found: AccessDiff, head: DeclaredAccess): readonly string[] {
  return [
    ...entriesOf(found.widened).map((entry) => {
      const proof = entry.proof === '' ? '' : ` (${entry.proof})`;
      const place = placeIn(head, addressIn(head, entry.first));
      const title = `${entry.login} ${entry.what()}`;
      return annotation('warning', { ...place, title }, `a token that shows it: ${entry.witness}${proof}`);
    }),
    ...undecidedOf(found).changed.map((one) => {
      const title = 'undecided, and changed or of a login that changed';
      return annotation('warning', { ...placeIn(head, /^(\S+): /.exec(one)?.[1]), title }, one);
    }),
  ];
}

/** Of the role or the binding rule. */
function addressIn({ logins }: DeclaredAccess, one: AccessDifference): string | undefined {
  if (one.server === 'consul') return one.rule;
  const isIts = ({ namespace, mount, role }: DeclaredAccess['logins'][number]): boolean =>
    namespace === one.namespace && mount === one.mount && role === one.role;
  return logins.find(isIts)?.address;
}

function placeIn({ placeOf }: DeclaredAccess, address?: string) {
  const [file, line] = (address === undefined ? undefined : placeOf?.(address))?.split(':') ?? [];
  return { file, line: line === undefined ? undefined : Number(line) };
}
