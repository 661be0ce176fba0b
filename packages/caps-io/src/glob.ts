/** The names that a glob stands for, in letters of either case: `*` is any text, `?` any character. */
export function globPattern(glob: string, flags: "i" | "" = "i"): RegExp {
  const escaped = glob.replace(/[.+^${}()|[\]\\]/g, "\\$&");
  return new RegExp(`^${escaped.replaceAll("*", ".*").replaceAll("?", ".")}$`, flags);
}
