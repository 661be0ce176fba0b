export interface PrivateNames {
  readonly home: string;
  readonly user: string;
  readonly host: string;
}

/**
 * A text that can be shown to strangers: home folders, the user's name and the machine's are replaced, and of paths
 * into node_modules only what lies below it is left.
 */
export function withoutNames(text: string, { home, user, host }: PrivateNames): string {
  const noPaths = text.replaceAll(
    /(?:[A-Za-z]:)?(?:[\\/][^\\/"']+)*[\\/]node_modules(?=[\\/])/g,
    "<node_modules>",
  );
  return replaceWord(
    replaceWord(noPaths.replaceAll(home, "<home>"), user, "<user>"),
    host,
    "<host>",
  ).replaceAll(/([\\/](?:home|Users)[\\/])[^\\/\s"']+/g, "$1<user>");
}

/** Only where it stands by itself: the user "ort" is no part of "report". */
function replaceWord(text: string, word: string, by: string): string {
  const escaped = word.replaceAll(/[.*+?^${}()|[\]\\]/g, "\\$&");
  return word === "" ? text : text.replaceAll(new RegExp(`(?<![\\w-])${escaped}(?![\\w-])`, "g"), by);
}
