/**
 * Whatever is declared is in the synthesised JSON and in Terraform's state.
 * @throws TypeError for a private key or a URL with a password; the message has no part of it
 */
export function refuseSecrets(props: object): void {
  for (const [name, value] of Object.entries(props) as [string, unknown][]) {
    const text = JSON.stringify(value) ?? '';
    if (/PRIVATE KEY/.test(text)) {
      throw new TypeError(`"${name}" has a private key in it, which would be kept in the state: give the public one`);
    }
    if (/"https?:\/\/[^/"@\s]*:[^/"@\s]*@/.test(text)) {
      throw new TypeError(`"${name}" has a URL with a password in it, which would be kept in the state: leave it out`);
    }
  }
}
