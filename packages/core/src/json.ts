/** Deeper values are no record of ours, and whoever walks over them runs out of stack. */
const deepestNesting = 100;

/** Whether a value of JSON is an object: no list, and not null. */
export function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** Reads JSON. @throws SyntaxError for anything else, and for JSON that is nested more than 100 deep. */
export function parseJson(text: string): unknown {
  let depth = 0;
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code === quotationMark) at = endOfString(text, at);
    else if (code === bracket || code === brace) {
      if (++depth > deepestNesting) throw new SyntaxError(`it is nested more than ${deepestNesting} deep`);
    } else if (code === bracket + 2 || code === brace + 2) depth--;
  }
  return JSON.parse(text);
}

const quotationMark = 0x22;
const backslash = 0x5c;
const bracket = 0x5b;
const brace = 0x7b;

/** Where the closing quotation mark of the string is that begins here. */
function endOfString(text: string, start: number): number {
  for (let at = start + 1; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code === backslash) at++;
    else if (code === quotationMark) return at;
  }
  return text.length;
}
