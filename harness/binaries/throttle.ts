/** A copy of `report` that drops a line when less than `intervalMs` (500 by default) passed since the last it let through. */
export function throttle(report: (line: string) => void, intervalMs = 500): (line: string) => void {
  let last = Number.NEGATIVE_INFINITY;
  return (line) => {
    const now = performance.now();
    if (now - last < intervalMs) return;
    last = now;
    report(line);
  };
}
