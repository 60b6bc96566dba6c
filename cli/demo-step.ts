/** Does one thing, and says what came of it and how long it took. */
export type DemoStep = <Result>(
  name: string,
  action: () => Promise<Result>,
  detail: (result: Result) => string,
) => Promise<Result>;

/** A step as the demo prints it. */
export function stepLine(name: string, detail: string, ms: number): string {
  return `${name.padEnd(8)} ${String(Math.round(ms)).padStart(5)} ms  ${detail}`;
}
