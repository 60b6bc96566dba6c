/**
 * Refuses names that a server or Terraform would not keep apart.
 * @param server `Vault` or `Consul`, for the message
 * @param plural such as `roles`
 * @throws TypeError for a name that is there twice, be it with other capitals, of which both servers take no notice
 */
export function refuseTwice(server: string, plural: string, names: readonly string[]): void {
  const seen = new Map<string, string>();
  for (const name of names) {
    const other = seen.get(name.toLowerCase());
    if (other !== undefined) throw new TypeError(twice(server, plural, other, name));
    seen.set(name.toLowerCase(), name);
  }
}

function twice(server: string, plural: string, name: string, other: string): string {
  if (name === other) return `two ${plural} have the name "${name}": give each a name of its own`;
  return `the ${plural} "${name}" and "${other}" are one to ${server}, which takes no notice of capitals: rename one`;
}
