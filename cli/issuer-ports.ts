import { UsageError } from '../errors/index.js';
import { unknownName } from './arguments.js';

/** Where each seed's own issuer listens. */
const seedPorts = {
  '000': { http: [5_000], https: [] },
  '001': { http: [8_080], https: [] },
  '003': { http: [], https: [6_060] },
} as const satisfies Record<string, { http: readonly number[]; https: readonly number[] }>;
const seeds = ['000', '001', '003'] as const;

/** The ports to listen on. */
interface IssuerPorts {
  /** The issuer's own. */
  readonly own: number;
  readonly http: readonly number[];
  readonly https: readonly number[];
}

/** `--seeds` alone means all of them, which the parser of options cannot express. */
export function withAllSeeds(argv: readonly string[]): readonly string[] {
  return argv.map((arg) => (arg === '--seeds' ? `--seeds=${seeds.join(',')}` : arg));
}

/**
 * The ports that `--port` and `--seeds` ask for. Without `--port`, the issuer's own is the first seed's HTTP port, and
 * a free one where there is none.
 * @throws TypeError for an unknown seed and for what is no port
 */
export function portsOf(port: string | undefined, named: string | undefined): IssuerPorts {
  const asked = (named?.split(',') ?? []).map((name) => {
    const seed = seeds.find((known) => known === name);
    if (seed === undefined) throw new UsageError(unknownName('seed', name, seeds));
    return seedPorts[seed];
  });
  if (port !== undefined && (!/^\d+$/.test(port) || Number(port) > 65_535)) {
    throw new UsageError(`"--port" must be 0 to 65535, not "${port}"`);
  }
  const http = asked.flatMap((ports): readonly number[] => ports.http);
  const own = port === undefined ? (http[0] ?? 0) : Number(port);
  return {
    own,
    http: [...new Set(http)].filter((one) => one !== own),
    https: [...new Set(asked.flatMap((ports): readonly number[] => ports.https))],
  };
}
