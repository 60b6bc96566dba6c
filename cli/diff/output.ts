import type { AccessDiff, AccessDifference } from '../../harness/access/index.js';
import { commandData } from '../output.js';
import { shownLogin } from '../who.js';

/**
 * A difference as a line: `+ jwt/ci lets in {"sub":"me"}`.
 * @param sign `+` for what is newly allowed, `-` for what no longer is
 */
export function line(sign: '+' | '-', difference: AccessDifference): string {
  return `${sign} ${shownLogin(difference)} ${what(difference)}, as for ${witnessOf(difference)}${proof(difference)}`;
}

function what({ kind, path, capability }: AccessDifference): string {
  return kind === 'login' ? 'lets in' : `may ${capability} ${path}`;
}

function witnessOf({ witness: { claims, address, data, wrapTtl } }: AccessDifference): string {
  const from = address === undefined ? '' : ` from ${address}`;
  const body = data === undefined ? '' : ` with ${JSON.stringify(data)}`;
  const wrapped = wrapTtl === undefined ? '' : wrapTtl === 0 ? ', not wrapped' : `, wrapped for ${wrapTtl} s`;
  return `${JSON.stringify(claims)}${from}${body}${wrapped}`;
}

function proof({ proven, reason }: AccessDifference): string {
  if (reason !== undefined) return ` (not proven: ${reason})`;
  return proven === undefined ? '' : proven ? ' (proven)' : ' (not proven)';
}

/** A comment on a pull request. */
export function markdown({ widened, narrowed, undecided }: AccessDiff): string {
  const parts = [
    '## What this change lets in',
    ...(widened.length + narrowed.length === 0
      ? ['Nothing changes: the same tokens get in, and may do the same.']
      : []),
    ...tableOf('Newly allowed', widened),
    ...tableOf('No longer allowed', narrowed),
    ...(undecided.length === 0 ? [] : ['### Undecided', undecided.map((one) => `- ${inCell(one)}`).join('\n')]),
  ];
  return parts.join('\n\n');
}

function tableOf(heading: string, all: readonly AccessDifference[]): string[] {
  if (all.length === 0) return [];
  const rows = all.map((one) => {
    const cells = [
      `\`${inCell(shownLogin(one))}\``,
      inCell(what(one)),
      `\`${inCell(witnessOf(one))}\``,
      one.proven === true ? 'yes' : inCell(one.reason === undefined ? 'no' : `no: ${one.reason}`),
    ];
    return `| ${cells.join(' | ')} |`;
  });
  return [
    `### ${heading}`,
    ['| login | what | a token for which it holds | proven |', '|---|---|---|---|', ...rows].join('\n'),
  ];
}

function inCell(text: string): string {
  return text.replaceAll('|', '\\|').replaceAll('`', "'").replaceAll('\n', ' ');
}

/** A warning at a pull request of GitHub. */
export function annotation(difference: AccessDifference): string {
  const title = commandData(`${shownLogin(difference)} ${what(difference)}`, /[%\r\n:,]/g);
  return `::warning title=${title}::${commandData(`a token that shows it: ${witnessOf(difference)}${proof(difference)}`)}`;
}
