import { z } from 'zod';
import { VaultproofError } from '../../errors/index.js';
import { refuse } from '../http/refusals.js';
import { hashPassword, kindOfKey } from '../users/password.js';
import { enrolTotp } from '../users/totp.js';
import type { User, UserChange, UserFields, UserStore } from '../users/user-store.js';
import { component, type Operation, operation } from './operation.js';

const NAME = /^[A-Za-z0-9][A-Za-z0-9._@+-]{0,127}$/;
const shortText = z.string().max(256);
const name = z.string().regex(NAME, 'must be 1 to 128 of A-Z a-z 0-9 . _ @ + - and begin with a letter or a digit');

/** What can be set; the password is hashed before it is kept. */
const settable = {
  password: z
    .string()
    .max(1024)
    .regex(
      /^[ -~\u00a0-\uffff]+$/,
      'must not be empty or contain control characters, which HTTP Basic cannot carry (RFC 7617)',
    ),
  email: shortText.exactOptional(),
  group: shortText.exactOptional().describe('For listing; it grants nothing.'),
  locked: z.boolean().exactOptional().describe('A locked user cannot log in, and earlier tokens are refused.'),
  roles: z.array(shortText).max(64).exactOptional().describe('Roles of the store.'),
  metadata: z.record(z.string(), z.unknown()).nullable().exactOptional(),
};
const newUser = component('NewUser', z.strictObject({ name, ...settable }));
const changes = component(
  'UserChanges',
  z
    .strictObject({ ...settable, password: settable.password.exactOptional() })
    .describe('What is left out is unchanged.'),
);

const staleness = {
  stale: z.boolean().describe('The last good state is served, because the store cannot be read or is invalid.'),
  staleReason: z.string().exactOptional(),
};
const userFields = {
  name: z.string(),
  password: z.enum(['scrypt', 'plaintext', 'unusable']).describe('How the password is stored.'),
  totp: z.boolean().describe('Whether a login needs a one-time code, too.'),
  email: z.string(),
  group: z.string(),
  locked: z.boolean(),
  roles: z.array(z.string()),
  permissions: z.array(z.string()).describe('What the roles permit.'),
  metadata: z.unknown(),
};
const user = component('User', z.strictObject({ ...userFields, ...staleness }));
const listed = component('ListedUser', z.strictObject(userFields));
const enrolment = component(
  'TotpEnrolment',
  z.strictObject({ uri: z.string().describe('`otpauth://totp/...` with the secret, for an authenticator app.') }),
);

/** The users of a login: no password, hash or secret is returned, except by the enrolment that makes it. */
export function userOperations(users: UserStore): readonly Operation[] {
  const state = (): Pick<z.input<typeof user>, 'stale' | 'staleReason'> => {
    const { stale, reason } = users.status();
    return { stale, ...(reason === undefined ? {} : { staleReason: reason }) };
  };
  const answer = (found: User | undefined): z.input<typeof user> => ({ ...describe(found ?? missing()), ...state() });
  const update = (...asked: Parameters<UserStore['update']>): Promise<User | undefined> =>
    users.update(...asked).catch(unwritten);
  const change = (wanted: string, to: UserChange): Promise<User | undefined> =>
    update(wanted, (current) => (current ? to : missing()));
  const written = { 503: "The store can't be written, or has the user in a form that can't be changed." };
  const refusals = { 404: 'There is no such user.' };
  return [
    operation({
      id: 'listUsers',
      tag: 'users',
      method: 'GET',
      path: '/users',
      summary: 'All users, by name',
      status: 200,
      answer: component('Users', z.strictObject({ users: z.array(listed), ...staleness })),
      handle: async () => ({ users: (await users.list()).map(describe), ...state() }),
    }),
    operation({
      id: 'addUser',
      tag: 'users',
      method: 'POST',
      path: '/users',
      summary: 'Creates a user',
      body: newUser,
      status: 201,
      answer: user,
      refusals: { 409: 'A user of this name exists.', ...written },
      handle: async ({ body: { name: wanted, ...body } }) => {
        const fields = await fieldsOf(body);
        return answer(await update(wanted, (current) => (current ? taken() : fields)));
      },
    }),
    operation({
      id: 'getUser',
      tag: 'users',
      method: 'GET',
      path: '/users/{name}',
      summary: 'One user',
      status: 200,
      answer: user,
      refusals,
      handle: async ({ parameter }) => answer(await users.find(parameter)),
    }),
    operation({
      id: 'changeUser',
      tag: 'users',
      method: 'PATCH',
      path: '/users/{name}',
      summary: 'Changes a user, for example locks them',
      body: changes,
      status: 200,
      answer: user,
      refusals: { ...refusals, ...written },
      handle: async ({ parameter, body }) => answer(await change(parameter, await fieldsOf(body))),
    }),
    operation({
      id: 'deleteUser',
      tag: 'users',
      method: 'DELETE',
      path: '/users/{name}',
      summary: 'Removes a user',
      status: 204,
      refusals: { ...refusals, ...written },
      handle: ({ parameter }) => change(parameter, 'remove'),
    }),
    operation({
      id: 'enrolTotp',
      tag: 'users',
      method: 'POST',
      path: '/users/{name}/totp',
      summary: 'Requires a one-time code for logins of a user, with a new secret; an earlier secret is no longer valid',
      status: 201,
      answer: enrolment,
      refusals: { ...refusals, ...written },
      handle: async ({ parameter }) => {
        const { secret, uri } = await enrolTotp(parameter);
        await change(parameter, { mfaEnabled: true, mfaKey: secret });
        return { uri };
      },
    }),
    operation({
      id: 'deleteTotp',
      tag: 'users',
      method: 'DELETE',
      path: '/users/{name}/totp',
      summary: 'Requires only the password for logins of a user',
      status: 204,
      refusals: { ...refusals, ...written },
      handle: ({ parameter }) => change(parameter, { mfaEnabled: false, mfaKey: '' }),
    }),
  ];
}

/** Whatever the store's own trouble is, a user who is written later may be. */
function unwritten(error: unknown): never {
  if (error instanceof VaultproofError) return refuse(503, error.code, error.message);
  throw error;
}

function missing(): never {
  return refuse(404, 'not_found', 'there is no such user');
}

function taken(): never {
  return refuse(409, 'user_taken', 'a user of this name already exists');
}

async function fieldsOf({ password, ...fields }: z.output<typeof changes>): Promise<UserFields> {
  return password === undefined ? fields : { ...fields, key: await hashPassword(password) };
}

function describe({ key, mfaEnabled, mfaKey: _secret, ...shown }: User): z.input<typeof listed> {
  const { roles, permissions, ...rest } = shown;
  return { ...rest, password: kindOfKey(key), totp: mfaEnabled, roles: [...roles], permissions: [...permissions] };
}
