const minus = "\u2212";

/** A number as tables show it: four digits, a real minus sign, powers of ten only where they are needed. */
export function shortNumber(value: number): string {
  if (Number.isNaN(value)) return "n/a";
  if (!Number.isFinite(value)) return value > 0 ? "∞" : `${minus}∞`;
  if (Number.isInteger(value) && Math.abs(value) < 1e7) return String(value).replace("-", minus);
  const size = Math.abs(value);
  if (size >= 1e-3 && size < 1e5) return String(Number(value.toPrecision(4))).replace("-", minus);
  const [mantissa = "", exponent = ""] = value.toExponential(2).split("e");
  return `${mantissa.replace("-", minus)} × 10${raised(Number(exponent))}`;
}

/** A whole number in raised digits. */
function raised(exponent: number): string {
  return Array.from(String(exponent), (digit) => (digit === "-" ? "⁻" : "⁰¹²³⁴⁵⁶⁷⁸⁹"[Number(digit)])).join(
    "",
  );
}

/** A p-value: "0.036", "< 0.0001". */
export function pText(p: number): string {
  if (Number.isNaN(p)) return "n/a";
  return p < 1e-4 ? "< 0.0001" : String(Number(p.toPrecision(3)));
}

/** "1 session", "2 sessions". */
export function counted(count: number, noun: string): string {
  return `${count} ${count === 1 ? noun : `${noun}s`}`;
}

/** The number in a cell; NaN where there is none. */
export function numberIn(cell: string | number | null | undefined): number {
  if (typeof cell === "number") return cell;
  return cell === undefined || cell === null || cell.trim() === "" ? Number.NaN : Number(cell);
}
