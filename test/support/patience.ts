import { vi } from 'vitest';

/**
 * For the files of unit tests that hash passwords, make RSA keys, start other programs or build: they take seconds on a
 * busy machine, longer than other unit tests may.
 */
export function bePatient(): void {
  vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 });
}
