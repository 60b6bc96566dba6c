import { VaultproofError } from '../../errors/index.js';
import type { TriedBindingRule } from './consul-binding.js';
import type { Refusal } from './refusal.js';
import { refusalSentence } from './refusal-sentence.js';
import type { UnmetBound } from './role-bounds.js';

/**
 * A login that the server refused, with the check that failed as `code`. It never carries the token.
 *
 * @example
 * await expect(env.vault.login({ jwt })).rejects.toMatchObject({ code: 'claim_mismatch', claim: 'repository_id' });
 */
export class LoginRefusedError extends VaultproofError implements Refusal {
  override readonly name: string = 'LoginRefusedError';
  declare readonly details: Readonly<Omit<Refusal, 'code'>> & Readonly<Record<string, unknown>>;

  constructor({ code, ...details }: Refusal) {
    super(code, refusalSentence(code, details), { details: { ...details } });
  }

  get claim(): string | undefined {
    return this.details.claim;
  }

  get expected(): unknown {
    return this.details.expected;
  }

  get found(): unknown {
    return this.details.found;
  }

  get claims(): readonly UnmetBound[] | undefined {
    return this.details.claims;
  }

  get note(): string | undefined {
    return this.details.note;
  }

  get serverMessage(): string {
    return this.details.serverMessage;
  }

  get status(): number {
    return this.details.status;
  }

  get role(): string | undefined {
    return this.details.role;
  }

  get method(): string | undefined {
    return this.details.method;
  }

  get rules(): readonly TriedBindingRule[] | undefined {
    return this.details.rules;
  }
}
