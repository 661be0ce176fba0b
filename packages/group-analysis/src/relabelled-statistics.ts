import { float64At, int32At, outside } from "./elements.ts";
import { varianceFloor } from "./fit.ts";
import type { Model, Statistic } from "./model.ts";
import type { Relabelling } from "./relabellings.ts";
import type { RowMatrix } from "./row-matrix.ts";
import { dot, removeAlong } from "./vectors.ts";

/** What does not change under relabelling, per column. */
export interface ColumnSums {
  /** The mean over rows for two groups; 0 for one sample. */
  readonly mean: Float64Array;
  /** The sum of squares of what the nuisance columns leave: RᵀR of Freedman & Lane 1983. */
  readonly squares: Float64Array;
}

/** Columns that are computed at a time: rows × block stay in the cache for all relabellings of a batch. */
const blockLength = 256;

/** Computes `ColumnSums`. Where nuisance columns leave less than rounding, the square sum is 0. */
export function columnSums({ data, columns }: RowMatrix, { rows, kind, nuisance }: Model): ColumnSums {
  const mean = new Float64Array(columns);
  const squares = new Float64Array(columns);
  if (kind === "two-groups") {
    for (let i = 0; i < rows; i++) {
      for (let v = 0; v < columns; v++) {
        const sum = mean[v];
        const value = data[i * columns + v];
        if (sum === undefined || value === undefined) throw outside(v);
        mean[v] = sum + value;
      }
    }
    for (let v = 0; v < columns; v++) mean[v] = float64At(mean, v) / rows;
  }
  for (let i = 0; i < rows; i++) {
    for (let v = 0; v < columns; v++) {
      const sum = squares[v];
      const value = data[i * columns + v];
      const centre = mean[v];
      if (sum === undefined || value === undefined || centre === undefined) throw outside(v);
      squares[v] = sum + (value - centre) ** 2;
    }
  }
  // The first nuisance column of two groups is the intercept, which the mean has taken.
  const others = kind === "two-groups" ? nuisance.slice(1) : nuisance;
  if (others.length === 0) return { mean, squares };
  const rest = new Float64Array(rows);
  for (let v = 0; v < columns; v++) {
    const centre = float64At(mean, v);
    for (let i = 0; i < rows; i++) {
      const value = data[i * columns + v];
      if (value === undefined) throw outside(i * columns + v);
      rest[i] = value - centre;
    }
    for (const unit of others) removeAlong(unit, rest);
    const left = dot(rest, rest);
    squares[v] = left > 1e-20 * float64At(squares, v) ? left : 0;
  }
  return { mean, squares };
}

/** Where statistics go: relabelling k at column v to `values[k * stride + start + v]`. */
export interface StatisticsPlace {
  readonly values: Float64Array;
  readonly stride: number;
  readonly start: number;
}

/**
 * The statistic of each relabelling at each column. The model is fitted to the
 * relabelled residuals of the nuisance columns (Freedman & Lane 1983; Winkler et al. 2014); RSS = RᵀR − |QᵀPR|² needs one dot
 * product per column of the model, with weights that are the same for all voxels.
 */
export function relabelledStatistics(
  matrix: RowMatrix,
  model: Model,
  sums: ColumnSums,
  statistic: Statistic,
  relabelled: readonly Relabelling[],
  place: StatisticsPlace,
): void {
  const into = place.values;
  if (statistic === "welch") {
    welchStatistics(matrix, model, sums, relabelled, place);
    return;
  }
  const { columns } = matrix;
  const projections = relabelled.map((relabelling) => projectionsOf(model, relabelling));
  const sumsOfBlock = new Float64Array(blockLength);
  const explained = new Float64Array(blockLength);
  for (let start = 0; start < columns; start += blockLength) {
    const width = Math.min(blockLength, columns - start);
    projections.forEach(({ tested, others }, k) => {
      explained.fill(0);
      for (const other of others) {
        project(matrix, other, sums.mean, start, width, sumsOfBlock);
        for (let v = 0; v < width; v++) {
          const sum = float64At(sumsOfBlock, v);
          explained[v] = float64At(explained, v) + sum * sum;
        }
      }
      project(matrix, tested, sums.mean, start, width, sumsOfBlock);
      const to = k * place.stride + place.start + start;
      if (statistic === "difference") {
        for (let v = 0; v < width; v++) {
          const sum = unlessRounding(float64At(sumsOfBlock, v), float64At(sums.squares, start + v));
          into[to + v] = sum / model.testedLength;
        }
      } else {
        studentize(sumsOfBlock, explained, sums.squares, start, width, model, into, to);
      }
    });
  }
}

/** Sums that are 0 but for rounding are 0, so that they are ties. */
function unlessRounding(sum: number, squares: number): number {
  return sum * sum > 1e-24 * squares ? sum : 0;
}

function studentize(
  along: Float64Array,
  explained: Float64Array,
  squares: Float64Array,
  start: number,
  width: number,
  { rows, df }: Model,
  into: Float64Array,
  to: number,
): void {
  const least = varianceFloor / (rows - 1);
  for (let v = 0; v < width; v++) {
    const total = squares[start + v];
    const sum = along[v];
    const others = explained[v];
    if (total === undefined || sum === undefined || others === undefined) throw outside(v);
    const u = unlessRounding(sum, total);
    const variance = Math.max((total - others - u * u) / df, least * total);
    into[to + v] = total > 0 ? u / Math.sqrt(variance) : 0;
  }
}

/** A weighted sum over rows: Σ weightᵢ · yᵢ + offset · mean. */
interface Projection {
  readonly rows: Int32Array;
  readonly weights: Float64Array;
  readonly offset: number;
}

/** The dot products of the relabelled residuals with the columns of the model, as sums over the data. */
interface Projections {
  /** With the tested column. */
  readonly tested: Projection;
  /** With the nuisance columns. */
  readonly others: readonly Projection[];
}

function projectionsOf(model: Model, { rowOf, signs }: Relabelling): Projections {
  const { kind, nuisance, tested, adjusted } = model;
  if (kind === "two-groups" && !adjusted) return { tested: sumOverOneGroup(model, rowOf), others: [] };
  const others = kind === "two-groups" ? nuisance.slice(1) : nuisance;
  const projectionOn = (column: Float64Array): Projection => {
    const weights = Float64Array.from(signs, (sign, row) => sign * float64At(column, int32At(rowOf, row)));
    // The residuals of the nuisance columns: the projection is symmetric, so it may be taken of the weights.
    for (const unit of nuisance) removeAlong(unit, weights);
    const total = kind === "two-groups" ? weights.reduce((sum, weight) => sum + weight, 0) : 0;
    return { rows: Int32Array.from(weights, (_, row) => row), weights, offset: -total };
  };
  return { tested: projectionOn(tested), others: others.map(projectionOn) };
}

/** Without covariates the tested column has two values, so that a sum over the smaller group is enough. */
function sumOverOneGroup({ x, tested }: Model, rowOf: Int32Array): Projection {
  const inA = rowsOfA(x, rowOf);
  const inB = Array.from(rowOf.keys()).filter((row) => x[int32At(rowOf, row)] !== 1);
  const weightA = float64At(tested, x.indexOf(1));
  const weightB = float64At(tested, x.indexOf(0));
  const rows = inA.length <= inB.length ? inA : inB;
  const weight = inA.length <= inB.length ? weightA - weightB : weightB - weightA;
  return {
    rows: Int32Array.from(rows),
    weights: new Float64Array(rows.length).fill(weight),
    offset: -weight * rows.length,
  };
}

function rowsOfA(x: Float64Array, rowOf: Int32Array): number[] {
  return Array.from(rowOf.keys()).filter((row) => x[int32At(rowOf, row)] === 1);
}

/** Four rows at a time, so that the sums are loaded and stored a quarter as often. */
function project(
  { data, columns }: RowMatrix,
  { rows, weights, offset }: Projection,
  mean: Float64Array,
  start: number,
  width: number,
  into: Float64Array,
): void {
  for (let v = 0; v < width; v++) into[v] = offset * float64At(mean, start + v);
  let i = 0;
  for (; i + 4 <= rows.length; i += 4) {
    const a = int32At(rows, i) * columns + start;
    const b = int32At(rows, i + 1) * columns + start;
    const c = int32At(rows, i + 2) * columns + start;
    const d = int32At(rows, i + 3) * columns + start;
    const wa = float64At(weights, i);
    const wb = float64At(weights, i + 1);
    const wc = float64At(weights, i + 2);
    const wd = float64At(weights, i + 3);
    for (let v = 0; v < width; v++) {
      const sum = into[v];
      const ya = data[a + v];
      const yb = data[b + v];
      const yc = data[c + v];
      const yd = data[d + v];
      if (sum === undefined || ya === undefined || yb === undefined) throw outside(v);
      if (yc === undefined || yd === undefined) throw outside(v);
      into[v] = sum + (wa * ya + wb * yb + (wc * yc + wd * yd));
    }
  }
  for (; i < rows.length; i++) {
    const a = int32At(rows, i) * columns + start;
    const weight = float64At(weights, i);
    for (let v = 0; v < width; v++) {
      const sum = into[v];
      const value = data[a + v];
      if (sum === undefined || value === undefined) throw outside(v);
      into[v] = sum + weight * value;
    }
  }
}

function welchStatistics(
  { data, columns }: RowMatrix,
  { x, rows }: Model,
  { mean, squares }: ColumnSums,
  relabelled: readonly Relabelling[],
  place: StatisticsPlace,
): void {
  const sums = new Float64Array(blockLength);
  const powers = new Float64Array(blockLength);
  const groups = relabelled.map(({ rowOf }) => rowsOfA(x, rowOf));
  for (let start = 0; start < columns; start += blockLength) {
    const width = Math.min(blockLength, columns - start);
    groups.forEach((inA, k) => {
      sums.fill(0);
      powers.fill(0);
      for (const row of inA) {
        const from = row * columns + start;
        for (let v = 0; v < width; v++) {
          const value = data[from + v];
          const centre = mean[start + v];
          const sum = sums[v];
          const power = powers[v];
          if (value === undefined || centre === undefined) throw outside(from + v);
          if (sum === undefined || power === undefined) throw outside(v);
          const y = value - centre;
          sums[v] = sum + y;
          powers[v] = power + y * y;
        }
      }
      const nA = inA.length;
      const nB = rows - nA;
      for (let v = 0; v < width; v++) {
        const total = float64At(squares, start + v);
        const power = float64At(powers, v);
        const sum = unlessRounding(float64At(sums, v), total);
        // About the mean of all rows, the sum over B is minus the sum over A.
        const squaresA = Math.max(power - (sum * sum) / nA, 0);
        const squaresB = Math.max(total - power - (sum * sum) / nB, 0);
        const variance = squaresA / (nA - 1) / nA + squaresB / (nB - 1) / nB;
        const least = (varianceFloor * total) / (rows - 1);
        place.values[k * place.stride + place.start + start + v] =
          total > 0 ? (sum / nA + sum / nB) / Math.sqrt(Math.max(variance, least)) : 0;
      }
    });
  }
}
