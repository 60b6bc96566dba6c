import { execFileSync } from 'node:child_process';
import { mkdir, writeFile } from 'node:fs/promises';
import { arch, cpus, platform, release } from 'node:os';
import { dirname } from 'node:path';
import type { Target } from './measurement.js';
import type { ComparisonResult } from './paired-rounds.js';

/** What became of one measurement. */
export interface MeasurementReport {
  readonly name: string;
  readonly status: 'measured' | 'skipped' | 'failed';
  /** Why it was skipped or failed. */
  readonly reason?: string;
  readonly comparisons: readonly ComparisonResult[];
  readonly notes: readonly string[];
}

/** The table that is printed, with the notes under it. */
export function table(reports: readonly MeasurementReport[]): string {
  const head = ['vaultproof against', '', 'ours', 'theirs', 'unit', 'ratio', 'min', 'max', 'target', 'rounds'];
  const rows = reports.flatMap(({ name, status, reason, comparisons }) =>
    status === 'measured' ? comparisons.map(row) : [[name, `${status}: ${reason}`]],
  );
  const widths = head.map((title, column) =>
    Math.max(
      title.length,
      ...rows.filter((cells) => cells.length === head.length).map((cells) => (cells[column] ?? '').length),
    ),
  );
  const lines = [head, ...rows].map((cells) =>
    cells
      .map((cell, column) =>
        column < 2 || column === 4 ? cell.padEnd(widths[column] ?? 0) : cell.padStart(widths[column] ?? 0),
      )
      .join('  ')
      .trimEnd(),
  );
  const notes = reports.flatMap(({ name, notes }) => notes.map((note) => `${name}: ${note}`));
  return `${[...lines, '', ...budgetsOf(reports), ...notes].join('\n')}\n`;
}

function budgetsOf(reports: readonly MeasurementReport[]): string[] {
  return reports.flatMap(({ comparisons }) =>
    comparisons.flatMap(({ name, baseline, unit, budgets }) =>
      budgets.map((budget) => {
        const side = budget.of === 'ratio' ? ` against ${baseline}` : '';
        return `budget: ${name}${side} ${inWords(budget, unit)} ${budget.met ? 'kept' : 'BROKEN'}`;
      }),
    ),
  );
}

function row(result: ComparisonResult): string[] {
  const { name, baseline, ours, theirs, unit, ratio, target, met, rounds } = result;
  return [
    name,
    baseline,
    ours.toFixed(1),
    theirs.toFixed(1),
    unit,
    ratio.median.toFixed(2),
    ratio.min.toFixed(2),
    ratio.max.toFixed(2),
    target ? `${inWords(target, unit)} ${met ? 'met' : 'MISSED'}` : '-',
    String(rounds),
  ];
}

/** Such as `<= 1.2` for a ratio, and `<= 30 ms` for our own figure. */
function inWords({ of, limit, value }: Target, unit: string): string {
  return `${limit === 'at most' ? '<=' : '>='} ${value}${of === 'ours' ? ` ${unit}` : ''}`;
}

/** Writes everything as JSON, each sample included, to every file named; folders are made. */
export async function writeJson(files: readonly string[], reports: readonly MeasurementReport[]): Promise<void> {
  const text = `${JSON.stringify({ machine: machine(), measurements: reports }, undefined, 2)}\n`;
  for (const file of files) {
    await mkdir(dirname(file), { recursive: true });
    await writeFile(file, text);
  }
}

function machine(): Readonly<Record<string, unknown>> {
  return {
    at: new Date().toISOString(),
    commit: commit(),
    node: process.version,
    system: `${platform()} ${release()} ${arch()}`,
    cpu: cpus()[0]?.model,
    cores: cpus().length,
  };
}

function commit(): string | undefined {
  try {
    return execFileSync('git', ['describe', '--always', '--dirty'], {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    }).trim();
  } catch {
    return undefined;
  }
}
