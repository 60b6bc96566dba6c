/** Reads something of a document once, however many rules ask for it. */
export function ofDocument<Document extends object, Found>(
  read: (document: Document) => Found,
): (document: Document) => Found {
  const known = new WeakMap<Document, { readonly found: Found }>();
  return (document) => {
    const entry = known.get(document) ?? { found: read(document) };
    known.set(document, entry);
    return entry.found;
  };
}

/** Items by what each is looked up by, in their order; one without a key is left out. */
export function byKey<Item, Key>(
  items: readonly Item[],
  keyOf: (item: Item) => Key | undefined,
): ReadonlyMap<Key, readonly Item[]> {
  const found = new Map<Key, Item[]>();
  for (const item of items) {
    const key = keyOf(item);
    if (key === undefined) continue;
    const others = found.get(key);
    if (others) others.push(item);
    else found.set(key, [item]);
  }
  return found;
}
