/** What is looked at where no byte order mark says how the text is encoded. */
const sampleBytes = 4096;

/**
 * The text of a file that a person made: UTF-8 or UTF-16 of either byte order, with a byte order mark or without one,
 * which is left out. Bytes that are neither are taken for Windows-1252, which Latin-1 is a part of.
 */
export function decodeText(bytes: Uint8Array): string {
  return decodeUnicode(bytes) ?? new TextDecoder("windows-1252").decode(bytes);
}

/** The text of a file in UTF-8 or UTF-16, as `decodeText` gives it; undefined for bytes that are neither. */
export function decodeUnicode(bytes: Uint8Array): string | undefined {
  try {
    return new TextDecoder(encodingOf(bytes), { fatal: true }).decode(bytes);
  } catch {
    return undefined;
  }
}

function encodingOf(bytes: Uint8Array): "utf-8" | "utf-16le" | "utf-16be" {
  if (bytes[0] === 0xff && bytes[1] === 0xfe) return "utf-16le";
  if (bytes[0] === 0xfe && bytes[1] === 0xff) return "utf-16be";
  // Letters, tabs and commas have one byte of 0 in UTF-16: the second of two where the low byte comes first.
  const pairs = Math.min(bytes.length, sampleBytes) >> 1;
  let first = 0;
  let second = 0;
  for (let k = 0; k < pairs; k++) {
    if (bytes[2 * k] === 0) first++;
    if (bytes[2 * k + 1] === 0) second++;
  }
  if (second > pairs / 2 && first < pairs / 10) return "utf-16le";
  if (first > pairs / 2 && second < pairs / 10) return "utf-16be";
  return "utf-8";
}

/** Control and format characters, which are not seen or change how a line looks; but not the two that letters of a script need. */
const hidden = /(?![\u200c\u200d])[\p{Cc}\p{Cf}\u2028\u2029]/gu;

/**
 * A name for a terminal: what would move its cursor, forge a line, turn the direction of writing or not be seen has the escapes of JSON
 * ("\u001b", "\n").
 */
export function withEscapes(name: string): string {
  return name.replace(hidden, (one) => (one === "\n" ? "\\n" : one === "\t" ? "\\t" : unitsOf(one)));
}

/** Two units of UTF-16 for a character beyond the first 65,536. */
function unitsOf(character: string): string {
  return Array.from({ length: character.length }, (_, k) => {
    return `\\u${character.charCodeAt(k).toString(16).padStart(4, "0")}`;
  }).join("");
}

/** A message of another program, such as ONNX Runtime, which ends some of its sentences with a line break: on one line. */
export function onOneLine(message: string): string {
  return message.trim().replaceAll(/\s+/g, " ");
}
