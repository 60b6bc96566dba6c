import { defineCommand } from 'citty';
import { generate } from './generate.js';
import { rotate } from './rotate.js';
import { show, toJwk } from './show.js';

/** `vaultproof key`: keys made, converted, rotated and shown. */
export const key = defineCommand({
  meta: { name: 'key' },
  subCommands: { generate, rotate, show, 'to-jwk': toJwk },
});
