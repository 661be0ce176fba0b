/** Whether a field has no value: it is empty, or the "n/a" of BIDS. */
export function isMissing(field: string): boolean {
  return field === "" || field.toLowerCase() === "n/a";
}
