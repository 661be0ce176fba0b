/**
 * Values with zeros in the place of NaN, as ClinicaDL 1.x makes them.
 * @returns The same array where it has none, and how many there were.
 */
export function replaceNaN(data: Float32Array): { readonly data: Float32Array; readonly count: number } {
  let count = 0;
  for (const value of data) if (Number.isNaN(value)) count++;
  if (count === 0) return { data, count };
  return { data: data.map((value) => (Number.isNaN(value) ? 0 : value)), count };
}
