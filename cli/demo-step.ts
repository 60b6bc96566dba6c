/** Does one thing, and says what came of it and how long it took. */
export type DemoStep = <Result>(
  name: string,
  action: () => Promise<Result>,
  detail: (result: Result) => string,
) => Promise<Result>;

/** A step as the demo prints it. */
export function stepLine(name: string, detail: string, ms: number): string {
  const time = ms < 10_000 ? `${Math.round(ms)} ms` : `${Math.round(ms / 1_000)} s`;
  return `${name.padEnd(8)} ${time.padStart(8)}  ${detail}`;
}
