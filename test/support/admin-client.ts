import type { AdminAccess } from 'vaultproof/issuer';

/** What the admin API answered. */
export interface AdminAnswer {
  readonly status: number;
  readonly headers: Headers;
  /** Undefined where there is none. */
  readonly body: unknown;
}

/** Calls one method of a path, with a body as JSON. */
export type CallAdmin = (method: string, path: string, body?: unknown) => Promise<AdminAnswer>;

/** Calls the admin API of an issuer. @throws TypeError where there is none */
export function adminClient(admin: AdminAccess | undefined): CallAdmin {
  if (!admin) throw new TypeError('the issuer was started without "admin"');
  return async (method, path, body) => {
    const answer = await fetch(`${admin.url}${path}`, {
      method,
      headers: {
        authorization: `Bearer ${admin.token}`,
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      },
      ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
    });
    const text = await answer.text();
    return { status: answer.status, headers: answer.headers, body: text === '' ? undefined : JSON.parse(text) };
  };
}
