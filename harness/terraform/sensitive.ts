import { inspect } from 'node:util';

const SHOWN = '(sensitive)';

/**
 * A value that Terraform calls sensitive: it shows neither in JSON nor in a log, only to who asks for it.
 *
 * @example
 * const { outputs } = await env.terraform.apply('login', json);
 * const password = outputs['password'] instanceof Sensitive ? outputs['password'].reveal() : undefined;
 */
export class Sensitive {
  readonly #value: unknown;

  constructor(value: unknown) {
    this.#value = value;
  }

  /** The value itself. */
  reveal(): unknown {
    return this.#value;
  }

  toJSON(): string {
    return SHOWN;
  }

  toString(): string {
    return SHOWN;
  }

  [inspect.custom](): string {
    return SHOWN;
  }
}
