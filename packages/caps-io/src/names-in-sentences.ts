/** How many names a sentence has before it counts the others. */
const mostNamed = 10;

/** "a, b and c" are "a, b, c"; of more than ten the first ten, "and 5 more". What would disturb a terminal is escaped. */
export function listedNames(names: readonly string[]): string {
  const some = names.slice(0, mostNamed).map(printable).join(", ");
  return names.length > mostNamed ? `${some} and ${names.length - mostNamed} more` : some;
}

/** A name with the escapes of JSON, in quotation marks, where it has control characters. */
function printable(name: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is escaped
  return /[\0-\x1f\x7f-\x9f]/.test(name) ? JSON.stringify(name).replace(/[\x7f-\x9f]/g, "\uFFFD") : name;
}

/** One sentence that counts what there is, and has the names; none where there is nothing. */
export function counted(what: string, names: readonly string[]): readonly string[] {
  return names.length === 0 ? [] : [`${what} (${names.length}): ${listedNames(names)}`];
}
