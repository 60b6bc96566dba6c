/**
 * A URL as it may be shown: without what is before the `@`, in its query and in its fragment, where secrets are. What is
 * no URL loses everything before its last `@`.
 *
 * @example
 * shownUrl('https://ci:s3cret@host/keys?sig=abc'); // 'https://***@host/keys?***'
 */
export function shownUrl(text: string): string {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  const isPlain = url?.host !== undefined && url.host !== '' && url.username === '' && url.password === '';
  const struck = isPlain ? text : text.replace(/^([a-z][\w+.-]*:\/\/)?.*@/is, '$1***@');
  return struck.replace(/#.+/s, '#***').replace(/\?[^#]+/, '?***');
}

/** Strikes out what is before the `@` of the URLs in a text: servers and tools repeat those that they can't use. */
export function withoutPasswords(text: string): string {
  return text.replaceAll(/([a-z][\w+.-]*:\/\/)[^/@\s]+@/gi, '$1***@');
}
