const longestMarker = 64;
/** Deeper values are no options, and whoever walks over them may run out of stack. */
const deepestNesting = 100;

const numbers: Readonly<Record<string, number>> = {
  NaN: Number.NaN,
  Infinity: Number.POSITIVE_INFINITY,
  "-Infinity": Number.NEGATIVE_INFINITY,
};

/**
 * JSON as Python's `json` writes and reads it: NaN, Infinity and -Infinity are numbers; of two values of a key the last
 * one counts.
 * @throws SyntaxError for any other text.
 */
export function parsePythonJson(text: string): unknown {
  const { pieces, marker } = withoutNumbers(text);
  if (pieces.length === 1) return JSON.parse(text);
  // An object of the file cannot be taken for one of ours: the marker does not occur in it.
  return JSON.parse(pieces.join(""), (_, item: unknown) =>
    typeof item === "object" && item !== null && marker in item
      ? numbers[String((item as Readonly<Record<string, unknown>>)[marker])]
      : item,
  ) as unknown;
}

/** The text with a marked object, which cannot be a key, in the place of each such number; what is inside of strings is left alone. */
function withoutNumbers(text: string) {
  let marker = "number";
  while (text.includes(marker)) {
    if (marker.length > longestMarker) throw new SyntaxError("it holds odd texts");
    marker += "_";
  }
  const pieces: string[] = [];
  let done = 0;
  let depth = 0;
  for (let at = 0; at < text.length; ) {
    const letter = text[at];
    if (letter === '"') {
      at = endOfString(text, at);
      continue;
    }
    if (letter === "[" || letter === "{") {
      if (++depth > deepestNesting) throw new SyntaxError(`it is nested more than ${deepestNesting} deep`);
    } else if (letter === "]" || letter === "}") depth--;
    else if (letter === "N" || letter === "I" || letter === "-") {
      const name = Object.keys(numbers).find((known) => text.startsWith(known, at));
      if (name !== undefined) {
        pieces.push(text.slice(done, at), `{"${marker}":"${name}"}`);
        at += name.length;
        done = at;
        continue;
      }
    }
    at++;
  }
  pieces.push(text.slice(done));
  return { pieces, marker };
}

/** Behind the closing quotation mark of the string that begins here. */
function endOfString(text: string, start: number): number {
  for (let at = start + 1; at < text.length; at++) {
    if (text[at] === "\\") at++;
    else if (text[at] === '"') return at + 1;
  }
  return text.length;
}
