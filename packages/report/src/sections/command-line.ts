/** A command as a shell of POSIX reads it. */
export function commandLine(words: readonly string[]): string {
  return words.map(shellWord).join(" ");
}

/** What is not seen on a page or in a terminal. */
const hidden = /[\p{Cc}\p{Cf}\p{Co}\p{Cs}\u2028\u2029]/gu;

/** A word of a command. Where characters of it are not seen, it has their numbers, as bash, zsh and ksh read them (`$'\n'`). */
export function shellWord(word: string): string {
  // An equals sign in front is a command of zsh.
  if (/^[\w@%+:,./-][\w@%+=:,./-]*$/.test(word)) return word;
  if (word.search(hidden) < 0) return `'${word.replaceAll("'", "'\\''")}'`;
  return `$'${word.replaceAll(/[\\']/g, "\\$&").replace(hidden, (one) => escaped(one))}'`;
}

function escaped(character: string): string {
  if (character === "\n") return "\\n";
  const number = (character.codePointAt(0) ?? 0).toString(16);
  return number.length > 4 ? `\\U${number.padStart(8, "0")}` : `\\u${number.padStart(4, "0")}`;
}

/** A path as an argument: a file whose name begins with a dash is no option. */
export function pathArgument(path: string): string {
  return path.startsWith("-") ? `./${path}` : path;
}
