import { elementAt } from "@voxplain/core";
import { type QuadratureRule, quadrature } from "./quadrature.ts";
import { addRun, addScaled } from "./vectors.ts";

/** The gradient along a path from 0 to 1, to be integrated. */
export interface RefinedPath {
  readonly rule: QuadratureRule;
  /** About how many points the first estimate takes. */
  readonly steps: number;
  /** At how many points the gradient may be computed. */
  readonly maxPoints: number;
  /** Computes the gradients at some positions, and gives them one by one, in order. */
  gradientsAt(positions: readonly number[], read: (gradient: Float32Array) => void): Promise<void>;
  /** The L2 norm of the map that an integral (or a change of it) makes. */
  norm(integral: Float64Array): number;
  /**
   * Whether the integral so far will do, judged by the change of the map in the last refinements, in L2 norm. "unseen" where
   * they changed it little and the integral is off all the same.
   */
  judge(integral: Float64Array, change: number): "reached" | "changing" | "unseen";
}

export interface PathIntegral {
  readonly converged: boolean;
  /** Positions at which the gradient was computed; one that was computed again counts again. */
  readonly points: number;
}

/** A part of the path, whose integral is estimated by the rule. */
interface Panel {
  readonly start: number;
  readonly end: number;
  /** Its share of the change of the map, in L2 norm, when it was split off. */
  readonly change: number;
}

/** The fewest points with which the first estimate can be made and checked once. */
export function fewestPoints(rule: QuadratureRule, steps: number): number {
  const { length } = splittingOf(rule);
  return length * Math.ceil(steps / length);
}

/**
 * Adds the integral of the gradient to `sum`. The path is divided into panels, each into thirds, and the thirds for
 * which the map changed most are divided again, until the integral will do. What is off and has not been seen by any
 * change is looked for in the widest panels. Only `sum`, the change of a panel and the
 * change of a round are kept in memory: the gradients of a panel that is divided again are computed again.
 */
export async function integrateRefined(path: RefinedPath, sum: Float64Array): Promise<PathIntegral> {
  const splitting = splittingOf(path.rule);
  const count = Math.ceil(path.steps / splitting.length);
  const change = new Float64Array(sum.length);
  const changeOfRound = new Float64Array(sum.length);
  const done: Panel[] = [];
  let next: readonly Panel[] = Array.from({ length: count }, (_, k) => ({
    ...{ start: k / count, end: (k + 1) / count },
    change: Number.POSITIVE_INFINITY,
  }));
  let points = 0;
  while (next.length > 0) {
    const positions = next.flatMap(({ start, end }) => splitting.map(({ at }) => between(start, end, at)));
    let index = 0;
    changeOfRound.fill(0);
    await path.gradientsAt(positions, (gradient) => {
      const panel = elementAt(next, Math.floor(index / splitting.length));
      const { coarse, fine } = elementAt(splitting, index % splitting.length);
      const width = panel.end - panel.start;
      // What the panel added before, if anything, gives way to what its thirds add.
      const isNew = panel.change === Number.POSITIVE_INFINITY;
      if (isNew && coarse !== 0) addScaled(sum, gradient, 0, width * coarse);
      addScaled(change, gradient, 0, width * (fine - coarse));
      index++;
      if (index % splitting.length > 0) return;
      addRun(sum, 0, change, 0, sum.length, 1);
      addRun(changeOfRound, 0, change, 0, change.length, 1);
      done.push(...thirds(panel, path.norm(change)));
      change.fill(0);
    });
    points += positions.length;
    const total = Math.sqrt(done.reduce((squares, panel) => squares + panel.change ** 2, 0));
    const verdict = path.judge(sum, Math.max(total, path.norm(changeOfRound)));
    if (verdict === "reached") return { converged: true, points };
    if (!Number.isFinite(total)) break;
    const most = Math.floor((path.maxPoints - points) / splitting.length);
    next = verdict === "unseen" ? takeWidest(done, most) : takeWorst(done, total, most);
  }
  return { converged: false, points };
}

/** Takes the panels that make up half of the squared change, `most` at most. */
function takeWorst(panels: Panel[], total: number, most: number): readonly Panel[] {
  panels.sort((a, b) => b.change - a.change);
  let left = total ** 2 / 2;
  let count = 0;
  for (const { change } of panels) {
    if (left <= 0) break;
    left -= change ** 2;
    count++;
  }
  return panels.splice(0, Math.max(0, Math.min(count, most)));
}

/** Takes the panels that are at least half as wide as the widest, `most` at most. */
function takeWidest(panels: Panel[], most: number): readonly Panel[] {
  const width = ({ start, end }: Panel) => end - start;
  panels.sort((a, b) => width(b) - width(a));
  const [widest] = panels;
  if (widest === undefined) return [];
  const count = panels.filter((panel) => width(panel) > width(widest) / 2).length;
  return panels.splice(0, Math.max(0, Math.min(count, most)));
}

function thirds({ start, end }: Panel, change: number): Panel[] {
  return [0, 1, 2].map((k) => ({
    start: between(start, end, k / 3),
    end: between(start, end, (k + 1) / 3),
    change: change / Math.sqrt(3),
  }));
}

function between(start: number, end: number, at: number): number {
  return at === 1 ? end : start + at * (end - start);
}

/** A point of a panel from 0 to 1, with its weight before and after the panel is divided into thirds. */
interface SplitPoint {
  readonly at: number;
  readonly coarse: number;
  readonly fine: number;
}

/** Points of the rule in one panel. */
const pointsOfPanel: Readonly<Record<QuadratureRule, number>> = {
  riemann_left: 1,
  riemann_right: 1,
  riemann_middle: 1,
  riemann_trapezoid: 2,
  gausslegendre: 4,
};

function splittingOf(rule: QuadratureRule): readonly SplitPoint[] {
  const { points, weights } = quadrature(rule, pointsOfPanel[rule]);
  const coarse = points.map((at, k) => ({ at, coarse: elementAt(weights, k), fine: 0 }));
  const fine = [0, 1, 2].flatMap((third) =>
    points.map((at, k) => ({ at: (third + at) / 3, coarse: 0, fine: elementAt(weights, k) / 3 })),
  );
  const merged: SplitPoint[] = [];
  for (const point of [...coarse, ...fine].sort((a, b) => a.at - b.at)) {
    const last = merged.at(-1);
    if (last === undefined || point.at - last.at > 1e-9) merged.push(point);
    else {
      const [coarse, fine] = [last.coarse + point.coarse, last.fine + point.fine];
      merged[merged.length - 1] = { at: last.at, coarse, fine };
    }
  }
  return merged;
}
