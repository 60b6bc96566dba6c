import { readFile } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';
import { test } from 'vaultproof/vitest';
import { inject } from 'vitest';
import { VaultproofError } from '../../errors/index.js';
import { type Preparation, setPrepared } from './prepared.js';

const POLL_MS = 50;

/** A build of both servers from source takes minutes on a fast machine. */
const PATIENCE_MS = 45 * 60_000;

// Before the file is imported: no time-out of a test or of a hook runs meanwhile, and a failure is told once a file.
const preparation = await preparationAt(inject('preparation'));
if ('failure' in preparation) {
  const { code, message, details = {} } = preparation.failure;
  throw code === undefined ? new Error(message) : new VaultproofError(code, message, { details });
}
setPrepared(preparation);

// The files of a worker share `test`: what one overrides at its top would hold for the next.
test.override({ services: { vault: true }, fileServices: undefined, pooled: true, declaration: undefined });

async function preparationAt(path: string): Promise<Preparation> {
  const deadline = Date.now() + PATIENCE_MS;
  for (;;) {
    const text = await readFile(path, 'utf8').catch(() => undefined);
    if (text !== undefined) return JSON.parse(text) as Preparation;
    if (Date.now() > deadline) throw new Error(`the servers could not be had within ${PATIENCE_MS / 60_000} minutes`);
    await delay(POLL_MS);
  }
}
