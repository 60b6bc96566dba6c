import type { Finding } from '../harness/lint/index.js';

/** A finding, and the file that it is in where it is in one. */
type Reported = Finding & { readonly file?: string };

/** The lines that tell a finding to people. */
export function lines({
  file,
  severity,
  code,
  address,
  constructPath,
  attribute,
  found,
  reason,
  fix,
}: Reported): string[] {
  const place = constructPath === address ? address : `${address} (${constructPath})`;
  const value = found === undefined ? '' : ` ${JSON.stringify(found)}`;
  return [
    `${file === undefined ? '' : `${file}: `}${severity} ${code}: ${place}`,
    ...(attribute === undefined ? [] : [`  ${attribute}${value}`]),
    `  ${reason}`,
    `  ${fix}`,
  ];
}

/**
 * The annotation that makes a finding show in GitHub.
 * @see https://docs.github.com/actions/reference/workflow-commands-for-github-actions
 */
export function annotation(finding: Reported): string {
  const { file, severity, code, address, attribute, reason, fix } = finding;
  const properties = [...(file === undefined || file === '-' ? [] : [['file', file]]), ['title', code]];
  const place = attribute === undefined ? address : `${address} ${attribute}`;
  const written = properties.map(([name, value = '']) => `${name}=${escaped(value, /[%\r\n:,]/g)}`).join(',');
  return `::${severity} ${written}::${escaped(`${place}: ${reason}; ${fix}`, /[%\r\n]/g)}`;
}

function escaped(text: string, special: RegExp): string {
  return text.replace(special, (one) => `%${one.charCodeAt(0).toString(16).toUpperCase().padStart(2, '0')}`);
}
