/** A message that another sentence will follow: with its full stop, unless it ends with a mark of its own. */
export function sentence(message: string): string {
  return /[.?!]$/.test(message) ? message : `${message}.`;
}
