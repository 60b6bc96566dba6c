import { SyntaxProblem } from './syntax.js';

const IDENTIFIER = /[\p{ID_Start}_][\p{ID_Continue}-]*/uy;

/** The characters of a source from `at` on, without spaces and comments. */
export class Scanner {
  readonly source: string;
  at: number;
  /** Whether a line's end may end what is read: in an object, between its items. */
  protected endsAtLine = false;

  constructor(source: string, at: number) {
    this.source = source;
    this.at = at;
  }

  /** Passes over spaces and comments, and over line ends where they mean nothing. */
  skip(): void {
    for (;;) {
      const character = this.source[this.at];
      if (character === ' ' || character === '\t' || character === '\r') this.at++;
      else if (character === '\n' && !this.endsAtLine) this.at++;
      else if (character === '#' || this.source.startsWith('//', this.at)) this.#skipTo('\n');
      else if (this.source.startsWith('/*', this.at)) {
        this.#skipTo('*/');
        this.at += 2;
      } else return;
    }
  }

  /** Whether these characters come next, which are then passed over. */
  accept(text: string): boolean {
    this.skip();
    if (!this.source.startsWith(text, this.at)) return false;
    this.at += text.length;
    return true;
  }

  expect(text: string): void {
    if (!this.accept(text)) throw new SyntaxProblem(`expected "${text}"`, this.at);
  }

  identifier(): string | undefined {
    this.skip();
    IDENTIFIER.lastIndex = this.at;
    const name = IDENTIFIER.exec(this.source)?.[0];
    if (name !== undefined) this.at += name.length;
    return name;
  }

  /** Reads with a line's end that ends what is read, or does not. */
  protected within<Result>(read: () => Result, endsAtLine = false): Result {
    const before = this.endsAtLine;
    this.endsAtLine = endsAtLine;
    const result = read();
    this.endsAtLine = before;
    return result;
  }

  /** The characters, unless they come after a line's end that means something. */
  protected acceptInline(text: string): boolean {
    const before = this.at;
    this.skip();
    const isThere = this.source.startsWith(text, this.at) && !(text === '.' && this.source.startsWith('...', this.at));
    this.at = isThere ? this.at + text.length : before;
    return isThere;
  }

  #skipTo(end: string): void {
    const found = this.source.indexOf(end, this.at);
    this.at = found < 0 ? this.source.length : found;
  }
}
