import type { Environment } from 'vaultproof';
import { signCompact, type TokenClaims } from 'vaultproof/issuer';
import { expect, test } from 'vaultproof/vitest';
import { beforeAll, describe } from 'vitest';
import { type BindingRule, consulParameters } from '../../support/consul-parameters.js';

test.override({ fileServices: { vault: false, consul: true } });

let env: Environment;
test.beforeAll(({ fileEnv }) => {
  env = fileEnv;
});
const { keys, method, sign, answer, services } = consulParameters(() => env);

const ClaimMappings = {
  team: 'team',
  'http://example.com/first_name': 'first_name',
  '/org/unit': 'unit',
  '/org/units/1': 'second_unit',
  '/org/a~1b': 'slashed',
  constructor: 'constructor',
};

/** What a login is refused with that reaches no selector that it fits. */
const unbound = (values: object) => ({ code: 'no_binding_rule_matched', rules: [{ matched: false, values }] });

/** A method that lets in those for whom a claim is mapped to a value. */
function methodFor(selector: string): Promise<string> {
  const rules = [{ BindType: 'service', BindName: 'web', Selector: selector }];
  return method({ ...keys('a key set'), ClaimMappings }, {}, rules);
}

describe('ClaimMappings: the claim', () => {
  test.each<[claim: string, value: unknown, mapped: string, other: unknown, otherMapped: string]>([
    ['a text', 'red', 'red', 'blue', 'blue'],
    ['a text with capitals and spaces', ' Red Team', ' Red Team', ' red team', ' red team'],
    ['a whole number', 3, '3', 4, '4'],
    ['a number with a fraction, which is cut off', 3.9, '3', 4.1, '4'],
    ['a negative number with a fraction', -3.9, '-3', 3.9, '3'],
    ['a number of a text', '3.9', '3.9', 3.9, '3'],
    ['the largest number that a double has to the unit', 9_007_199_254_740_991, '9007199254740991', 1, '1'],
    ['a number above that, in full', 2 ** 60, '1152921504606846976', 2 ** 61, '2305843009213693952'],
    ['true', true, 'true', false, 'false'],
    ['false', false, 'false', true, 'true'],
    ['the empty text', '', '', 'x', 'x'],
  ])('%s is seen as what it is, and another value is refused', async (_claim, value, mapped, other, otherMapped) => {
    const name = await methodFor(`value.team == "${mapped}"`);
    expect(await answer(name, await sign({ team: value }))).toBe('let in');
    expect(await answer(name, await sign({ team: other }))).toMatchObject(unbound({ 'value.team': otherMapped }));
  });

  test('a number of more than 64 bits is not seen as what it is', async () => {
    const name = await methodFor('value.team == "18446744073709551616"');
    expect(await answer(name, await sign({ team: '18446744073709551616' }))).toBe('let in');
    expect(await answer(name, await sign({ team: 2 ** 64 }))).toMatchObject({ code: 'no_binding_rule_matched' });
  });

  // Another processor cuts it off in another way.
  test.runIf(process.arch === 'x64')('a number of more than 64 bits is the least that has 64', async () => {
    const name = await methodFor('value.team == "-9223372036854775808"');
    for (const team of [2 ** 64, -(2 ** 64), 1e300]) expect(await answer(name, await sign({ team }))).toBe('let in');
    const refused = await answer(name, await sign({ team: -(2 ** 62) }));
    expect(refused).toMatchObject(unbound({ 'value.team': '-4611686018427387904' }));
  });

  test('a claim that is missing, or null, satisfies no "==" and every "!="', async () => {
    const payload = (claims: object) =>
      signCompact(env.issuer.keys.active(), { sub: 'vishpat', exp: 9e9, iat: 1, ...claims });
    const [is, isNot] = [await methodFor('value.team == ""'), await methodFor('value.team != "red"')];
    for (const jwt of [await payload({}), await payload({ team: null })]) {
      expect(await answer(is, jwt)).toMatchObject(unbound({ 'value.team': null }));
      expect(await answer(isNot, jwt)).toBe('let in');
    }
    expect(await answer(isNot, await sign({ team: 'red' }))).toMatchObject(unbound({ 'value.team': 'red' }));
  });

  test.each([
    ['an object', { name: 'red' }],
    ['a list', ['red']],
    ['an empty list', []],
  ])('a claim that is %s refuses the login, whatever the rules', async (_claim, team) => {
    const name = await methodFor('value.unit == "x"');
    const rest = { org: { unit: 'x' } };
    expect(await answer(name, await sign({ ...rest, team: 'red' }))).toBe('let in');
    expect(await answer(name, await sign({ ...rest, team }))).toMatchObject({
      code: 'claim_type_mismatch',
      found: team,
    });
  });

  test('a claim whose name is a URL is mapped by its whole name', async () => {
    const name = await methodFor('value.first_name == "Ada"');
    expect(await answer(name, await sign({ 'http://example.com/first_name': 'Ada' }))).toBe('let in');
    const nested = { 'http:': { '': { 'example.com': { first_name: 'Ada' } } } };
    expect(await answer(name, await sign(nested))).toMatchObject(unbound({ 'value.first_name': null }));
  });

  test('is found by its own name alone: another case of it is another claim', async () => {
    const name = await methodFor('value.team == "red"');
    expect(await answer(name, await sign({ team: 'red' }))).toBe('let in');
    expect(await answer(name, await sign({ Team: 'red' }))).toMatchObject(unbound({ 'value.team': null }));
  });

  test('a claim named like a member of every JavaScript object is missing like any other', async () => {
    const name = await methodFor('value.constructor == "x"');
    expect(await answer(name, await sign({ constructor: 'x' }))).toBe('let in');
    expect(await answer(name, await sign())).toMatchObject(unbound({ 'value.constructor': null }));
  });

  test.each<[path: string, selector: string, org: unknown, others: readonly (readonly [unknown, unknown])[]]>([
    [
      '/org/unit, of an object',
      'value.unit == "x"',
      { unit: 'x' },
      [
        [{ unit: 'y' }, 'y'],
        [{}, null],
        [{ unit: null }, null],
        ['x', null],
        [null, null],
      ],
    ],
    [
      '/org/units/1, of a list',
      'value.second_unit == "x"',
      { units: ['y', 'x'] },
      [
        [{ units: ['x', 'y'] }, 'y'],
        [{ units: ['x'] }, null],
      ],
    ],
    ['/org/a~1b, with a slash in its name', 'value.slashed == "x"', { 'a/b': 'x' }, [[{ a: { b: 'x' } }, null]]],
  ])('the claim at %s is mapped', async (_path, selector, org, others) => {
    const name = await methodFor(selector);
    const [field = ''] = selector.split(' ');
    expect(await answer(name, await sign({ org }))).toBe('let in');
    for (const [other, seen] of others) {
      expect(await answer(name, await sign({ org: other }))).toMatchObject(unbound({ [field]: seen }));
    }
  });
});

test('ClaimMappings: a selector of a claim that is not mapped is taken, and fits nobody', async () => {
  const rule = { BindType: 'service', BindName: 'web', Selector: 'value.team == "red"' };
  const mapped = await method({ ...keys('a key set'), ClaimMappings: { team: 'team' } }, {}, [rule]);
  const unmapped = await method({ ...keys('a key set'), ClaimMappings: { sub: 'sub' } }, {}, [rule]);
  expect(await answer(mapped, await sign({ team: 'red' }))).toBe('let in');
  expect(await answer(unmapped, await sign({ team: 'red' }))).toMatchObject(unbound({ 'value.team': null }));
});

test.each(['ClaimMappings', 'ListClaimMappings'])(
  '%s: two claims of one name are refused when they are written',
  async (field) => {
    await expect(method({ ...keys('a key set'), [field]: { sub: 'who', team: 'who' } })).rejects.toMatchObject({
      code: 'request_refused',
      details: { errors: [expect.stringContaining(`${field} contains multiple mappings for key "who"`)] },
    });
  },
);

describe('ClaimMappings: a bind name', () => {
  const named = (BindName: string): BindingRule => ({ BindType: 'service', BindName });

  test('has the value of the claim, in lowercase, and "" for one that is missing', async () => {
    const rules = [named(`team-\${value.team}`), named(`\${value.unit}x`)];
    const name = await method({ ...keys('a key set'), ClaimMappings }, {}, rules);
    expect(await services(name, await sign({ team: 'RED', org: { unit: 'y' } }))).toEqual(['team-red', 'yx']);
    expect(await services(name, await sign({ team: 3.9 }))).toEqual(['team-3', 'x']);
    expect(await services(name, await sign())).toMatchObject({ code: 'bind_name_invalid', found: 'team-' });
  });

  test.each(['a b', 'a/b', '-a', 'é', '../a', 'a'.repeat(252)])('that %j makes is refused', async (team) => {
    const name = await method({ ...keys('a key set'), ClaimMappings }, {}, [named(`\${value.team}-team`)]);
    expect(await services(name, await sign({ team: 'a' }))).toEqual(['a-team']);
    expect(await services(name, await sign({ team }))).toMatchObject({
      code: 'bind_name_invalid',
      found: `${team}-team`,
    });
  });
});

describe('ListClaimMappings: the claim', () => {
  let name: string;
  beforeAll(async () => {
    const rules = [{ BindType: 'service', BindName: 'web', Selector: '"eng" in list.groups or "3" in list.groups' }];
    name = await method(
      { ...keys('a key set'), ListClaimMappings: { groups: 'groups', '/org/groups': 'nested' } },
      {},
      [...rules, { BindType: 'service', BindName: 'nested', Selector: '"eng" in list.nested' }],
    );
  });
  const claims = (groups: unknown): Partial<TokenClaims> => ({ groups });

  test.each<[claim: string, value: unknown, other: unknown, seen: unknown]>([
    ['a list', ['ops', 'eng'], ['ops', 'engineer'], ['ops', 'engineer']],
    ['a text, as a list of one', 'eng', 'eng,ops', ['eng,ops']],
    ['a list of numbers, without their fractions', [1, 3.9], [1, 4.1], ['1', '4']],
    ['a number', 3, 4, ['4']],
    ['a list of texts, numbers and booleans', [true, 3, 'x'], [true, 4, 'x'], ['true', '4', 'x']],
    ['a list with empty texts, which are left out', ['', 'eng'], ['', ''], []],
    ['a list, and an empty one', ['eng'], [], []],
    ['a list, and false', ['eng'], false, ['false']],
  ])('%s: with the value in it it is let in, without it it is refused', async (_claim, value, other, seen) => {
    expect(await services(name, await sign(claims(value)))).toEqual(['web']);
    const refused = await answer(name, await sign(claims(other)));
    expect(refused).toMatchObject({ code: 'no_binding_rule_matched' });
    expect((refused as { rules: object[] }).rules).toContainEqual(
      expect.objectContaining({ bindName: 'web', values: { 'list.groups': seen } }),
    );
  });

  test('a claim that is missing, or null, is in no list', async () => {
    for (const groups of [undefined, null]) {
      const refused = await answer(name, await sign(claims(groups)));
      expect((refused as { rules: object[] }).rules).toContainEqual(
        expect.objectContaining({ bindName: 'nested', matched: false, values: { 'list.nested': null } }),
      );
    }
  });

  test.each([
    ['an object', { eng: true }],
    ['a list with an object in it', ['eng', { ops: true }]],
    ['a list with a list in it', ['eng', ['ops']]],
    ['a list with null in it', ['eng', null]],
  ])('a claim that is %s refuses the login', async (_claim, groups) => {
    expect(await answer(name, await sign(claims(groups)))).toMatchObject({
      code: 'claim_type_mismatch',
      found: groups,
    });
  });

  test('a claim at a path is mapped', async () => {
    expect(await services(name, await sign({ org: { groups: ['eng'] } }))).toEqual(['nested']);
    expect(await services(name, await sign({ org: { groups: ['ops'] } }))).toMatchObject({
      code: 'no_binding_rule_matched',
    });
  });
});
