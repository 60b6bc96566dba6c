import { text } from 'node:stream/consumers';
import { defineCommand } from 'citty';
import { WrongUse } from '../errors/index.js';
import { httpClient, LoginRefusedError, loginToVault } from '../harness/index.js';
import { exitCodes } from './exit-codes.js';
import { readNamed } from './files.js';
import { note, print } from './output.js';

/** `vaultproof login`: one login, explained. */
export const login = defineCommand({
  meta: { name: 'login', description: 'Logs in to a Vault with a JWT and explains a refusal; prints no token' },
  args: {
    jwt: { type: 'string', required: true, valueHint: 'JWT', description: 'The JWT, or - for standard input' },
    address: { type: 'string', valueHint: 'URL', description: "Vault's address; default VAULT_ADDR" },
    role: { type: 'string', valueHint: 'NAME', description: "The role; default the auth method's default_role" },
    mount: { type: 'string', default: 'jwt', valueHint: 'PATH', description: 'Where the auth method is mounted' },
    'jwks-url': {
      type: 'string',
      valueHint: 'URL',
      description: 'The key set, to tell an unknown key from a bad signature',
    },
    'token-file': {
      type: 'string',
      valueHint: 'FILE',
      description: "Holds a Vault token that may read the auth method's config and role, to say what was expected",
    },
    json: { type: 'boolean', description: 'One JSON object on standard output' },
  },
  run: async ({ args }) => {
    const address = args.address ?? process.env['VAULT_ADDR'];
    if (address === undefined) throw new WrongUse('no address: give --address, or set VAULT_ADDR');
    const jwksUrl = args['jwks-url'];
    if (jwksUrl !== undefined && !/^https?:/.test(URL.canParse(jwksUrl) ? jwksUrl : '')) {
      throw new WrongUse(`"${jwksUrl}" is not a URL, such as "http://127.0.0.1:8080/auth/jwks"`);
    }
    const http = httpClient(address);
    const jwt = args.jwt === '-' ? (await text(process.stdin)).trim() : args.jwt;
    const token = args['token-file'] === undefined ? undefined : (await readNamed(args['token-file'])).trim();
    try {
      const session = await loginToVault(
        http,
        { jwt, mount: args.mount, ...(args.role === undefined ? {} : { role: args.role }) },
        {
          ...(token === undefined ? {} : { token }),
          ...(jwksUrl === undefined ? {} : { jwksUrl }),
        },
      );
      const { role, policies, ttlSeconds } = session;
      if (args.json === true) print(JSON.stringify({ found: 'ok', role, policies, ttlSeconds }));
      else print(`in, as "${role}" with ${policies.join(', ')} for ${ttlSeconds} s`);
    } catch (error) {
      if (!(error instanceof LoginRefusedError)) throw error;
      const { code, expected, found, serverMessage, status } = error;
      if (args.json === true)
        print(JSON.stringify({ found: code, details: { expected, found }, serverMessage, status }));
      else note(error.message);
      process.exitCode = exitCodes.proofFailed;
    } finally {
      http.close();
    }
  },
});
