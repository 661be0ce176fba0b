/**
 * Text in which nothing is hidden: control characters, marks that turn the direction of writing, invisible characters and halves of
 * surrogate pairs become their numbers, "⟨U+202E⟩". Line breaks and tabs become spaces.
 */
export function visibleText(text: string): string {
  return text
    .replaceAll(/[\t\n\r]+/g, " ")
    .replaceAll(hidden, (character) => `⟨U+${hexadecimal(character)}⟩`);
}

/** Control, format and private characters, surrogates without their other half, and separators of lines. */
const hidden = /[\p{Cc}\p{Cf}\p{Co}\p{Cs}\u2028\u2029]/gu;

function hexadecimal(character: string): string {
  return (character.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, "0");
}
