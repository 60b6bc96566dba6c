import { VaultproofError } from '../../../errors/index.js';

/**
 * Returns when `signature`, a detached binary OpenPGP signature, was made over `data` with `trustedKey` (armored) or a
 * signing subkey of it that was valid at that time (RFC 9580 section 5.2).
 *
 * @throws VaultproofError `signature_untrusted` otherwise; `what` names the data in its message
 */
export async function verifySignature(
  what: string,
  data: Uint8Array,
  signature: Uint8Array,
  trustedKey: string,
): Promise<void> {
  const { createMessage, readKey, readSignature, verify } = await import('openpgp');
  const verificationKeys = await readKey({ armoredKey: trustedKey });
  try {
    const { signatures } = await verify({
      message: await createMessage({ binary: data }),
      signature: await readSignature({ binarySignature: signature }),
      verificationKeys,
    });
    await Promise.any(signatures.map(({ verified }) => verified));
  } catch (cause) {
    const fingerprint = verificationKeys.getFingerprint().toUpperCase();
    throw new VaultproofError(
      'signature_untrusted',
      `"${what}" is not signed by the key ${fingerprint}, so nothing was downloaded: check the clock and VAULTPROOF_RELEASES_URL`,
      { details: { url: what, fingerprint }, cause },
    );
  }
}
