/** One row of docs/performance.md: both medians, and the median of the paired ratios ours / theirs. */
export interface PublishedRow {
  /** The measurement that it is of, as `--only` takes it. */
  readonly measurement: string;
  readonly name: string;
  readonly baseline: string;
  readonly unit: string;
  readonly ours: number;
  readonly theirs: number;
  readonly ratio: number;
  readonly rounds: number;
}

/** What a chart is of, and how to read it. */
export interface Chart {
  readonly title: string;
  readonly better: 'shorter' | 'longer';
  readonly rows: readonly PublishedRow[];
}

const WIDTH = 860;
const LABELS = 330;
const BARS = 420;
const ROW = 46;
const TOP = 64;

/** The charts of docs/performance.md by their file in docs/images: what is waited for, and what is done in a second. */
export function charts(rows: readonly PublishedRow[]): Readonly<Record<string, Chart>> {
  return {
    'times.svg': { title: 'How long it takes', better: 'shorter', rows: rows.filter(({ unit }) => unit === 'ms') },
    'rates.svg': { title: 'How many a second', better: 'longer', rows: rows.filter(({ unit }) => unit.endsWith('/s')) },
  };
}

/** An SVG with two bars a row, of which the longer one has the same length in every row; light or dark as the reader has it. */
export function svg({ title, better, rows }: Chart): string {
  const height = TOP + rows.length * ROW + 8;
  const font = `font-family="ui-sans-serif, system-ui, 'Segoe UI', Helvetica, Arial, sans-serif"`;
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" role="img" aria-label="${escaped(title)}" ${font} font-size="13">
  <style>
    text { fill: #1f2328 }
    .title { font-size: 16px; font-weight: 600 }
    .small { fill: #57606a; font-size: 12px }
    .ours { fill: #0969da }
    .theirs { fill: #afb8c1 }
    @media (prefers-color-scheme: dark) {
      text { fill: #e6edf3 }
      .small { fill: #8b949e }
      .ours { fill: #4493f8 }
      .theirs { fill: #6e7681 }
    }
  </style>
  <text class="title" x="8" y="24">${escaped(title)}</text>
  <rect class="ours" x="8" y="38" width="12" height="12" rx="2" /><text class="small" x="26" y="48">vaultproof</text>
  <rect class="theirs" x="104" y="38" width="12" height="12" rx="2" /><text class="small" x="122" y="48">what it is compared with; ${better} is better</text>
${rows.map(bars).join('\n')}
</svg>
`;
}

function bars({ name, baseline, unit, ours, theirs }: PublishedRow, index: number): string {
  const top = TOP + index * ROW;
  const bar = (side: string, value: number, y: number): string => {
    const width = Math.max(2, Math.round((BARS * value) / Math.max(ours, theirs)));
    return `  <rect class="${side}" x="${LABELS}" y="${y}" width="${width}" height="13" rx="2" /><text class="small" x="${LABELS + width + 6}" y="${y + 11}">${figure(value, unit)}</text>`;
  };
  return [
    `  <text x="8" y="${top + 14}">${escaped(name)}</text>`,
    `  <text class="small" x="8" y="${top + 30}">${escaped(baseline)}</text>`,
    bar('ours', ours, top + 3),
    bar('theirs', theirs, top + 19),
  ].join('\n');
}

/** The table of docs/performance.md. */
export function markdown(rows: readonly PublishedRow[]): string {
  const lines = rows.map(({ name, baseline, unit, ours, theirs, ratio, rounds }) =>
    [name, baseline, figure(ours, unit), figure(theirs, unit), ratio.toFixed(2), rounds].join(' | '),
  );
  return [
    '| vaultproof | against | ours | theirs | ratio | rounds |',
    '|---|---|---|---|---|---|',
    ...lines.map((line) => `| ${line} |`),
    '',
  ].join('\n');
}

/** With three figures: `1,150/s`, `5.4 ms`. */
function figure(value: number, unit: string): string {
  const rounded = Number(value.toPrecision(3)).toLocaleString('en');
  if (unit === 'requests') return rounded;
  return unit.endsWith('/s') ? `${rounded}/s` : `${rounded} ${unit}`;
}

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('"', '&quot;');
}
