/** A sentence below a picture, made of those parts that are defined. */
export function caption(...parts: readonly (string | undefined)[]): string {
  const text = parts.filter((part) => part).join("; ");
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}.`;
}
