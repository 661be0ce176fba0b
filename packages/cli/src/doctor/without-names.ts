export interface PrivateNames {
  readonly home: string;
  readonly user: string;
  readonly host: string;
}

/**
 * A text that can be shown to strangers: home folders, the user's name in paths and the machine's name are replaced,
 * and paths into node_modules are cut to the part below it.
 */
export function withoutNames(text: string, { home, user, host }: PrivateNames): string {
  const rules: readonly (readonly [RegExp, string])[] = [
    [/(?:[A-Za-z]:)?(?:[\\/][^\\/"']+)*[\\/]node_modules(?=[\\/])/g, "<node_modules>"],
    [literal(home.length > 1 ? home : "", "", "(?![\\w-])"), "<home>"],
    // A user may be called "node": only in a path it is a name.
    [literal(user, "(?<=[\\\\/])", "(?![\\w.-])"), "<user>"],
    [literal(host, "(?<![\\w-])", "(?![\\w-])"), "<host>"],
    [/(?<=[\\/](?:home|Users)[\\/])[^\\/\s"'<]+/g, "<user>"],
  ];
  return rules.reduce((before, [pattern, name]) => before.replaceAll(pattern, name), text);
}

/** A word between two conditions; matches nothing where there is no word. */
function literal(word: string, before: string, behind: string): RegExp {
  const escaped = word.replaceAll(/[.*+?^${}()|[\]\\]/g, "\\$&");
  return new RegExp(word === "" ? "(?!)" : `${before}${escaped}${behind}`, "g");
}
