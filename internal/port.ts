import { UsageError } from '../errors/index.js';

/**
 * Refuses what is not a port, before anything is started on it; undefined is left to the default.
 * @param of what takes the option, as the user calls it
 * @param lowest default 0, which stands for a free one
 * @throws UsageError
 *
 * @example
 * checkPort('startVault', '8200'); // "port" of startVault is "8200": expected a whole number from 0 to 65535
 */
export function checkPort(of: string, port: unknown, lowest = 0): void {
  if (port === undefined || (Number.isInteger(port) && Number(port) >= lowest && Number(port) <= 65_535)) return;
  const shown = typeof port === 'number' ? port : `"${String(port)}"`;
  throw new UsageError(`"port" of ${of} is ${shown}: expected a whole number from ${lowest} to 65535`);
}
