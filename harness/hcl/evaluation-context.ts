import { VaultproofError } from '../../errors/index.js';
import { SensitiveValues } from '../../internal/sensitive-values.js';

/** More are a mistake, or take a server of their own. */
const MOST_INSTANCES = 10_000;

const IGNORED = 'ignored ';

/** The first of what is ignored among what is needed, by Terraform's address. */
export function ignoredAmong(touched: ReadonlySet<string>): string | undefined {
  return [...touched].find((address) => address.startsWith(IGNORED))?.slice(IGNORED.length);
}

/** Something that a document leaves out. */
export interface PassedOverTerraform {
  /** Terraform's address: `vault_pki_secret_backend.root`, `output.accessor`. */
  readonly address: string;
  readonly reason: string;
}

/** What the modules of one configuration share while it is evaluated. */
export class EvaluationContext {
  /** Whether a type or an address is to be passed over. */
  readonly isIgnored: (...names: readonly string[]) => boolean;
  /** The folders of the root module and of those that it calls. */
  readonly folders = new Set<string>();
  /** What was declared as sensitive, and what functions made of it. */
  readonly sensitive = new SensitiveValues();
  #touched = new Set<string>();
  #instances = 0;
  readonly #names = new Set<string>();
  readonly #evaluating: string[] = [];

  readonly #questions: (() => boolean)[] = [];

  /** Whether what is not known is no mistake: a variable without a value, `for_each` over what an apply tells. */
  readonly isLenient: boolean;

  constructor(isIgnored: EvaluationContext['isIgnored'], isLenient = false) {
    this.isIgnored = isIgnored;
    this.isLenient = isLenient;
  }

  /**
   * Notes what was evaluated that files decide.
   * @param isSame asks whether it would be evaluated to the same again
   */
  noteRead(isSame: () => boolean): void {
    this.#questions.push(isSame);
  }

  /** Whether all that was read of files would be read again. */
  isUpToDate(): boolean {
    const { length } = this.#questions;
    const isSame = this.#questions.every((ask) => ask());
    // A template that is rendered again calls functions, which are noted again.
    this.#questions.length = length;
    return isSame;
  }

  /** Says that what is evaluated needs a resource, by its address in the document. */
  touch(address: string): void {
    this.#touched.add(address);
  }

  /** Says that what is evaluated needs something that is ignored, by Terraform's address. */
  touchIgnored(address: string): void {
    this.touch(IGNORED + address);
  }

  /** What a function gives, and which resources were needed for it. */
  collect<Result>(evaluate: () => Result): { readonly result: Result; readonly touched: ReadonlySet<string> } {
    const outer = this.#touched;
    this.#touched = new Set();
    try {
      const result = evaluate();
      return { result, touched: this.#touched };
    } finally {
      for (const address of this.#touched) outer.add(address);
      this.#touched = outer;
    }
  }

  /**
   * A function that evaluates once, and says each time which resources that needs.
   * @param address what is evaluated, for the error of a cycle
   */
  once<Result>(address: string, evaluate: () => Result): () => Result {
    let done: { readonly result: Result; readonly touched: ReadonlySet<string> } | undefined;
    return () => {
      if (done) {
        for (const touched of done.touched) this.touch(touched);
        return done.result;
      }
      if (this.#evaluating.includes(address)) {
        const path = [...this.#evaluating.slice(this.#evaluating.indexOf(address)), address];
        throw new VaultproofError(
          'dependency_cycle',
          `these refer to each other: ${path.join(' -> ')}: break the cycle`,
          {
            details: { cycle: path },
          },
        );
      }
      this.#evaluating.push(address);
      try {
        done = this.collect(evaluate);
      } finally {
        this.#evaluating.pop();
      }
      return done.result;
    };
  }

  /** Counts instances of resources and modules. */
  count(instances: number, address: string): void {
    this.#instances += instances;
    if (this.#instances <= MOST_INSTANCES) return;
    throw new VaultproofError(
      'too_many_instances',
      `"${address}" makes more than ${MOST_INSTANCES.toLocaleString('en')} instances in all: give it fewer for a test`,
      { details: { address } },
    );
  }

  /** A name in the document that no other resource of this type has. */
  uniqueName(type: string, wanted: string): string {
    const bare = wanted.replaceAll(/[^A-Za-z0-9_-]/g, '_');
    for (let number = 1; ; number++) {
      const name = number === 1 ? bare : `${bare}-${number}`;
      if (this.#names.has(`${type}.${name}`)) continue;
      this.#names.add(`${type}.${name}`);
      return name;
    }
  }
}
