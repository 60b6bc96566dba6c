import { decodeJwt } from 'jose';
import { createIssuer, fillClaimsTemplate } from 'vaultproof/issuer';
import { expect, test } from 'vitest';

const values = { claims: { sub: 'vishpat', groups: ['dev'], n: 7 }, issuer: 'https://issuer.example', now: 1_000 };

test.each([
  ['{{sub}}', 'vishpat'],
  ['{{ sub }}@example.com', 'vishpat@example.com'],
  ['{{groups}}', ['dev']],
  ['in {{groups}}', 'in ["dev"]'],
  ['{{n}}', 7],
  ['{{n}}{{n}}', '77'],
  ['{{iss}}/x', 'https://issuer.example/x'],
  ['{{now}}', 1_000],
  ['{{now + 60}}', 1_060],
  ['{{now-60}}', 940],
  ['{sub} }} {{', '{sub} }} {{'],
])('the template %j becomes %j', (text, filled) => {
  expect(fillClaimsTemplate({ claim: { deep: [text] } }, values)).toEqual({ claim: { deep: [filled] } });
});

test('every {{uuid}} is another', () => {
  const { a, b } = fillClaimsTemplate({ a: '{{uuid}}', b: '{{uuid}}' }, values);
  expect(a).toMatch(/^[0-9a-f]{8}-[0-9a-f-]{27}$/);
  expect(a).not.toBe(b);
});

test.each([
  [{ claim: '{{email}}' }, 'unknown placeholder "{{email}}"; expected one of: sub, groups, n, iss, now, uuid'],
  [
    { claim: '{{now * 2}}' },
    'invalid placeholder "{{now * 2}}"; expected for example "{{sub}}", "{{now + 60}}" or "{{uuid}}"',
  ],
  [
    { claim: '{{constructor}}' },
    'unknown placeholder "{{constructor}}"; expected one of: sub, groups, n, iss, now, uuid',
  ],
  [{ claim: '{{}}' }, 'invalid placeholder "{{}}"; expected for example "{{sub}}", "{{now + 60}}" or "{{uuid}}"'],
])('the template %j is refused', (template, message) => {
  expect(() => fillClaimsTemplate(template, values)).toThrow(new TypeError(message));
});

test("an issuer's own claims are in every token, instead of those that are asked for", async () => {
  const issuer = await createIssuer('https://issuer.example', { claims: { email: '{{sub}}@example.com' } });
  expect(decodeJwt(await issuer.sign({ sub: 'a', aud: 'b' }))).toMatchObject({ sub: 'a', email: 'a@example.com' });
  issuer.claims.set({ sub: 'c', aud: null, exp: '{{now + 5}}' });
  issuer.clock.moveTo(2_000);
  const { jti, ...claims } = decodeJwt(await issuer.sign({ sub: 'a', aud: 'b', n: 1 }));
  expect(claims).toEqual({ iss: 'https://issuer.example', sub: 'c', n: 1, iat: 2_000, exp: 2_005 });
  issuer.claims.clear();
  expect(decodeJwt(await issuer.sign({ sub: 'a', aud: 'b' }))).toMatchObject({ sub: 'a', aud: 'b' });
});

test('a template that was changed after it was set changes no token, and a broken one is not taken over', async () => {
  const issuer = await createIssuer('https://issuer.example');
  const template = { team: { name: 'a' } };
  issuer.claims.set(template);
  template.team.name = 'b';
  expect(() => issuer.claims.set({ team: '{{now *}}' })).toThrow(TypeError);
  expect(() => issuer.claims.set({ SUB: 'x' })).toThrow(TypeError);
  expect(decodeJwt(await issuer.sign({ sub: 'a', aud: 'b' }))['team']).toEqual({ name: 'a' });
});

test('a template has as many placeholders as it likes, and what they fill in is 64 KiB at most', async () => {
  const claims = { sub: 'x'.repeat(1_000), list: ['x'.repeat(996)] };
  const fill = (template: object) => () => fillClaimsTemplate({ ...template }, { ...values, claims });
  expect(fill({ a: '{{sub}}'.repeat(65) })()).toEqual({ a: 'x'.repeat(65_000) });
  expect(fill({ a: '{{now}} '.repeat(10_000) })).not.toThrow();
  const tooMuch = expect.objectContaining({
    code: 'claims_too_large',
    message: 'the placeholders expand to more than 64 KiB: use fewer of them, or shorter claims',
  });
  for (const many of [
    '{{sub}}'.repeat(66),
    Array(66).fill('{{sub}}'),
    Array(66).fill('{{list}}'),
    '{{list}}'.repeat(66),
  ]) {
    expect(fill({ a: many })).toThrow(tooMuch);
  }
  const issuer = await createIssuer('https://issuer.example', { claims: { a: '{{sub}}'.repeat(66) } });
  await expect(issuer.sign({ sub: 'x'.repeat(1_000), aud: null })).rejects.toEqual(tooMuch);
});

test.each(['{{', '{{x', '{{\n', '}}', '{{ '])('a hundred thousand times %j is no work', (text) => {
  const a = text.repeat(100_000);
  expect(fillClaimsTemplate({ a }, values)).toEqual({ a });
});

test('a template that is nested over 64 levels deep is refused', () => {
  const nested = (levels: number): unknown =>
    levels === 0 ? [] : JSON.parse(`${'['.repeat(levels)}${']'.repeat(levels)}`);
  expect(fillClaimsTemplate({ a: nested(63) }, values)).toEqual({ a: nested(63) });
  expect(() => fillClaimsTemplate({ a: nested(30_000) }, values)).toThrow(
    new TypeError('the template is nested over 64 levels deep'),
  );
});
