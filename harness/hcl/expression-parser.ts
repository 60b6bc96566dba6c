import { Scanner } from './scanner.js';
import { type ForNode, type Node, SyntaxProblem } from './syntax.js';
import { type ExpressionReader, heredocTemplate, quotedTemplate, wholeTemplate } from './template-parser.js';

/** Operators by how tightly they bind, the loosest first. */
const OPERATORS = [['||'], ['&&'], ['==', '!='], ['>=', '<=', '>', '<'], ['+', '-'], ['*', '/', '%']];
const NUMBER = /\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/y;
const WORDS: Readonly<Record<string, boolean | null>> = { true: true, false: false, null: null };
/** Deeper than anyone writes, and shallow enough for the stack. */
const DEEPEST = 200;

/**
 * Parses one expression of HCL's native syntax.
 * @throws SyntaxProblem
 * @see https://github.com/hashicorp/hcl/blob/main/hclsyntax/spec.md#expressions
 */
export function parseExpression(source: string): Node {
  const parser = new ExpressionParser(source, 0);
  const node = parser.expression();
  parser.skip();
  if (parser.at < source.length) throw new SyntaxProblem('unexpected characters after the expression', parser.at);
  return node;
}

/**
 * Parses a template that is a whole string, such as a file's content or a string of the JSON syntax.
 * @throws SyntaxProblem
 */
export function parseTemplate(source: string): Node {
  return wholeTemplate(source, readerAt);
}

function readerAt(source: string, at: number): ExpressionReader {
  return new ExpressionParser(source, at);
}

/** Reads expressions out of a source, from `at` on. Templates in it use the same parser. */
class ExpressionParser extends Scanner implements ExpressionReader {
  #depth = 0;

  expression(): Node {
    if (++this.#depth > DEEPEST)
      throw new SyntaxProblem(`the expression is nested deeper than ${DEEPEST} levels`, this.at);
    const condition = this.#binary(0);
    const { at } = condition;
    this.#depth--;
    if (!this.accept('?')) return condition;
    const [yes, no] = this.within(() => {
      const first = this.expression();
      this.expect(':');
      return [first, this.expression()] as const;
    }, this.endsAtLine);
    return { kind: 'conditional', condition, yes, no, at };
  }

  /** The names and the collection of a `for`, after that word. */
  forIntroduction(): Pick<ForNode, 'names' | 'collection'> {
    const names: string[] = [];
    do {
      const name = this.identifier();
      if (name === undefined) throw new SyntaxProblem('expected a name after "for"', this.at);
      names.push(name);
    } while (names.length < 2 && this.accept(','));
    if (this.identifier() !== 'in') throw new SyntaxProblem('expected "in" after the names of "for"', this.at);
    return { names, collection: this.expression() };
  }

  #binary(level: number): Node {
    const operators = OPERATORS[level];
    if (!operators) return this.#unary();
    let left = this.#binary(level + 1);
    for (;;) {
      const operator = operators.find((one) => this.accept(one));
      if (operator === undefined) return left;
      left = { kind: 'binary', operator, left, right: this.#binary(level + 1), at: left.at };
    }
  }

  #unary(): Node {
    this.skip();
    const { at } = this;
    for (const operator of ['!', '-']) {
      if (this.source[at] !== operator) continue;
      this.at++;
      if (++this.#depth > DEEPEST)
        throw new SyntaxProblem(`the expression is nested deeper than ${DEEPEST} levels`, at);
      const of = this.#unary();
      this.#depth--;
      return { kind: 'unary', operator, of, at };
    }
    return this.#traversal(this.#primary());
  }

  #primary(): Node {
    this.skip();
    const { at, source } = this;
    const character = source[at];
    if (character === '"') return this.#template(quotedTemplate(source, at + 1, readerAt));
    if (source.startsWith('<<', at)) return this.#template(heredocTemplate(source, at, readerAt));
    if (character === '(') {
      this.at++;
      const node = this.within(() => {
        const inner = this.expression();
        this.expect(')');
        return inner;
      });
      return { ...node, at };
    }
    if (character === '[') return this.within(() => this.#tuple(at));
    if (character === '{') return this.#object(at);
    NUMBER.lastIndex = at;
    const number = NUMBER.exec(source)?.[0];
    if (number !== undefined) {
      this.at += number.length;
      return { kind: 'literal', value: Number(number), at };
    }
    return this.#nameOrCall(at);
  }

  #template({ node, end }: { readonly node: Node; readonly end: number }): Node {
    this.at = end;
    return node;
  }

  #nameOrCall(at: number): Node {
    let name = this.identifier();
    if (name === undefined) throw new SyntaxProblem('expected an expression', at);
    while (this.source.startsWith('::', this.at)) {
      this.at += 2;
      name += `::${this.identifier() ?? ''}`;
    }
    if (this.source[this.at] === '(') {
      this.at++;
      const called = name;
      return this.within(() => this.#call(called, at));
    }
    if (Object.hasOwn(WORDS, name))
      return { kind: 'literal', value: WORDS[name] ?? (name === 'false' ? false : null), at };
    return { kind: 'name', name, at };
  }

  #call(name: string, at: number): Node {
    const args: Node[] = [];
    let spread = false;
    while (!this.accept(')')) {
      if (spread) throw new SyntaxProblem('expected ")" after "..."', this.at);
      args.push(this.expression());
      spread = this.accept('...');
      if (!this.accept(',')) {
        this.expect(')');
        break;
      }
    }
    return { kind: 'call', name, args, spread, at };
  }

  #tuple(at: number): Node {
    this.expect('[');
    if (this.#acceptFor()) return this.#for(']', at);
    const items: Node[] = [];
    while (!this.accept(']')) {
      items.push(this.expression());
      if (!this.accept(',')) {
        this.expect(']');
        break;
      }
    }
    return { kind: 'tuple', items, at };
  }

  #object(at: number): Node {
    this.at++;
    const before = this.at;
    const isFor = this.within(() => this.#acceptFor());
    if (isFor) return this.within(() => this.#for('}', at));
    this.at = before;
    const items: [Node, Node][] = [];
    for (;;) {
      if (this.within(() => this.accept('}'))) return { kind: 'object', items, at };
      const key = this.within(() => this.#key(), true);
      if (!this.accept('=') && !this.accept(':')) throw new SyntaxProblem('expected "=" or ":" after the key', this.at);
      const ends = this.within(() => {
        items.push([key, this.expression()]);
        this.skip();
        return this.accept(',') || this.source[this.at] === '\n' || this.source[this.at] === '}';
      }, true);
      if (!ends) throw new SyntaxProblem('expected "," or a new line after the item', this.at);
    }
  }

  #key(): Node {
    const key = this.expression();
    const isBare = this.source[key.at] !== '(';
    if (key.kind === 'name' && isBare) return { kind: 'literal', value: key.name, at: key.at };
    return key.kind === 'literal' && key.value === null && isBare ? { ...key, value: 'null' } : key;
  }

  #acceptFor(): boolean {
    const before = this.at;
    if (this.identifier() === 'for' && /\s/.test(this.source[this.at] ?? '')) return true;
    this.at = before;
    return false;
  }

  #for(close: ']' | '}', at: number): Node {
    const introduction = this.forIntroduction();
    this.expect(':');
    const first = this.expression();
    const isObject = close === '}';
    if (isObject) this.expect('=>');
    const value = isObject ? this.expression() : first;
    const grouped = isObject && this.accept('...');
    const before = this.at;
    const hasCondition = this.identifier() === 'if';
    if (!hasCondition) this.at = before;
    const condition = hasCondition ? this.expression() : undefined;
    this.expect(close);
    return { kind: 'for', ...introduction, key: isObject ? first : undefined, value, condition, grouped, at };
  }

  /** What follows a value: `.name`, `[key]`, `.*` and `[*]`. */
  #traversal(start: Node, inSplat = false): Node {
    let node = start;
    for (;;) {
      const before = this.at;
      if (this.within(() => this.acceptInline('.'), true)) {
        if (this.source[this.at] === '*' && !inSplat) {
          this.at++;
          node = {
            kind: 'splat',
            of: node,
            each: this.#attributes({ kind: 'name', name: '*', at: this.at }),
            at: node.at,
          };
          continue;
        }
        const step = this.#step(node);
        if (step === undefined) {
          this.at = before;
          return node;
        }
        node = step;
      } else if (this.acceptInline('[')) {
        if (this.within(() => this.accept('*'))) {
          this.within(() => this.expect(']'));
          node = {
            kind: 'splat',
            of: node,
            each: this.#traversal({ kind: 'name', name: '*', at: this.at }),
            at: node.at,
          };
          continue;
        }
        const key = this.within(() => {
          const inner = this.expression();
          this.expect(']');
          return inner;
        });
        node = { kind: 'index', of: node, key, at: node.at };
      } else return node;
    }
  }

  /** `.*` applies attributes alone to each item, as before Terraform 0.12. */
  #attributes(start: Node): Node {
    let node = start;
    while (this.source[this.at] === '.' && this.source[this.at + 1] !== '.') {
      const before = this.at++;
      const step = this.#step(node);
      if (step === undefined) {
        this.at = before;
        return node;
      }
      node = step;
    }
    return node;
  }

  /** After a dot: a name, or a number as in `list.0`. */
  #step(of: Node): Node | undefined {
    const number = /\d+/y;
    number.lastIndex = this.at;
    const index = number.exec(this.source)?.[0];
    if (index !== undefined) {
      this.at += index.length;
      return { kind: 'index', of, key: { kind: 'literal', value: Number(index), at: this.at }, at: of.at };
    }
    if (this.source[this.at] === '.') return undefined;
    const name = this.identifier();
    if (name === undefined) throw new SyntaxProblem('expected a name after "."', this.at);
    return { kind: 'attribute', of, name, at: of.at };
  }
}
