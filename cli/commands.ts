import type { ArgsDef, CommandDef } from 'citty';

/** A command as it is loaded, whatever its arguments are. */
export type Command = CommandDef<ArgsDef>;

/** What there is to know of a command before it is loaded. */
interface CommandEntry {
  readonly description: string;
  /** Command lines to try, without `vaultproof`. */
  readonly examples: readonly string[];
  load(): Promise<Command>;
}

const loaded = (command: unknown): Command => command as Command;

/** The commands by name, in groups by what one wants to do; each is loaded when it is called. */
export const commandGroups: Readonly<Record<string, Readonly<Record<string, CommandEntry>>>> = {
  'See it work': {
    demo: {
      description: 'Start real servers, apply the example, log in, read the secret, and be refused',
      examples: ['demo', 'demo --vault-only --json'],
      load: async () => loaded((await import('./demo.js')).demo),
    },
    up: {
      description: 'Leave an environment running, until Ctrl-C or for as long as a command runs',
      examples: ['up', 'up --vault-only', 'up infra/vault --var jwks_url=JWKS_URL', 'up --empty -- terraform apply'],
      load: async () => loaded((await import('./up.js')).up),
    },
  },
  'Prove a login': {
    add: {
      description: 'Copy a stack into your infrastructure repository, with a preset and a test',
      examples: ['add vault-jwt --preset github-actions --test', 'add consul-jwt --into infra/stacks --dry-run'],
      load: async () => loaded((await import('./add/index.js')).add),
    },
    lint: {
      description: 'Find logins in HCL or Terraform JSON that accept too many tokens, or none',
      examples: [
        'lint infra/vault',
        'lint main.ts',
        'terraform show -json plan | vaultproof lint -',
        'lint cdktf.out --sarif > lint.sarif',
        'lint infra/vault --gitlab > gl-code-quality-report.json',
      ],
      load: async () => loaded((await import('./lint/index.js')).lint),
    },
    who: {
      description: 'Say which declared logins have a capability at a path, without a server',
      examples: ['who infra --path kv/data/app/db --capability read', 'who cdktf.out --path sys/mounts --json'],
      load: async () => loaded((await import('./who.js')).who),
    },
    can: {
      description: 'Say what a token may do by its claims, without a server',
      examples: [`can infra --claims '{"sub":"me","aud":"vault"}'`, 'can cdktf.out --role app --claims @claims.json'],
      load: async () => loaded((await import('./can.js')).can),
    },
    diff: {
      description: 'Say whom a change newly lets in, and what logins may newly do, with a token that proves it',
      examples: ['diff infra --base origin/main', 'diff before.json after.json --offline --markdown'],
      load: async () => loaded((await import('./diff/index.js')).diff),
    },
    parity: {
      description: 'Apply a declaration with Terraform and directly, and compare the servers',
      examples: ['parity infra/vault --var jwks_url=JWKS_URL', 'parity .', 'parity cdktf.out --json'],
      load: async () => loaded((await import('./parity.js')).parity),
    },
    login: {
      description: 'Log in to a Vault or a Consul with a JWT, and explain a refusal',
      examples: [
        'login --role app --jwt - < token.jwt',
        'login --consul --method jwt --jwt - --token-file reader.token < token.jwt',
      ],
      load: async () => loaded((await import('./login.js')).login),
    },
  },
  'Tokens and keys': {
    token: {
      description: 'Make a token, good or hostile, with a key, a shared secret or a running issuer',
      examples: [
        'token --issuer http://127.0.0.1:8080 --sub app --aud vault',
        'token --key key.pem --iss https://issuer.example --sub app --hostile expired',
      ],
      load: async () => loaded((await import('./token.js')).token),
    },
    verify: {
      description: 'Verify a token, and say which check failed',
      examples: [
        'verify --jwks http://127.0.0.1:8080/.well-known/jwks.json - < token.jwt',
        'verify --key public.pem TOKEN',
      ],
      load: async () => loaded((await import('./verify.js')).verify),
    },
    key: {
      description: 'Make, convert, rotate and show keys',
      examples: ['key generate --alg RS256 --out key.pem', 'key show key.pem --as hcl'],
      load: async () => loaded((await import('./key/index.js')).key),
    },
    issuer: {
      description: 'Run an issuer alone, with a page at / and every way to ask for a token',
      examples: ['issuer', 'issuer --port 8080 --key key.pem --admin'],
      load: async () => loaded((await import('./issuer.js')).issuer),
    },
    users: {
      description: "Edit the users of the issuer's password login: hash, enrol for one-time codes, check, push",
      examples: ['users hash users.yml', 'users enrol users.yml alice'],
      load: async () => loaded((await import('./users.js')).users),
    },
  },
  'This machine': {
    doctor: {
      description: 'Say what was found, what a start will use, and why',
      examples: ['doctor', 'doctor --json'],
      load: async () => loaded((await import('./doctor.js')).doctor),
    },
    engines: {
      description: 'Put an executable of Vault, OpenBao or Consul into the cache',
      examples: ['engines install vault', 'engines install openbao --version 2.7.2'],
      load: async () => loaded((await import('./engines.js')).engines),
    },
    completion: {
      description: 'Print what completes commands and options in your shell: bash, zsh or fish',
      examples: [
        'vaultproof completion bash > ~/.local/share/bash-completion/completions/vaultproof',
        'vaultproof completion zsh > ~/.zfunc/_vaultproof',
      ],
      load: async () => loaded((await import('./completion.js')).completionOf(commands)),
    },
  },
};

/** The commands by name. */
export const commands: Readonly<Record<string, CommandEntry>> = Object.assign({}, ...Object.values(commandGroups));
