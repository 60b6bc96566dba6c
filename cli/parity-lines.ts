import type { ParityResult, StateDifference } from '../harness/index.js';

/** A comparison of the two provisioners as lines for a person, the sum last. */
export function parityLines({ applied, compared, differences, pending }: ParityResult): string[] {
  return [
    ...differences.flatMap(described),
    ...pending.map(
      ({ constructPath, attributes }) => `terraform would change "${constructPath}" again: ${attributes.join(', ')}`,
    ),
    `${applied.join(', ')}: ${compared} places compared, ${differences.length} differences`,
  ];
}

function described({ path, field, left, right }: StateDifference): string[] {
  const name = field === undefined ? path : `${path} ${field}`;
  return [name, `  terraform  ${shown(left)}`, `  direct     ${shown(right)}`];
}

function shown(value: unknown): string {
  return value === undefined ? '(nothing)' : JSON.stringify(value);
}
