import { type StartedConsul, startEnvironment } from 'vaultproof';
import { expect, test } from 'vitest';
import { parseSelector } from '../../../stacks/consul-selector.js';
import { consulAcl } from '../../support/consul-jwt.js';
import { refusedSelectors, takenSelectors } from '../../support/consul-selectors.js';

type Verdict = readonly [selector: string, verdict: 'taken' | 'refused'];

/** What a real Consul says to a rule with each selector. */
async function verdictsOf(consul: StartedConsul, jwksUrl: string, selectors: readonly string[]): Promise<Verdict[]> {
  const acl = consulAcl(consul);
  try {
    await acl.writeMethod('jwt', { JWKSURL: jwksUrl });
    const verdicts: Verdict[] = [];
    for (const Selector of selectors) {
      const rule = { AuthMethod: 'jwt', BindType: 'role', BindName: 'r', Selector };
      const refusal = await acl.put('/v1/acl/binding-rule', rule).then(
        () => '',
        (error: Error) => error.message,
      );
      if (refusal !== '') expect(refusal).toContain('Selector is invalid');
      verdicts.push([Selector, refusal === '' ? 'taken' : 'refused']);
    }
    return verdicts;
  } finally {
    acl.close();
  }
}

function verdictOf(selector: string): Verdict {
  try {
    parseSelector(selector);
    return [selector, 'taken'];
  } catch (error) {
    expect(error).toBeInstanceOf(TypeError);
    return [selector, 'refused'];
  }
}

/** What becomes of selectors by one slip of the finger: a character is left out, or two words change places. */
function slips(selector: string): string[] {
  const words = selector.split(' ');
  return [
    ...[...selector].map((_, at) => selector.slice(0, at) + selector.slice(at + 1)),
    ...words.slice(1).map((word, at) => [...words.slice(0, at), word, words[at], ...words.slice(at + 2)].join(' ')),
  ].filter((slip) => slip !== '');
}

test('the parser takes and refuses what Consul takes and refuses, to the character', async () => {
  await using env = await startEnvironment({ vault: false, consul: true });
  const selectors = [...new Set([...takenSelectors, ...refusedSelectors, ...takenSelectors.flatMap(slips)])];
  expect(selectors.length).toBeGreaterThan(1000);
  const parsed = selectors.map(verdictOf);
  expect(parsed).toEqual(await verdictsOf(env.consul, env.issuer.jwksUrlFor(env.consul), selectors));
});

test('what is nested as deep as the parser takes it, Consul reads', async () => {
  await using env = await startEnvironment({ vault: false, consul: true });
  const nested = `${'('.repeat(6)}value.a == "1"${')'.repeat(6)}`;
  const wide = `((((${Array(38).fill('value.a == "1"').join(' and ')}))))`;
  const selectors = [nested, wide, `${nested} or value.b == "2"`];
  expect(selectors.map(verdictOf)).toEqual(await verdictsOf(env.consul, env.issuer.jwksUrlFor(env.consul), selectors));
});
