const words: Readonly<Record<string, number>> = {
  nan: Number.NaN,
  "+inf": Number.POSITIVE_INFINITY,
  "-inf": Number.NEGATIVE_INFINITY,
  "-0": -0,
};

/** JSON with the numbers that JSON does not have, so that what is read is what was written. */
export function toJson(value: unknown): string {
  return JSON.stringify(value, (_, item: unknown) => {
    if (typeof item !== "number" || (Number.isFinite(item) && !Object.is(item, -0))) return item;
    const word = Object.keys(words).find((name) => Object.is(words[name], item));
    return word === undefined ? item : { $number: word };
  });
}

/** Reads what `toJson` wrote. @throws SyntaxError for invalid JSON. */
export function fromJson(text: string): unknown {
  // Few files have such numbers, and it takes long to look at each value.
  if (!text.includes('{"$number":"')) return JSON.parse(text);
  return JSON.parse(text, (_, item: unknown) => {
    if (typeof item !== "object" || item === null || !("$number" in item)) return item;
    return words[String(item.$number)];
  });
}
