import { AclPolicy } from '@cdktf/provider-consul/lib/acl-policy/index.js';
import { ConsulProvider } from '@cdktf/provider-consul/lib/provider/index.js';
import { TerraformOutput, TerraformStack } from 'cdktf';
import type { Construct } from 'constructs';
import { type KnownOptions, refuseUnknown } from './known-options.js';

/** Where issuers have their users and share their keys in Consul. */
export interface ConsulUsersStackProps {
  /** Consul's address; default CONSUL_HTTP_ADDR where the provider runs. */
  readonly address?: string;
  /** The key that holds the users; default App Mesh's own, `appmesh/security`. */
  readonly usersKey?: string;
  /** The folder of the public keys, with an entry for each issuer; default `appmesh/keys`. */
  readonly keysFolder?: string;
  /** The issuers that share their keys, by the names of their entries; default none. */
  readonly issuers?: readonly string[];
  /** What the names of the policies begin with; default `appmesh`. */
  readonly prefix?: string;
}

const stackOptions: KnownOptions<ConsulUsersStackProps> = {
  address: true,
  usersKey: true,
  keysFolder: true,
  issuers: true,
  prefix: true,
};

/**
 * The policies of issuers whose users are in Consul: `appmesh-users-reader` follows the users, `appmesh-users-writer`
 * changes them, too, and `appmesh-keys-<issuer>` shares the keys of one issuer. A token of an issuer has one of the first
 * two, and its own of the last. Anyone who can write an issuer's entry can sign for every user.
 * @throws TypeError for a name that has no place in a rule
 * @see https://developer.hashicorp.com/consul/docs/reference/acl/rule#key-value-rules
 */
export class ConsulUsersStack extends TerraformStack {
  constructor(scope: Construct, id: string, props: ConsulUsersStackProps = {}) {
    super(scope, id);
    refuseUnknown(`stack "${id}"`, props, stackOptions);
    const {
      address,
      usersKey = 'appmesh/security',
      keysFolder = 'appmesh/keys',
      issuers = [],
      prefix = 'appmesh',
    } = props;
    const key = checked('usersKey', usersKey);
    const folder = checked('keysFolder', keysFolder);

    new ConsulProvider(this, 'consul', address === undefined ? {} : { address });

    const policy = (name: string, description: string, rules: string): string =>
      new AclPolicy(this, name, { name: `${prefix}-${name}`, description, rules }).name;
    const names = [
      policy('users-reader', 'Follows the users of issuers', rule('key', key, 'read')),
      policy('users-writer', 'Follows and changes the users of issuers', rule('key', key, 'write')),
    ];
    for (const issuer of issuers) {
      if (!/^[\w.-]{1,64}$/.test(issuer))
        throw new TypeError(`invalid issuer name "${issuer}"; expected characters of A-Z a-z 0-9 . _ -`);
      // "list" grants the same as "read", except where agents set enable_key_list_policy: "read" lists nothing there.
      const rules = `${rule('key_prefix', `${folder}/`, 'list')}\n${rule('key', `${folder}/${issuer}`, 'write')}`;
      names.push(policy(`keys-${issuer}`, `Shares the public keys of the issuer ${issuer}`, rules));
    }

    new TerraformOutput(this, 'policies', { value: names });
  }
}

function rule(resource: 'key' | 'key_prefix', name: string, access: 'read' | 'list' | 'write'): string {
  return `${resource} "${name}" {\n  policy = "${access}"\n}`;
}

/** What is between the quotes of a rule, and begins or ends with no slash. */
function checked(argument: string, value: string): string {
  if (/^[\w.-]+(?:\/[\w.-]+)*$/.test(value)) return value;
  throw new TypeError(`"${argument}" is "${value}": give a path such as "appmesh/security"`);
}
