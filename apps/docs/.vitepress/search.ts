// How the site is searched. Both functions are written into the built pages, so they use nothing around them.

/**
 * The words by which a text is found: those between spaces and signs, and names such as keep_true and nifti-template whole as well
 * as in parts, for "keep" and "true" are on nearly every page.
 */
export function searchWords(text: string): string[] {
  const names = text.match(/[\p{L}\p{N}]+(?:[_-][\p{L}\p{N}]+)*/gu) ?? [];
  return names.flatMap((name) => (/[_-]/.test(name) ? [name, ...name.split(/[_-]/)] : [name]));
}

/** How much a section counts: that of the reference first, long as it is, and the API of the packages last. */
export function sectionWeight(address: string): number {
  if (address.includes("/reference/")) return 4;
  return address.includes("/api/") ? 0.5 : 1;
}
