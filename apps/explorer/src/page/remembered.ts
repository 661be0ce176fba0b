/** What is kept for the next visit; undefined where nothing is, or where the browser keeps nothing. */
export function recall(key: string, visits: "all" | "this" = "all"): string | undefined {
  try {
    return storage(visits).getItem(key) ?? undefined;
  } catch {
    return undefined;
  }
}

/** @returns whether the browser keeps it: some are set to keep nothing, and throw. */
export function remember(key: string, value: string, visits: "all" | "this" = "all"): boolean {
  try {
    storage(visits).setItem(key, value);
    return true;
  } catch {
    return false;
  }
}

/** Nothing of it is kept any longer. */
export function forgetRemembered(key: string, visits: "all" | "this" = "all"): void {
  try {
    storage(visits).removeItem(key);
  } catch {
    // Where the browser keeps nothing, nothing is left.
  }
}

function storage(visits: "all" | "this"): Storage {
  return visits === "all" ? localStorage : sessionStorage;
}
