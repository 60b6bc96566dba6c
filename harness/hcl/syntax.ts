/** The syntax tree of an expression or a template. `at` is the offset in the source that it was parsed from. */
export type Node = NodeOf & { readonly at: number };

type NodeOf =
  | { readonly kind: 'literal'; readonly value: string | number | boolean | null }
  | { readonly kind: 'template'; readonly parts: readonly Node[] }
  | { readonly kind: 'name'; readonly name: string }
  | { readonly kind: 'attribute'; readonly of: Node; readonly name: string }
  | { readonly kind: 'index'; readonly of: Node; readonly key: Node }
  /** `each` is applied to every item, which is its name `*`. */
  | { readonly kind: 'splat'; readonly of: Node; readonly each: Node }
  | { readonly kind: 'call'; readonly name: string; readonly args: readonly Node[]; readonly spread: boolean }
  | { readonly kind: 'conditional'; readonly condition: Node; readonly yes: Node; readonly no: Node }
  | { readonly kind: 'unary'; readonly operator: string; readonly of: Node }
  | { readonly kind: 'binary'; readonly operator: string; readonly left: Node; readonly right: Node }
  | { readonly kind: 'tuple'; readonly items: readonly Node[] }
  | { readonly kind: 'object'; readonly items: readonly (readonly [key: Node, value: Node])[] }
  | ({ readonly kind: 'for' } & ForNode)
  /** `%{ for }`: the templates of all items, one after the other. */
  | ({ readonly kind: 'repeat' } & Pick<ForNode, 'names' | 'collection' | 'value'>);

/** A `for` expression; an object where it has a key. */
export interface ForNode {
  /** The key's or index's name, where it has one, and the value's. */
  readonly names: readonly string[];
  readonly collection: Node;
  readonly key: Node | undefined;
  readonly value: Node;
  readonly condition: Node | undefined;
  /** `...` after the value: values of one key become a list. */
  readonly grouped: boolean;
}

/** What an expression breaks; the file and the line are added where they are known. */
export class SyntaxProblem extends Error {
  override readonly name = 'SyntaxProblem';
  readonly at: number;

  constructor(message: string, at: number) {
    super(message);
    this.at = at;
  }
}
