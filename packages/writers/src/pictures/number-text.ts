/** A number as it is printed: digits, and a power of ten where it would be long without. */
export interface NumberText {
  readonly digits: string;
  /** 0: none. */
  readonly exponent: number;
}

const minus = "\u2212";

/** A value with its sign and three digits: "+0.128", "−1.53 × 10⁻⁴". */
export function numberText(value: number): NumberText {
  if (!Number.isFinite(value)) return { digits: Number.isNaN(value) ? "NaN" : "infinite", exponent: 0 };
  const exponent = commonExponent(value);
  const scaled = value / 10 ** exponent;
  const decimals = scaled === 0 ? 0 : Math.max(0, 2 - Math.floor(Math.log10(Math.abs(scaled))));
  return { digits: `${value > 0 ? "+" : ""}${signed(scaled.toFixed(decimals))}`, exponent };
}

/** Five ticks from +vmax down to −vmax, with their signs, and the power of ten they share. */
export function scaleTicks(vmax: number): { readonly ticks: readonly string[]; readonly exponent: number } {
  const exponent = commonExponent(vmax);
  const end = vmax / 10 ** exponent;
  // Digits enough for the end and its half to be exact, up to three.
  const places = [0, 1, 2, 3].find((d) =>
    [end, end / 2].every((v) => Math.abs(Number(v.toFixed(d)) - v) < 1e-9 * end),
  );
  const decimals = places ?? Math.max(0, 2 - Math.floor(Math.log10(end)));
  const spell = (value: number) =>
    value === 0 ? "0" : `${value > 0 ? "+" : ""}${signed(value.toFixed(decimals))}`;
  return { ticks: [end, end / 2, 0, -end / 2, -end].map(spell), exponent };
}

/** Millimetres, to a tenth where it is not a whole number. */
export function millimetreText(value: number): string {
  const rounded = Math.round(value * 10) / 10;
  return signed(Number.isInteger(rounded) ? String(rounded || 0) : rounded.toFixed(1));
}

/** Numbers from a hundredth to ten thousand need no power of ten. */
function commonExponent(value: number): number {
  const size = Math.abs(value);
  return size === 0 || (size >= 0.01 && size < 10000) ? 0 : Math.floor(Math.log10(size));
}

function signed(digits: string): string {
  return digits.replace("-", minus);
}
