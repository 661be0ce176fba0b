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
  const [mantissa, exponent] = split(Number(value.toPrecision(3)));
  if (mantissa === 0) return { digits: "0", exponent };
  return { digits: withSign(mantissa, mantissa.toFixed(threeDigits(mantissa))), exponent };
}

/** Five ticks from +vmax down to −vmax, with their signs, and the power of ten they share. */
export function scaleTicks(vmax: number): { readonly ticks: readonly string[]; readonly exponent: number } {
  const [end, exponent] = split(vmax);
  // Digits enough for the end and its half to be exact; three where that would be many.
  const isExact = (places: number) =>
    [end, end / 2].every((value) => Math.abs(Number(value.toFixed(places)) - value) < 1e-9 * end);
  const places = [0, 1, 2, 3].find(isExact) ?? threeDigits(end);
  const values = [end, end / 2, 0, -end / 2, -end];
  return {
    ticks: values.map((value) => (value === 0 ? "0" : withSign(value, value.toFixed(places)))),
    exponent,
  };
}

/** Millimetres, to a tenth where it is not a whole number. */
export function millimetreText(value: number): string {
  const rounded = Math.round(value * 10) / 10;
  const digits = Number.isInteger(rounded) ? String(rounded || 0) : rounded.toFixed(1);
  return digits.replace("-", minus);
}

/** Mantissa and power of ten; numbers from a hundredth to ten thousand need no power. */
function split(value: number): [mantissa: number, exponent: number] {
  const size = Math.abs(value);
  if (size === 0 || (size >= 0.01 && size < 10000)) return [value, 0];
  const [mantissa, exponent] = value.toExponential().split("e");
  return [Number(mantissa), Number(exponent)];
}

/** Decimal places that make three digits of a number. */
function threeDigits(value: number): number {
  return Math.max(0, 2 - Math.floor(Math.log10(Math.abs(value))));
}

function withSign(value: number, digits: string): string {
  return value > 0 ? `+${digits}` : digits.replace("-", minus);
}
