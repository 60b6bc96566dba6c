import { UsageError } from '../errors/index.js';
import { hint } from './did-you-mean.js';

/** Every option that there is, which the compiler holds against the type. */
export type KnownOptions<Options> = Readonly<Record<keyof Options, true>>;

/**
 * Refuses an option that there is not, where TypeScript has not: in JavaScript, and in test runners, which strip types.
 * @param of what takes the options, as the user calls it
 * @throws UsageError with the option that was most likely meant, or all that there are
 *
 * @example
 * refuseUnknownOptions('startConsul', { prot: 8500 }, { port: true, tls: true });
 * // unknown option "prot" of startConsul: did you mean "port"?
 */
export function refuseUnknownOptions<Options extends object>(
  of: string,
  options: Options,
  known: KnownOptions<Options>,
): void {
  if (typeof options !== 'object' || options === null || Array.isArray(options)) {
    const found = Array.isArray(options) ? 'a list' : `"${String(options)}"`;
    throw new UsageError(`the options of ${of} are ${found}: expected an object`);
  }
  const unknown = Object.keys(options).find((name) => !Object.hasOwn(known, name));
  if (unknown === undefined) return;
  throw new UsageError(`unknown option "${unknown}" of ${of}: ${hint(unknown, Object.keys(known))}`);
}
