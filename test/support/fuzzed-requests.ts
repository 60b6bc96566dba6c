import { signingAlgorithms } from 'vaultproof/issuer';
import { canaries } from './fuzzed-issuer.js';
import type { Random } from './random.js';

/** A request that HTTP allows, whatever it asks for. */
export interface FuzzedRequest {
  readonly method: string;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** A route, with `:name` or `{name}` for what may be anything, and the methods that it takes. */
export interface Target {
  readonly path: string;
  readonly methods: readonly string[];
}

type Json = unknown;

const ADMIN = '/admin';
const METHODS = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'TRACE', 'QUERY'];
const TYPES = [
  'application/json',
  'application/x-www-form-urlencoded',
  'text/plain',
  'application/json; charset=x',
  '',
];
const NUMBERS = [0, 1, -1, 1.5, 60, 1e9, 2 ** 53, 1e308];
const TEXTS = [
  '',
  'a',
  'bob',
  'eve',
  'kan_soki',
  '../../etc/passwd',
  '{{sub}}',
  '{{now + 60}}',
  '{{'.repeat(500),
  '{{a}}'.repeat(5_000),
  'constructor',
  '__proto__',
  '\u0000',
  '\ud800',
  'ſub',
  '-----BEGIN PRIVATE KEY-----',
  'ES256',
  'none',
  'appmesh-auth0',
  'x'.repeat(20_000),
];

/** What a route takes when all is well, by its path. */
const bodies: Readonly<Record<string, Json>> = {
  '/token': { grant_type: 'client_credentials', client_id: 'ci', client_secret: canaries.clientSecret, scope: 'read' },
  '/auth/token': { name: 'vishpat' },
  '/get_token': { id: 'kan_soki', aud: 'damage_inc' },
  '/sign': { claims: { sub: 'vishpat', aud: 'b', mail: '{{sub}}@example.com' }, header: { typ: 'JWT' } },
  '/appmesh/totp/validate': { user_name: 'careful', totp_challenge: 'x', totp_code: '123456', expire_seconds: 60 },
  '/admin/keys': { alg: 'ES256', kid: 'a', publishAt: 1 },
  '/admin/rotate': { alg: 'ES256', leadSeconds: 0, overlapSeconds: 60 },
  '/admin/claims': { team: 'a', mail: '{{sub}}@example.com' },
  '/admin/users': { name: 'eve', password: 'canary-password', roles: ['view'], metadata: { a: [1] } },
  '/admin/users/{name}': { password: 'canary-password', locked: false, email: 'a@b' },
  '/admin/faults/{document}': { status: 503, times: 1 },
  '/admin/clock': { now: Math.floor(Date.now() / 1000) },
  '/admin/clock/advance': { seconds: 60 },
};

/**
 * A request at random to one of an issuer's routes: some as they should be, most with something about them changed.
 * @param tokens that the issuer has signed
 */
export function fuzzedRequest(random: Random, targets: readonly Target[], tokens: readonly string[]): FuzzedRequest {
  const target = random.pick(targets);
  const template = random.oneIn(30) ? `/${random.pick(TEXTS).slice(0, 300)}` : target.path;
  const path = template.replace(/:\w+(?:\{[^}]*\})?|\{\w+\}/g, () => segment(random));
  const method = random.pick(random.oneIn(8) ? METHODS : target.methods);
  const isForm = template === '/token' ? !random.oneIn(8) : random.oneIn(20);
  const below = random.oneIn(8) && !template.startsWith(ADMIN) ? '/tenant-a' : '';
  const body = method === 'GET' || method === 'HEAD' ? '' : bodyOf(random, bodies[template], isForm, tokens);
  const headers = headersOf(random, template, isForm, tokens);
  // Node says it for some methods alone.
  const length = headers['transfer-encoding'] === undefined ? { 'content-length': `${Buffer.byteLength(body)}` } : {};
  return {
    method,
    path: `${below}${encodeURI(wellFormed(path))}${random.oneIn(10) ? `?audience=${random.below(99)}&a=%` : ''}`,
    headers: { ...headers, ...length },
    body,
  };
}

function segment(random: Random): string {
  const names = ['bob', 'careful', 'eve', 'a', 'jwks', 'discovery', 'keys', 'users', 'totp', '%00', '%2e%2e', '%', ''];
  return random.pick(names);
}

function headersOf(
  random: Random,
  template: string,
  isForm: boolean,
  tokens: readonly string[],
): Record<string, string> {
  const right = isForm ? 'application/x-www-form-urlencoded' : 'application/json';
  const headers: Record<string, string> = { 'content-type': random.oneIn(10) ? random.pick(TYPES) : right };
  const authorization = authorizationOf(random, template, tokens);
  if (authorization !== '') headers['authorization'] = authorization;
  const more: Readonly<Record<string, readonly string[]>> = {
    host: ['localhost', 'evil.example', '127.0.0.1:1', '[::1]', ''],
    origin: ['https://evil.example', 'null', 'x'],
    'sec-fetch-site': ['cross-site', 'same-origin', 'none', 'x'],
    'x-permission': ['app-view', 'x'.repeat(5_000), '\u00ff'],
    'x-audience': ['appmesh-service', 'x'],
    'x-expire-seconds': ['1', '0', '-1', '99999999999', 'x'],
    'x-totp-code': ['123456', 'x', ''],
    'x-http-method-override': ['DELETE'],
    'transfer-encoding': ['chunked'],
    expect: ['100-continue'],
  };
  for (const [name, values] of Object.entries(more)) if (random.oneIn(25)) headers[name] = random.pick(values);
  return headers;
}

function authorizationOf(random: Random, template: string, tokens: readonly string[]): string {
  const basic = (text: string): string => `Basic ${Buffer.from(text).toString('base64')}`;
  if (template.startsWith(ADMIN) && !random.oneIn(5)) return `Bearer ${canaries.adminToken}`;
  if (template === '/appmesh/login' && random.oneIn(2)) {
    return basic(`${random.pick(['bob', 'careful'])}:${canaries.password}`);
  }
  return random.pick([
    '',
    '',
    `Bearer ${random.pick(['x.y.z', ...tokens])}`,
    `Bearer ${mutatedText(random, random.pick(['x.y.z', ...tokens])).replace(/[^\x21-\x7e]/g, '')}`,
    `Bearer ${'x'.repeat(8_000)}`,
    basic(`ci:${canaries.clientSecret}`),
    basic(`bob:canary-sent-${random.below(9)}`),
    basic(random.pick(TEXTS).slice(0, 3_000)),
    'Basic %%%',
    'Basic',
    `Digest ${random.below(9)}`,
  ]);
}

function bodyOf(random: Random, whole: Json, isForm: boolean, tokens: readonly string[]): string {
  const value = random.oneIn(4) ? whole : mutated(random, random.oneIn(8) ? randomJson(random, 3) : whole, tokens);
  if (random.oneIn(60)) return `{"a":${'['.repeat(9_000)}${']'.repeat(9_000)}}`;
  if (random.oneIn(60)) return '{"__proto__":{"a":1},"constructor":{"prototype":{}}}';
  if (random.oneIn(60)) return 'x'.repeat(64 * 1024 + random.below(2));
  const text = isForm && typeof value === 'object' ? formOf(value ?? {}) : (JSON.stringify(value) ?? '');
  return random.oneIn(6) ? mutatedText(random, text) : text;
}

function formOf(value: object): string {
  const form = new URLSearchParams();
  for (const [name, one] of Object.entries(value)) form.append(name, wellFormed(String(one)));
  return form.toString();
}

/** Without halves of surrogate pairs, which no URL has. */
function wellFormed(text: string): string {
  return Buffer.from(text).toString();
}

function mutated(random: Random, value: Json, tokens: readonly string[]): Json {
  if (typeof value !== 'object' || value === null || random.oneIn(6)) return randomJson(random, 2);
  const entries = Object.entries(value);
  const name = random.pick([
    'sub',
    'aud',
    'exp',
    'alg',
    'kid',
    'hostile',
    'payload',
    'key',
    'name',
    'times',
    'assertion',
  ]);
  if (entries.length === 0 || random.oneIn(3)) {
    const [token = ''] = tokens;
    const own = name === 'alg' ? random.pick(signingAlgorithms.filter((alg) => !/^[RP]S/.test(alg))) : token;
    return Object.fromEntries([...entries, [name, random.oneIn(2) ? own : randomJson(random, 2)]]);
  }
  const at = random.below(entries.length);
  if (random.oneIn(3)) return Object.fromEntries(entries.toSpliced(at, 1));
  return Object.fromEntries(
    entries.map(([key, one], index) => [key, index === at ? mutated(random, one, tokens) : one]),
  );
}

function randomJson(random: Random, levels: number): Json {
  const inside = (): Json[] => Array.from({ length: random.below(4) }, () => randomJson(random, levels - 1));
  const kinds = [() => null, () => true, () => random.pick(NUMBERS), () => random.pick(TEXTS)];
  const nested = [inside, () => Object.fromEntries(inside().map((one) => [random.pick(TEXTS).slice(0, 40), one]))];
  return random.pick<() => Json>(levels === 0 ? kinds : [...kinds, ...nested])();
}

function mutatedText(random: Random, text: string): string {
  const at = random.below(text.length + 1);
  return random.pick([
    text.slice(0, at),
    text.slice(at),
    text.slice(0, at) + random.pick(['\u0000', '"', '{', '\\', 'é', '%', '&', '=', '.']) + text.slice(at),
    text + text,
  ]);
}

/** Bytes that are HTTP only in part, each ending with what it asks. */
export function fuzzedBytes(random: Random): string {
  const line = random.pick([
    'GET / HTTP/1.1',
    'POST /sign HTTP/1.1',
    'POST /token HTTP/1.0',
    'GET /.well-known/jwks.json HTTP/1.1',
    'GET http://localhost/.well-known/jwks.json HTTP/1.1',
    'GET //%00 HTTP/1.1',
    'CONNECT a:1 HTTP/1.1',
    'GET /\u00ff HTTP/1.1',
    'PRI * HTTP/2.0',
    'nonsense',
    '\u0016\u0003\u0001',
  ]);
  const headers = [
    'Host: localhost',
    'Host: a b',
    'Content-Length: 5',
    'Content-Length: -1',
    'Content-Length: 99999999999999999999',
    'Transfer-Encoding: chunked',
    'Transfer-Encoding: x',
    'Content-Type: application/json',
    'Upgrade: websocket',
    `X: ${'a'.repeat(20_000)}`,
    ': x',
    'X\u0000: y',
  ];
  const some = Array.from({ length: random.below(4) }, () => random.pick(headers));
  const body = random.pick(['', '{}', 'xx', '5\r\nhello\r\n0\r\n\r\n', 'ffffffffffffffffff\r\n', '{"claims":']);
  return `${[line, ...some, 'Connection: close'].join('\r\n')}\r\n\r\n${body}`;
}
