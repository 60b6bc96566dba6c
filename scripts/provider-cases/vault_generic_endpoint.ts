import type { Blocks, ProviderCase } from './provider-case.js';

const read = ['auth/userpass/users/ann', 'auth/userpass/users/bob', 'sys/auth/userpass'];
const declared = (attributes: Blocks, output?: string): Blocks => ({
  resource: {
    vault_auth_backend: { userpass: { type: 'userpass' } },
    vault_generic_endpoint: {
      it: {
        depends_on: ['vault_auth_backend.userpass'],
        path: 'auth/userpass/users/ann',
        data_json: JSON.stringify({ password: '{{secret}}', token_policies: ['a'] }),
        ignore_absent_fields: true,
        ...attributes,
      },
    },
  },
  ...(output !== undefined && { output: { it: { value: output } } }),
});
const data = (fields: Blocks): Blocks => ({ data_json: JSON.stringify(fields) });

const entity = (attributes: Blocks): Blocks => ({
  resource: {
    vault_generic_endpoint: {
      it: {
        path: 'identity/lookup/entity',
        disable_read: true,
        disable_delete: true,
        data_json: JSON.stringify({ name: 'ann' }),
        ...attributes,
      },
    },
  },
  output: {
    data: { value: `\${vault_generic_endpoint.it.write_data}` },
    json: { value: `\${vault_generic_endpoint.it.write_data_json}` },
  },
});
const made = [{ method: 'POST', path: 'identity/entity', body: { name: 'ann', policies: ['a', 'b'] } }];

export const vaultGenericEndpoint: readonly ProviderCase[] = [
  {
    name: 'data_json',
    read,
    steps: [
      declared({}),
      declared(data({ password: '{{secret}}', token_policies: ['b'] })),
      declared({ data_json: '{ "token_policies": ["b"],\n "password": "{{secret}}" }' }),
    ],
  },
  { name: 'path', read, steps: [declared({}), declared({ path: 'auth/userpass/users/bob' })] },
  {
    name: 'disable_delete',
    read: ['sys/config/cors'],
    steps: [
      {
        resource: {
          vault_generic_endpoint: {
            it: {
              path: 'sys/config/cors',
              disable_read: true,
              disable_delete: true,
              ...data({ allowed_origins: 'https://one.example' }),
            },
          },
        },
      },
    ],
  },
  { name: 'disable_read', read, steps: [declared({ disable_read: true }), declared({ disable_read: true })] },
  {
    name: 'write_fields',
    read: ['identity/entity/name/ann'],
    before: made,
    steps: [entity({ write_fields: ['name', 'policies', 'nothing'] })],
  },
  { name: 'nothing_answered', read, steps: [declared({}, `\${vault_generic_endpoint.it.write_data_json}`)] },
  { name: 'refused', read, steps: [declared({ path: 'nowhere/users/ann' })] },
];
