import { readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseAst } from 'vitest/node';

const root = fileURLToPath(new URL('../', import.meta.url));

/** A name that an entry point of the package exports. */
export interface PublicName {
  readonly name: string;
  readonly kind: 'function' | 'class' | 'value' | 'type';
  /** Its declaration without what it does: parameters and result, members, or the type. */
  readonly signature: string;
  /** Its comment, without the marks: the text, and the lines below `@example`. */
  readonly text: string;
  readonly examples: readonly string[];
}

/** The parts of a syntax tree that are read here. */
interface Node {
  readonly type: string;
  readonly start: number;
  readonly end: number;
  readonly id?: { readonly name: string; readonly end: number; readonly typeAnnotation?: Node };
  readonly name?: string;
  readonly source?: { readonly value: string } | null;
  readonly declaration?: Node | null;
  readonly declarations?: readonly Node[];
  readonly init?: Node | null;
  readonly body?: Node | readonly Node[] | null;
  readonly value?: Node | null;
  readonly key?: Node;
  readonly accessibility?: string;
  readonly specifiers?: readonly {
    readonly local: { readonly name: string };
    readonly exported: { readonly name: string };
  }[];
}

/** One path that the package exports, and the file that it leads to. */
export interface EntryPoint {
  readonly specifier: string;
  readonly file: string;
}

/** The entry points by their page in docs/api: one each, and one for all stacks and their presets. */
export function pages(): Readonly<Record<string, readonly EntryPoint[]>> {
  const { exports } = JSON.parse(readFileSync(`${root}package.json`, 'utf8')) as {
    readonly exports: Readonly<Record<string, { readonly types: string } | string>>;
  };
  const found: Record<string, EntryPoint[]> = {};
  for (const [path, target] of Object.entries(exports)) {
    if (typeof target === 'string' || path === './vitest/global-setup') continue;
    const specifier = `vaultproof${path.slice(1)}`;
    const name = path.startsWith('./stacks/') ? 'stacks' : specifier.replace('vaultproof/', '').replaceAll('/', '-');
    found[name] = [
      ...(found[name] ?? []),
      { specifier, file: target.types.slice('./dist/'.length).replace('.d.ts', '.ts') },
    ];
  }
  return found;
}

/** What a file exports by name, its own and what it passes on of other files here; types come last. */
export function publicNames(file: string): PublicName[] {
  const { statements } = parsed(file);
  const names = statements.flatMap((statement) => [
    ...declaredBy(statement).map((local) => ({ name: local, local, from: file })),
    ...(statement.specifiers ?? [])
      .filter(() => statement.type.startsWith('Export') && statement.source?.value.startsWith('.'))
      .map(({ local, exported }) => ({
        name: exported.name,
        local: local.name,
        from: join(dirname(file), (statement.source?.value ?? '').replace(/\.js$/, '.ts')),
      })),
  ]);
  return names
    .map(({ name, local, from }) => described(name, local, from))
    .sort((a, b) => Number(a.kind === 'type') - Number(b.kind === 'type') || a.name.localeCompare(b.name, 'en'));
}

function described(name: string, local: string, file: string): PublicName {
  const { source, statements } = parsed(file);
  const own = statements.filter((statement) => declaredBy(statement).includes(local));
  const [first] = own;
  const declaration = first?.declaration;
  if (!first || !declaration) {
    const passedOn = statements.find(({ specifiers }) => specifiers?.some(({ exported }) => exported?.name === local));
    if (!passedOn?.source) throw new Error(`"${local}" is not declared in ${file}`);
    return described(name, local, join(dirname(file), passedOn.source.value.replace(/\.js$/, '.ts')));
  }
  const comment = /\/\*\*((?:(?!\*\/)[\s\S])*)\*\/\s*$/.exec(source.slice(0, first.start))?.[1] ?? '';
  const lines = comment.replaceAll(/^[ \t]*\* ?/gm, '').trim();
  const example = /^@example\s+([\s\S]*?)(?=^@\w+|(?![\s\S]))/gm;
  return {
    name,
    ...shapeOf(declaration, source),
    text: lines.replaceAll(example, '').trim(),
    examples: [...lines.matchAll(example)].map(([, code = '']) => code.trim()),
  };
}

function shapeOf(node: Node, source: string): Pick<PublicName, 'kind' | 'signature'> {
  const upTo = (end: number): string => source.slice(node.start, end).trim();
  if (node.type.startsWith('TS')) return { kind: 'type', signature: upTo(node.end) };
  if (node.type === 'FunctionDeclaration') {
    return { kind: 'function', signature: `${upTo(startOf(node.body) ?? node.end)};`.replace(/^async /, '') };
  }
  if (node.type === 'ClassDeclaration') return { kind: 'class', signature: classOf(node, source) };
  const [value] = node.declarations ?? [];
  const isFunction = value?.init?.type === 'ArrowFunctionExpression';
  const typed = value?.id?.typeAnnotation ? value.id.end : value?.init?.end;
  return { kind: isFunction ? 'function' : 'value', signature: `${upTo(typed ?? node.end)};` };
}

/** A class with the heads of its public methods. */
function classOf(node: Node, source: string): string {
  const body = node.body as Node;
  const members = (body.body as readonly Node[]).filter(
    ({ key, accessibility }) => key?.type !== 'PrivateIdentifier' && accessibility !== 'private',
  );
  const heads = members.map((member) => {
    const end = startOf(member.value?.body) ?? member.end;
    return `  ${source.slice(member.start, end).trim().replace(/;?$/, ';')}`;
  });
  return `${source.slice(node.start, body.start)}{\n${heads.join('\n')}\n}`;
}

function startOf(body: Node['body']): number | undefined {
  return body && 'start' in body ? body.start : undefined;
}

function declaredBy({ type, declaration }: Node): string[] {
  if (type !== 'ExportNamedDeclaration' || !declaration) return [];
  return [declaration, ...(declaration.declarations ?? [])].flatMap(({ id }) => (id ? [id.name] : []));
}

function parsed(file: string): { readonly source: string; readonly statements: readonly Node[] } {
  const source = readFileSync(root + file, 'utf8');
  return { source, statements: (parseAst(source, { lang: 'ts' }) as unknown as { body: readonly Node[] }).body };
}

/** A page of docs/api. */
export function page(entries: readonly EntryPoint[]): string {
  const [first] = entries;
  const title = entries.length === 1 ? (first?.specifier ?? '') : 'vaultproof/stacks';
  const parts = entries.flatMap(({ specifier, file }) => [
    ...(entries.length === 1 ? [] : [`## ${specifier}`]),
    ...publicNames(file).flatMap(({ name, signature, text, examples }) => [
      `${entries.length === 1 ? '##' : '###'} ${name}`,
      prose(text),
      block(signature),
      ...examples.map((example) => `Example:\n\n${block(example)}`),
    ]),
  ]);
  const lead = `Look up what \`${title}\` exports: signatures and examples, types last. [API](../api.md) says what is for what.`;
  return `${[`# ${title}`, lead, ...parts].filter((part) => part !== '').join('\n\n')}\n`;
}

function block(code: string): string {
  return `\`\`\`ts\n${code}\n\`\`\``;
}

/** A comment as Markdown: tags as the beginning of a line, links by their names. */
function prose(text: string): string {
  return text
    .replaceAll(/\{@link (\S+?)\}/g, '`$1`')
    .replaceAll(/^@param (\S+) /gm, '- `$1`: ')
    .replaceAll(/^@returns /gm, '- returns ')
    .replaceAll(/^@throws /gm, '- throws ')
    .replaceAll(/^@see /gm, '- see ')
    .replaceAll(/([^\n])\n(- )/g, (_, end: string, dash: string) => `${end}\n${dash}`)
    .replace(/\n(?=- )/, '\n\n');
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  for (const [name, entries] of Object.entries(pages())) writeFileSync(`${root}docs/api/${name}.md`, page(entries));
}
