/** What signs bytes under an algorithm: a key, a shared secret, or a server that has the key. */
export interface Signer {
  readonly alg: string;
  /** The header parameter `kid`; absent for a shared secret. */
  readonly kid?: string;
  sign(data: Uint8Array): Uint8Array | Promise<Uint8Array>;
}

/** Header parameters of a token, besides those that the signer gives. */
export type TokenHeader = Readonly<Record<string, unknown>>;

/**
 * A JWS in the compact form: three base64url parts without padding (RFC 7515, section 7.1). The header is
 * `{alg, kid, typ: "JWT"}`; what is given replaces these, and undefined takes them away.
 * @param payload the claims, or their text as it is to be signed
 */
export async function signCompact(signer: Signer, payload: object | string, header: TokenHeader = {}): Promise<string> {
  const { alg, kid } = signer;
  const input = `${encode({ alg, ...(kid === undefined ? {} : { kid }), typ: 'JWT', ...header })}.${encode(payload)}`;
  const signature = await signer.sign(Buffer.from(input));
  return `${input}.${Buffer.from(signature).toString('base64url')}`;
}

/** JSON, or a text as it is, in base64url. */
export function encode(part: object | string): string {
  return Buffer.from(typeof part === 'string' ? part : JSON.stringify(part)).toString('base64url');
}
