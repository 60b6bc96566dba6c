import type { Settings } from '../settings.js';
import type { Product } from '../versions.js';

/** Says how far a build is, every so often until it is disposed of. */
export interface BuildProgress extends Disposable {
  /** Takes a line of what `go build -v` prints. */
  read(line: string): void;
}

/** Measured with nothing cached, downloads included. */
const durations: Record<Product, string> = {
  vault: 'about 15 min on 2 cores',
  openbao: '',
  consul: 'about 9 min on 2 cores',
};

/**
 * Reports the start of a build at once, and then every `intervalMs` (5,000 by default) how many modules came in, how
 * many packages were compiled, and how long it has taken. What Go has in its own caches is not counted.
 */
export function buildProgress(
  { product, version, report }: Settings,
  goVersion: string,
  intervalMs = 5_000,
): BuildProgress {
  const what = `building ${product} ${version} from Go modules`;
  const startedAt = performance.now();
  let modules = 0;
  let packages = 0;
  report(`${what} with Go ${goVersion} (takes ${durations[product]}, once)`);
  const timer = setInterval(() => {
    const counts = `${number(modules)} modules downloaded, ${number(packages)} packages compiled`;
    report(`${what}: ${counts}, ${duration(performance.now() - startedAt)} (takes ${durations[product]})`);
  }, intervalMs);
  return {
    read(line) {
      if (line.startsWith('go: downloading ')) modules += 1;
      // -v names each package on a line of its own; anything else has spaces or is a "# package" heading.
      else if (/^[\w.~/+-]+$/.test(line)) packages += 1;
    },
    [Symbol.dispose]: () => clearInterval(timer),
  };
}

function number(value: number): string {
  return value.toLocaleString('en-US');
}

function duration(milliseconds: number): string {
  const seconds = Math.floor(milliseconds / 1_000);
  const minutes = Math.floor(seconds / 60);
  return minutes === 0 ? `${seconds} s` : `${minutes} min ${seconds % 60} s`;
}
