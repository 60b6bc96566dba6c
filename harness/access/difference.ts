import type { LoginName } from './logins.js';
import type { Claims } from './vault/login-role.js';
import type { RequestData } from './vault/parameters.js';
import type { AskedCapability } from './vault/who.js';

/** One difference, with a token that shows it. */
export type AccessDifference = LoginName & {
  /** `login`: no role of the other side lets the token in. `access`: none that does grants it. */
  readonly kind: 'login' | 'access';
  /** Of access: a path that shows it, a list's without its slash; of Consul such as `key:app/db` or `operator`. */
  readonly path?: string;
  /** Of Consul `read`, `list` or `write`. */
  readonly capability?: AskedCapability | 'write';
  readonly witness: {
    readonly claims: Claims;
    /** Of bound CIDRs: from where the token is sent. */
    readonly address?: string;
    /** Of parameters: a body that one side allows alone. */
    readonly data?: RequestData;
    /** Of wrapping TTLs: the seconds for which the answer is wrapped, 0 for one that is not. */
    readonly wrapTtl?: number;
  };
  /** Whether two servers were tried, and answered so; undefined where none was. */
  readonly proven?: boolean;
  /** Why servers were not tried with it, where they could not be. */
  readonly reason?: string;
};
