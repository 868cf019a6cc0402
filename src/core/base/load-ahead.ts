/**
 * What is loaded for each of a list, in the list's order. So many are on their way or in use at a time. A failure is thrown when its turn
 * comes; what is on its way when the reader leaves fails unheard.
 */
export async function* loadAhead<Item, Loaded>(
  items: readonly Item[],
  count: number,
  load: (item: Item) => Promise<Loaded>,
): AsyncGenerator<Loaded, void, undefined> {
  const ahead: Promise<Loaded>[] = [];
  for (const index of items.keys()) {
    while (ahead.length < count && index + ahead.length < items.length) {
      const loaded = load(items[index + ahead.length]!);
      loaded.catch(() => undefined);
      ahead.push(loaded);
    }
    yield await ahead.shift()!;
  }
}
