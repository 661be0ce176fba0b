import { type Html, html } from "../html/html.ts";
import { shortNumber } from "../html/numbers.ts";

const width = 620;
const height = 150;
const base = height - 24;
const bins = 40;

/** The largest statistics of the relabellings, and the observed one. */
export function histogram(values: readonly number[], observed: number): Html {
  const finite = values.filter((value) => Number.isFinite(value));
  if (finite.length === 0 || !Number.isFinite(observed)) return html``;
  const sorted = finite.toSorted((a, b) => a - b);
  const low = Math.min(sorted[0] ?? 0, observed);
  const high = Math.max(sorted.at(-1) ?? 0, observed);
  const isWide = low > 0 && high / low > 50;
  const distance = (value: number) => (isWide ? Math.log(value / low) : value - low);
  const place = (value: number) => distance(value) / (distance(high) || 1);
  const counts = new Array<number>(bins).fill(0);
  for (const value of finite) {
    const bin = Math.min(bins - 1, Math.floor(place(value) * bins));
    counts[bin] = (counts[bin] ?? 0) + 1;
  }
  const most = Math.max(...counts);
  // p ≤ 0.05 is beyond the value that 5 % of the relabellings reach.
  const limit = sorted[Math.ceil(0.95 * sorted.length) - 1] ?? high;
  const x = (value: number) => Math.round(place(value) * width);
  const bars = counts.map((count, k) => {
    const size = Math.round((count / most) * (base - 16));
    const left = Math.round((k / bins) * width);
    const isBeyond = (k + 0.5) / bins > place(limit);
    return html`<rect class="${isBeyond ? "bar" : "rest"}" x="${left}" y="${base - size}" width="${Math.floor(width / bins) - 1}" height="${size}"/>`;
  });
  const label = `Largest |t| of ${finite.length} relabellings: 95 % are at most ${shortNumber(limit)}; observed ${shortNumber(observed)}`;
  return html`<figure><svg viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img" aria-label="${label}">
${bars}<line class="axis" x1="0" y1="${base}" x2="${width}" y2="${base}"/>
<line class="seen" x1="${x(observed)}" y1="4" x2="${x(observed)}" y2="${base}"/>
<text x="0" y="${height - 8}">${shortNumber(low)}</text><text x="${width}" y="${height - 8}" text-anchor="end">${shortNumber(high)}</text>
</svg><figcaption>${label} (line)${isWide && ", on a logarithmic axis"}.</figcaption></figure>`;
}
