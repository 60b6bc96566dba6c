import { execa } from 'execa';
import { type StartedIssuer, scheduleRotation, startIssuer } from 'vaultproof/issuer';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { bePatient } from '../../../support/patience.js';

bePatient();

let issuer: StartedIssuer;
const active = () => issuer.keys.active().kid;

beforeEach(async () => {
  issuer = await startIssuer({ algorithms: ['ES256', 'EdDSA'] });
});
afterEach(() => issuer.stop());

test('the key of every algorithm is rotated each time that the issuer’s clock has gone on so far', async () => {
  const schedule = scheduleRotation(issuer, { everySeconds: 3_600, overlapSeconds: 60, checkEveryMs: 1 });
  const kids = [active()];
  for (let round = 1; round <= 3; round += 1) {
    issuer.clock.moveTo(schedule.nextAt());
    await vi.waitFor(() => expect(issuer.keys.list()).toHaveLength(2 + 2 * round));
    kids.push(active());
    expect(issuer.keys.active().alg).toBe('ES256');
  }
  await schedule.stop();
  expect(new Set(kids).size).toBe(4);
  issuer.clock.advance(60);
  expect(issuer.keys.published().map(({ alg }) => alg)).toEqual(['ES256', 'EdDSA']);
});

test('a clock that jumps over several rotations makes one, and one that goes back makes none', async () => {
  const schedule = scheduleRotation(issuer, { everySeconds: 10, checkEveryMs: 1 });
  issuer.clock.advance(1_000);
  await vi.waitFor(() => expect(issuer.keys.list()).toHaveLength(4));
  const before = schedule.nextAt();
  issuer.clock.advance(-5_000);
  await vi.waitFor(() => expect(schedule.nextAt()).toBeLessThan(before - 4_000));
  expect(issuer.keys.list()).toHaveLength(4);
  await schedule.stop();
});

test('a schedule that was stopped rotates no more', async () => {
  const schedule = scheduleRotation(issuer, { everySeconds: 1, checkEveryMs: 1 });
  await schedule.stop();
  await schedule.stop();
  issuer.clock.advance(100);
  await new Promise((resolve) => setTimeout(resolve, 20));
  expect(issuer.keys.list()).toHaveLength(2);
});

test.each([0, -1, 1.5, Number.NaN])('an interval of %d s is wrong use', (everySeconds) => {
  expect(() => scheduleRotation(issuer, { everySeconds })).toThrow(TypeError);
});

test('a schedule does not keep a process alive', async () => {
  const program = `
    import { startIssuer, scheduleRotation } from './issuer/index.ts';
    const issuer = await startIssuer();
    scheduleRotation(issuer, { everySeconds: 3600 });
    await issuer.stop();
    console.log('end');`;
  const { stdout } = await execa(process.execPath, ['--import', 'tsx', '--input-type=module', '-e', program], {
    timeout: 15_000,
  });
  expect(stdout).toBe('end');
});
