import { elementCount } from "@voxplain/core";
import type { LabelVolume, MethodOptionValue } from "@voxplain/saliency";

/** What decides how often a method asks the network. */
export interface PlannedMethod {
  readonly name: string;
  /** By the names of the method's options, with their defaults. */
  readonly values: Readonly<Record<string, MethodOptionValue | undefined>>;
  readonly inner?: PlannedMethod;
}

/** About how many inputs a method sends through the network for one image: an estimate, for the progress. */
export function expectedPasses({ name, values, inner }: PlannedMethod, spatial: readonly number[]): number {
  const samples = integer(values.samples) ?? 1;
  switch (name) {
    case "integrated-gradients": {
      const steps = integer(values.steps) ?? 32;
      if (values.tolerance === undefined) return steps + 2;
      // How many a tolerance takes is known afterwards only.
      return Math.min(4 * steps, integer(values.maxPasses) ?? 1000) + 2;
    }
    case "expected-gradients":
      return samples + Math.min(samples, cohortLength(values.references)) + 1;
    case "smoothgrad":
    case "smoothgrad-squared":
    case "vargrad":
      return samples * (inner ? expectedPasses(inner, spatial) : 1) + 1;
    case "occlusion":
      return windowCount(values, spatial) + 1;
    case "region-occlusion":
      return regionCount(values, spatial) + 1;
    case "kernel-shap": {
      const regions = regionCount(values, spatial);
      return Math.min(samples, regions < 30 ? 2 ** regions - 2 : samples) + 2;
    }
    case "guided-grad-cam":
    case "deep-lift":
    // The second accounts for what linear layers keep, as they do in most networks.
    case "lrp":
      return 2;
    default:
      return inner ? expectedPasses(inner, spatial) : 1;
  }
}

function windowCount(values: PlannedMethod["values"], spatial: readonly number[]): number {
  const inMillimetres = values.unit === "mm";
  const size = (axis: number) => (inMillimetres ? (numberAt(values.voxelSize, axis) ?? 1) : 1);
  return spatial.reduce((product, length, axis) => {
    const edge = Math.max(1, Math.round((numberAt(values.window, axis) ?? 16) / size(axis)));
    const given = numberAt(values.stride, axis);
    const stride = given === undefined ? Math.ceil(edge / 2) : Math.max(1, Math.round(given / size(axis)));
    return product * (1 + Math.max(0, Math.ceil((length - edge) / stride)));
  }, 1);
}

function regionCount({ labels, cell }: PlannedMethod["values"], spatial: readonly number[]): number {
  if (labels !== undefined) {
    const distinct = new Set<number>((labels as LabelVolume).data);
    distinct.delete(0);
    return distinct.size;
  }
  return elementCount(
    spatial.map((length, axis) => Math.ceil(length / Math.max(1, numberAt(cell, axis) ?? 16))),
  );
}

function integer(value: MethodOptionValue | undefined): number | undefined {
  return typeof value === "number" ? value : undefined;
}

function cohortLength(value: MethodOptionValue | undefined): number {
  return typeof value === "object" && "read" in value ? value.length : 1;
}

/** One number for all axes, or one for each. */
function numberAt(value: MethodOptionValue | undefined, axis: number): number | undefined {
  if (typeof value === "number") return value;
  if (!Array.isArray(value)) return undefined;
  return value.length === 1 ? value[0] : value[axis];
}
