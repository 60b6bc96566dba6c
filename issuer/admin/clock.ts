import { z } from 'zod';
import type { Clock } from '../clock.js';
import { refuse } from '../http/refusals.js';
import { answeredTime, component, type Operation, operation, time } from './operation.js';

/** Ten years. */
const MOST_SECONDS = 315_360_000;

const now = component('Now', z.strictObject({ now: time }));
const current = component('CurrentTime', z.strictObject({ now: answeredTime }));
const advance = component(
  'Advance',
  z.strictObject({ seconds: z.int().min(-MOST_SECONDS).max(MOST_SECONDS).describe('Negative to go back.') }),
);

/** The clock, which all issuers of a server share unless they were given others. */
export function clockOperations(clock: Clock): readonly Operation[] {
  return [
    operation({
      id: 'getClock',
      tag: 'clock',
      method: 'GET',
      path: '/clock',
      summary: 'The current time of the issuer',
      status: 200,
      answer: current,
      handle: () => ({ now: clock.now() }),
    }),
    operation({
      id: 'putClock',
      tag: 'clock',
      method: 'PUT',
      path: '/clock',
      summary: 'Sets the clock to a time; it runs on from there',
      body: now,
      status: 200,
      answer: current,
      handle: ({ body }) => {
        clock.moveTo(body.now);
        return { now: clock.now() };
      },
    }),
    operation({
      id: 'advanceClock',
      tag: 'clock',
      method: 'POST',
      path: '/clock/advance',
      summary: 'Moves the clock by seconds',
      body: advance,
      status: 200,
      answer: current,
      refusals: { 409: 'The clock would leave the years 1970 to 9999.' },
      handle: ({ body }) => {
        if (!time.safeParse(clock.now() + body.seconds).success) {
          refuse(409, 'invalid_request', 'the clock would leave the years 1970 to 9999');
        }
        clock.advance(body.seconds);
        return { now: clock.now() };
      },
    }),
    operation({
      id: 'resetClock',
      tag: 'clock',
      method: 'DELETE',
      path: '/clock',
      summary: 'Resets the clock to system time',
      status: 204,
      handle: () => clock.reset(),
    }),
  ];
}
