import type { Attributes } from './parse-attributes.js';

/** A resource type's rule for arguments taken together; it gives what is wrong. */
type ArgumentRule = (attributes: Attributes) => readonly string[];

/** Refuses arguments beside each other, as Terraform's "conflicts with". */
export function conflicts(...pairs: readonly (readonly [string, string])[]): ArgumentRule {
  return (attributes) =>
    pairs
      .filter(([one, other]) => attributes[one] !== undefined && attributes[other] !== undefined)
      .map(([one, other]) => `"${one}": conflicts with "${other}"`);
}

/** Wants for an argument another one beside it, as Terraform's "required with". */
export function needs(...pairs: readonly (readonly [string, string])[]): ArgumentRule {
  return (attributes) =>
    pairs
      .filter(([one, other]) => attributes[one] !== undefined && attributes[other] === undefined)
      .map(([one, other]) => `"${one}": "${other}" is required with it`);
}

/** Wants at least one of some arguments. */
export function atLeastOne(...names: readonly string[]): ArgumentRule {
  return (attributes) => {
    const isGiven = names.some((name) => {
      const value = attributes[name];
      if (typeof value === 'object' && value !== null) return Object.keys(value).length > 0;
      return value !== undefined && value !== '';
    });
    return isGiven ? [] : [`one of ${names.join(', ')} is needed`];
  };
}
