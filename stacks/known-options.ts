/** The names of all members of a union. */
type KeysOf<Props> = Props extends unknown ? keyof Props : never;

/** The options of a preset or a stack, each by its name. */
export type KnownOptions<Props> = Readonly<Record<KeysOf<Props>, true>>;

/**
 * Refuses options that a preset or a stack does not know. One that is mistyped, such as `enviroment`, would bind nothing, and
 * the role would be wider than it reads.
 * @param what whose options, for the message
 * @throws TypeError that names the option, and the one that was most likely meant, or those that there are
 */
export function refuseUnknown<Props extends object>(what: string, props: Props, known: KnownOptions<Props>): void {
  if (typeof props !== 'object' || props === null) {
    throw new TypeError(`the options of ${what} are "${String(props)}"; expected an object`);
  }
  const names = Object.keys(known);
  const unknown = Object.keys(props).find((name) => !names.includes(name));
  if (unknown === undefined) return;
  const meant = names.find((name) => isNear(unknown, name));
  const advice = meant === undefined ? `; expected one of: ${names.join(', ')}` : `: did you mean "${meant}"?`;
  throw new TypeError(`unknown option "${unknown}" of ${what}${advice}`);
}

/**
 * Refuses the same in each block of a list. What is no list is one that Terraform knows only when it is applied.
 * @throws TypeError
 */
export function refuseUnknownInEach<Block extends object>(
  what: string,
  blocks: readonly Block[] | object | undefined,
  known: KnownOptions<Block>,
): void {
  for (const block of Array.isArray(blocks) ? (blocks as readonly Block[]) : []) refuseUnknown(what, block, known);
}

/** Whether two names are the same except for one place, which is a third of the longer one at most. */
function isNear(one: string, other: string): boolean {
  const [shorter, longer] = one.length < other.length ? [one, other] : [other, one];
  let start = 0;
  while (start < shorter.length && shorter[start] === longer[start]) start += 1;
  let end = 0;
  while (end < shorter.length - start && shorter[shorter.length - 1 - end] === longer[longer.length - 1 - end])
    end += 1;
  return longer.length - start - end <= longer.length / 3;
}

/**
 * Refuses what is not a list, where TypeScript has not.
 * @throws TypeError
 */
export function requireList(what: string, name: string, value: unknown): void {
  if (Array.isArray(value)) return;
  const found =
    value === undefined ? 'is missing' : `is ${typeof value === 'object' ? 'no list' : `"${String(value)}"`}`;
  throw new TypeError(`"${name}" of ${what} ${found}; expected a list`);
}
