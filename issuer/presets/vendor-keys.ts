/** Where a vendor publishes the keys of its issuers. */
export interface VendorKeys {
  /** Whether an issuer's URL is this vendor's. */
  readonly isIssuer: (issuer: URL) => boolean;
  /**
   * The `jwks_uri` of its discovery document.
   * @param issuer its URL, without a slash at the end
   */
  readonly jwksUri: (issuer: string) => string;
}
