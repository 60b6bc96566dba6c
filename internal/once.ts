/**
 * A function that makes something when it is first called, and gives the same to every later call.
 *
 * @example
 * const connected = once(() => connect(address));
 */
export function once<Value>(make: () => Value): () => Value {
  let made: { readonly value: Value } | undefined;
  return () => {
    made ??= { value: make() };
    return made.value;
  };
}
