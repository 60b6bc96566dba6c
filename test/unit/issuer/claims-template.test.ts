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
  [{ claim: '{{email}}' }, 'the template wants "{{email}}", and there is: sub, groups, n, iss, now, uuid'],
  [
    { claim: '{{now * 2}}' },
    '"{{now * 2}}" is no placeholder, write for example "{{sub}}", "{{now + 60}}" or "{{uuid}}"',
  ],
  [{ claim: '{{constructor}}' }, 'the template wants "{{constructor}}", and there is: sub, groups, n, iss, now, uuid'],
  [{ claim: '{{}}' }, '"{{}}" is no placeholder, write for example "{{sub}}", "{{now + 60}}" or "{{uuid}}"'],
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
