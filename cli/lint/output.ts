import { isAbsolute, resolve } from 'node:path';
import type { CoveredKind, Finding, LintCoverage } from '../../harness/lint/index.js';

import { annotation, documentationUrl, version } from '../output.js';
import type { FailedSource } from './input.js';

/** A finding, and the file that it is in where it is in one. */
type Reported = Finding & { readonly file?: string; readonly line?: number };

/** A finding, and the addresses of other instances of the block in which it is the same; default none. */
export type SaidOnce = Reported & { readonly also?: readonly string[] };

/** A key of an instance, of `count` or `for_each`. */
export const INSTANCE_KEY = /\[(?:\d+|"(?:[^"\\]|\\.)*")\]/g;

/** Findings that are the same in several instances of one block as one. */
export function saidOnce(findings: readonly Reported[]): readonly SaidOnce[] {
  const byBlock = new Map<string, SaidOnce>();
  for (const finding of findings) {
    const { address, constructPath, ...others } = finding;
    const key = JSON.stringify([...[address, constructPath].map((one) => one.replaceAll(INSTANCE_KEY, '')), others]);
    const first = byBlock.get(key);
    byBlock.set(key, first ? { ...first, also: [...(first.also ?? []), address] } : finding);
  }
  return [...byBlock.values()];
}

/** The lines that tell a finding to people. */
export function lines({
  file,
  line,
  severity,
  code,
  address,
  constructPath,
  attribute,
  found,
  reason,
  fix,
  also = [],
}: SaidOnce): string[] {
  const place = constructPath === address ? address : `${address} (${constructPath})`;
  const value = found === undefined ? '' : ` ${JSON.stringify(found)}`;
  return [
    `${file === undefined ? '' : `${file}${line === undefined ? '' : `:${line}`}: `}${severity} ${code}: ${place}`,
    ...also.map((one) => `  also ${one}`),
    ...(attribute === undefined ? [] : [`  ${attribute}${value}`]),
    `  ${reason}`,
    `  ${fix}`,
  ];
}

/** A finding in one line, for what shows its code and its place by itself. */
export function inOneLine({ address, attribute, found, reason, fix, also = [] }: SaidOnce): string {
  const value = found === undefined ? '' : ` ${JSON.stringify(found)}`;
  const where = attribute === undefined ? '' : ` ${attribute}${value}`;
  return `${[address, ...also].join(', ')}${where}: ${reason}; ${fix}`;
}

/** The annotation that makes a finding show in GitHub. */
export function findingAnnotation(finding: SaidOnce): string {
  const { file, line, severity, code } = finding;
  return annotation(severity, { file, line, title: code }, inOneLine(finding));
}

/** What could not be looked at, by its file and line where they are known. */
export interface ShownError {
  readonly file: string;
  readonly line?: number;
  readonly code: string;
  readonly message: string;
}

/** An error of a configuration begins with its place. */
export function shownError({ file: source, error: { code, message } }: FailedSource): ShownError {
  const [, named = source, line] = /^([^\s:]+):(\d+):\d+: /.exec(message) ?? [];
  const file = isAbsolute(source) ? resolve(named) : named;
  return { file, ...(line !== undefined && { line: Number(line) }), code, message };
}

/** The annotation of one in GitHub. */
export function errorAnnotation({ file, line, code, message }: ShownError): string {
  return annotation('error', { file, line, title: code }, message);
}

function notification({ file, line, code, message }: ShownError) {
  const physicalLocation = { artifactLocation: { uri: uriOf(file) }, region: { startLine: line ?? 1 } };
  return {
    level: 'error',
    descriptor: { id: code },
    message: { text: message },
    ...(file !== '-' && { locations: [{ physicalLocation }] }),
  };
}

/** Every kind, in the order in which the line at the end has them. */
export const coveredKinds: readonly CoveredKind[] = [
  'authMethod',
  'role',
  'bindingRule',
  'policy',
  'module',
  'resource',
];

/** How many reasons are named for what was passed over of one kind. */
const REASONS = 3;

/** What was looked at and passed over: `2 auth methods, 5 roles, 3 policies; passed over: 1 policy (file())`. */
export function coverageLine({ lookedAt, passedOver }: LintCoverage): string {
  const looked = coveredKinds.flatMap((kind) => {
    const count = lookedAt[kind];
    return count === undefined ? [] : [counted(count, kind)];
  });
  const passed = coveredKinds.flatMap((kind) => {
    const reasons = passedOver.filter((one) => one.kind === kind).map(({ reason }) => reason);
    if (reasons.length === 0) return [];
    const different = [...new Set(reasons)];
    const shown = [...different.slice(0, REASONS), ...(different.length > REASONS ? ['...'] : [])].join(', ');
    return [`${counted(reasons.length, kind)} (${shown})`];
  });
  const line = looked.length === 0 ? 'no auth method, role, binding rule or policy' : looked.join(', ');
  return passed.length === 0 ? line : `${line}; passed over: ${passed.join(', ')}`;
}

function counted(count: number, kind: CoveredKind): string {
  const name = kind.replace(/[A-Z]/, (letter) => ` ${letter.toLowerCase()}`);
  if (count === 1) return `1 ${name}`;
  return kind === 'policy' ? `${count} policies` : `${count} ${name}s`;
}

/** What code scanning shows of a rule; GitHub wants all of these. */
function ruleTexts(code: string) {
  const [text, helpUri] = [code.replaceAll('-', ' '), documentationUrl('lints.md')];
  return { shortDescription: { text }, fullDescription: { text }, help: { text: `See ${helpUri}.` }, helpUri };
}

/**
 * Findings as SARIF, which GitHub's code scanning and editors read.
 * @see https://docs.oasis-open.org/sarif/sarif/v2.1.0/sarif-v2.1.0.html
 */
export function sarif(findings: readonly Reported[], errors: readonly ShownError[] = []): string {
  const severities = new Map(findings.map(({ code, severity }) => [code, severity]));
  const log = {
    $schema: 'https://json.schemastore.org/sarif-2.1.0.json',
    version: '2.1.0',
    runs: [
      {
        tool: {
          driver: {
            name: 'vaultproof',
            version,
            rules: [...severities].map(([id, level]) => ({ id, ...ruleTexts(id), defaultConfiguration: { level } })),
          },
        },
        ...(errors.length > 0 && {
          invocations: [{ executionSuccessful: false, toolExecutionNotifications: errors.map(notification) }],
        }),
        results: findings.map(result),
      },
    ],
  };
  return JSON.stringify(log, null, 2);
}

function result(finding: Reported) {
  const { file, line, code, severity, address, constructPath } = finding;
  return {
    ruleId: code,
    level: severity,
    message: { text: inOneLine(finding) },
    locations: [
      {
        // Terraform JSON is made: its lines say nothing, and what shows a finding wants one.
        ...(file !== undefined &&
          file !== '-' && {
            physicalLocation: { artifactLocation: { uri: uriOf(file) }, region: { startLine: line ?? 1 } },
          }),
        logicalLocations: [{ name: address, fullyQualifiedName: constructPath }],
      },
    ],
  };
}

/** A path as a relative reference of a URI. */
function uriOf(file: string): string {
  return file.split('/').map(encodeURIComponent).join('/');
}
