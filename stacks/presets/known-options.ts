/** The names of all members of a union. */
type KeysOf<Props> = Props extends unknown ? keyof Props : never;

/** The options of a preset, each by its name. */
export type KnownOptions<Props> = Readonly<Record<KeysOf<Props>, true>>;

/**
 * Refuses options that a preset does not know. One that is mistyped, such as `enviroment`, would bind nothing, and the role
 * would be wider than it reads.
 * @param what whose options, for the message
 * @throws TypeError that names the option, and those that there are
 */
export function refuseUnknown<Props extends object>(what: string, props: Props, known: KnownOptions<Props>): void {
  const names = Object.keys(known);
  const unknown = Object.keys(props).find((name) => !names.includes(name));
  if (unknown === undefined) return;
  throw new TypeError(`unknown option "${unknown}" of ${what}; expected one of: ${names.join(', ')}`);
}
