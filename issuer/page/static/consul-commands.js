/** @import { Command, Wanted } from './commands.js' */
import { lines, quote } from './shell.js';

/**
 * Consul's side of a login with the token of the form.
 * @param {Wanted} wanted
 * @param {string} sign prints a token as JSON
 * @returns {Command[]}
 * @see https://developer.hashicorp.com/consul/docs/reference/acl/auth-method/jwt
 */
export function consulCommands({ state, subject, audiences, role }, sign) {
  const name = quote(role);
  const isTls = state.issuer.startsWith('https:');
  const config = {
    JWKSURL: state.jwksUrl,
    BoundIssuer: state.issuer,
    ...(audiences.length > 0 && { BoundAudiences: audiences }),
    ClaimMappings: { sub: 'sub' },
  };
  const json = JSON.stringify(config);
  // The CA goes in as JSON, which jq makes of the file.
  const withCa = `"$(jq -nc --rawfile ca ca.pem ${quote(`${json} + {JWKSCACert: $ca}`)})"`;
  return [
    {
      id: 'consul-method',
      title: 'The auth method',
      text: lines(
        'consul acl auth-method create',
        `-type jwt -name ${name} -max-token-ttl 5m`,
        `-config ${isTls ? withCa : quote(json)}`,
      ),
    },
    {
      id: 'consul-policy',
      title: 'What the login may do',
      text: lines('consul acl policy create', `-name ${name}`, `-rules 'key_prefix "app/" { policy = "read" }'`),
    },
    {
      id: 'consul-binding-rule',
      title: 'Who gets it',
      text: lines(
        'consul acl binding-rule create',
        `-method ${name} -bind-type policy -bind-name ${name}`,
        `-selector ${quote(`value.sub == ${selectorText(subject)}`)}`,
      ),
    },
    {
      id: 'consul-login',
      title: 'Log in',
      text: `${sign} \\\n  | jq -r .token \\\n  | consul login -method ${name} -bearer-token-file /dev/stdin -token-sink-file consul-token`,
    },
    {
      id: 'consul-read',
      title: 'The identity that Consul sees',
      text: 'consul acl token read -self -token-file consul-token',
    },
  ];
}

/**
 * A text as a selector takes it: one in double quotes can't have one in it.
 * @type {(text: string) => string}
 */
function selectorText(text) {
  return text.includes('"') ? `\`${text}\`` : JSON.stringify(text);
}
