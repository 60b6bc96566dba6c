import { expect, test } from 'vaultproof/vitest';
import { describe } from 'vitest';
import { runOn } from '../support/engines.js';
import { ofProduct } from '../support/vault-of-tests.js';
import { differences } from './vault-and-consul/differences.js';
import { measures } from './vault-and-consul/measures.js';
import { type Side, sidesOf } from './vault-and-consul/sides.js';

// Discovery has the issuer's own URL, which no container reaches.
test.override({ fileServices: { vault: runOn('process', 'vault'), consul: runOn('process', 'consul') } });
let sides: Readonly<Record<'vault' | 'consul', Side>>;

test.beforeAll(({ fileEnv: env }) => {
  sides = sidesOf(env);
});

describe.each(differences.map((difference) => [difference.what, difference] as const))('%s', (what, expected) => {
  test.each([
    [ofProduct({ vault: 'vault', openbao: 'openbao' }), 'vault'],
    ['consul', 'consul'],
  ] as const)('at %s', async (_name, product) => {
    const openbao = 'openbao' in expected ? expected.openbao : expected.vault;
    const ofVault = ofProduct({ vault: expected.vault, openbao });
    expect(await measures[what](sides[product])).toBe(product === 'vault' ? ofVault : expected.consul);
  });
});
