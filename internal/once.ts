/**
 * A function that makes something when it is first called, and gives the same to every later call.
 *
 * @example
 * const connected = once(() => connect(address));
 */
export function once<Value>(make: () => Promise<Value>): () => Promise<Value> {
  let made: Promise<Value> | undefined;
  return () => {
    made ??= make();
    return made;
  };
}
