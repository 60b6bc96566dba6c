import { parseUserDocument } from 'vaultproof/issuer/users';
import { expect, test } from 'vitest';
import { bePatient } from '../../../support/patience.js';

bePatient();

const reasonOf = (text: string): Promise<unknown> =>
  parseUserDocument(text, 'x').then(
    ({ users }) => [...users.keys()],
    (error: { code: string; message: string }) => [
      error.code,
      error.message.replace('the users in "x" can\'t be used: ', ''),
    ],
  );

test.each([
  ['JSON', (users: readonly string[]) => `{"Users":{${users.map((name) => `"${name}":{"key":"p"}`).join(',')}}}`],
  ['YAML', (users: readonly string[]) => `Users:\n${users.map((name) => `  ${name}:\n    key: p\n`).join('')}`],
])('60,000 users in %s are read as they come', async (_form, write) => {
  const names = Array.from({ length: 60_000 }, (_, index) => `user${index}`);
  expect(await reasonOf(write(names))).toEqual(names);
});

test.each([
  ['{"Users":{"a":{"key":"b"},"a":{"key":"c"}}}', 'an object has "a" twice'],
  ['Users:\n  a: {key: b}\n  "a": {key: c}\n', 'line 3 has "a" a second time'],
  ['Users: {a: {key: b}, a: {key: c}}', 'line 1 has "a" a second time'],
  ['Users:\n  1: {key: b}\n  "1": {key: c}\n', 'line 3 has "1" a second time'],
])('a user who is there twice in %j is refused', async (text, reason) => {
  expect(await reasonOf(text)).toEqual(['users_invalid', reason]);
});

test.each([
  '{"Users":{"__proto__":{"key":"b"},"a":{"key":"c"}}}',
  '{"Users":{"a":{"key":"c"}},"Roles":{"__proto__":["x"]}}',
  '{"Security":{"Users":{"a":{"key":"c","metadata":{"__proto__":1}}}}}',
  'Users:\n  __proto__: {key: b}\n  a: {key: c}\n',
])('the name that JavaScript keeps for itself is refused in %j', async (text) => {
  expect(await reasonOf(text)).toEqual([
    'users_invalid',
    'it has the name "__proto__", which is not allowed: choose another',
  ]);
});

test('names that every object of JavaScript has are names like others', async () => {
  const names = ['constructor', 'toString', 'hasOwnProperty', 'valueOf'];
  const users = names.map((name) => `"${name}":{"key":"p","roles":["${name}"]}`).join(',');
  const roles = names.map((name) => `"${name}":["${name}"]`).join(',');
  expect(await reasonOf(`{"Users":{${users}},"Roles":{${roles}}}`)).toEqual(names);
  expect(await reasonOf('{"Users":{"a":{"key":"p","roles":["constructor"]}}}')).toEqual([
    'users_invalid',
    'user "a" has the role "constructor", which is not in Roles',
  ]);
});

test('a document over 8 MiB is refused', async () => {
  const text = `{"Users":{}}${' '.repeat(8 * 1024 * 1024)}`;
  expect(await reasonOf(text.slice(0, 8 * 1024 * 1024))).toEqual([]);
  expect(await reasonOf(text)).toEqual(['users_invalid', 'it is over 8 MiB']);
});

test('a document that is nested deeply is refused', async () => {
  const nested = `${'['.repeat(10_000)}${']'.repeat(10_000)}`;
  expect(await reasonOf(`{"Users":{},"x":${nested}}`)).toEqual(['users_invalid', 'it is nested over 64 levels deep']);
});

test('aliases that stand for very much are refused', async () => {
  const lists = Array.from({ length: 9 }, (_, level) => {
    const before = level === 0 ? 'x' : `*a${level - 1}`;
    return `a${level}: &a${level} [${Array(9).fill(before).join(', ')}]`;
  });
  expect(await reasonOf(`${lists.join('\n')}\nUsers: {}`)).toEqual([
    'users_invalid',
    'it has an alias without an anchor, or aliases that expand to too much',
  ]);
});
