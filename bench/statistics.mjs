// Small statistics for tables of measurements.
export function median(values) {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length / 2;
  return (sorted[Math.ceil(middle) - 1] + sorted[Math.floor(middle)]) / 2;
}

export function table(rows) {
  const widths = rows[0].map((_, column) => Math.max(...rows.map((row) => String(row[column]).length)));
  return rows.map((row) => row.map((cell, k) => String(cell).padEnd(widths[k])).join("  ")).join("\n");
}

/** Spearman's: the correlation of ranks; ties share their mean rank. */
export function rankCorrelation(a, b) {
  const [x, y] = [ranks(a), ranks(b)];
  const centre = (a.length - 1) / 2;
  let [xy, xx, yy] = [0, 0, 0];
  for (let k = 0; k < a.length; k++) {
    xy += (x[k] - centre) * (y[k] - centre);
    xx += (x[k] - centre) ** 2;
    yy += (y[k] - centre) ** 2;
  }
  return xy / Math.sqrt(xx * yy);
}

function ranks(values) {
  return values.map((value) => {
    const below = values.filter((other) => other < value).length;
    const alike = values.filter((other) => other === value).length;
    return below + (alike - 1) / 2;
  });
}
