/** A sentence below a picture: its parts, without those that there are not. */
export function caption(...parts: readonly (string | undefined)[]): string {
  const text = parts.filter((part) => part).join("; ");
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}.`;
}
