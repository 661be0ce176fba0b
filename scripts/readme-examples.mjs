// What a README shows as code, and says that it prints.

/** @typedef {{ readonly code: string, readonly printed: readonly string[] }} Example */

/**
 * The first TypeScript block, and what its comments behind or below console.log(…) say is printed.
 * @param {string} markdown @returns {Example}
 */
export function firstExample(markdown) {
  const code = /^```(?:ts|js)\n([\s\S]*?)^```$/m.exec(markdown)?.[1] ?? "";
  const comments = code.matchAll(/console\.log\([^;]*\);\s*\/\/ (.*)$/gm);
  return { code, printed: Array.from(comments, ([, text]) => (text ?? "").trim()) };
}

/**
 * The example for browsers: the one below "In a browser", else the first, unless it needs Node.
 * @param {string} markdown @returns {Example | undefined}
 */
export function browserExample(markdown) {
  const own = markdown.search(/^In a browser\b/m);
  const example = firstExample(own === -1 ? markdown : markdown.slice(own));
  return /from "(node:|@voxplain\/([\w-]+\/node|cli|runtime-node|sample|writers\/pictures)")/.test(
    example.code,
  )
    ? undefined
    : example;
}

/**
 * The packages that the README says are to be installed, with their versions; "*" where it says none.
 * @param {string} markdown @returns {Readonly<Record<string, string>>}
 */
export function installedPackages(markdown) {
  const lines = Array.from(
    markdown.matchAll(/^npm install (?:--[\w-]+ )*(.*)$/gm),
    ([, words]) => words ?? "",
  );
  const names = lines.flatMap((words) => words.split(" ")).filter(Boolean);
  return Object.fromEntries(
    names.map((name) => {
      const at = name.lastIndexOf("@");
      return at > 0 ? [name.slice(0, at), name.slice(at + 1)] : [name, "*"];
    }),
  );
}
