import type { ParityResult, StateDifference } from '../harness/index.js';

/** A comparison of the two provisioners as lines for a person, the sum last. */
export function parityLines({ applied, compared, differences, pending }: ParityResult): string[] {
  const more = pending.length === 0 ? '' : `, ${counted(pending.length, 'pending change')}`;
  return [
    ...differences.flatMap(described),
    ...pending.map(
      ({ constructPath, attributes }) => `terraform would change "${constructPath}" again: ${attributes.join(', ')}`,
    ),
    `${applied.join(', ')}: ${compared} places compared, ${counted(differences.length, 'difference')}${more}`,
  ];
}

function counted(count: number, what: string): string {
  return `${count} ${what}${count === 1 ? '' : 's'}`;
}

function described({ path, field, left, right }: StateDifference): string[] {
  const name = field === undefined ? path : `${path} ${field}`;
  return [name, `  terraform  ${shown(left)}`, `  direct     ${shown(right)}`];
}

function shown(value: unknown): string {
  return value === undefined ? '(nothing)' : JSON.stringify(value);
}
