import { stringAttribute } from "@voxplain/onnx-graph";
import { at, generate, positions } from "./array.ts";
import type { Kernel } from "./kernel.ts";

/** One label for each axis: its letter; the axes of "..." are numbered from the last one. */
function labelsOf(term: string, rank: number): string[] {
  const [before, after] = term.split("...");
  if (after === undefined) return [...term];
  const hidden = Array.from({ length: rank - before!.length - after.length }, (_, k) => String(k)).reverse();
  return [...before!, ...hidden, ...after];
}

/** Sums the product over every label that the output does not have. */
export const einsum: Kernel = ({ x, attributes }) => {
  const [left, right] = stringAttribute(attributes, "equation", "").replaceAll(" ", "").split("->");
  const arrays = x.map((each) => each!);
  const labels = left!.split(",").map((term, k) => labelsOf(term, arrays[k]!.dims.length));
  const lengths = new Map<string, number>();
  for (const [k, { dims }] of arrays.entries())
    for (const [axis, label] of labels[k]!.entries())
      lengths.set(label, Math.max(dims[axis]!, lengths.get(label) ?? 0));
  const hidden = [...lengths.keys()]
    .filter((label) => /\d/.test(label))
    .sort((a, b) => Number(b) - Number(a));
  const all = labels.flat();
  const once = all
    .filter((label) => /\D/.test(label) && all.indexOf(label) === all.lastIndexOf(label))
    .sort();
  const kept = right === undefined ? [...hidden, ...once] : labelsOf(right, right.length - 3 + hidden.length);
  const summed = [...lengths.keys()].filter((label) => !kept.includes(label));
  const result = kept.map((label) => lengths.get(label)!);
  return [
    generate(result, (outer) => {
      let sum = 0;
      for (const inner of positions(summed.map((label) => lengths.get(label)!))) {
        const index = (label: string) => {
          const place = kept.indexOf(label);
          return place >= 0 ? outer[place]! : inner[summed.indexOf(label)]!;
        };
        sum += arrays.reduce((product, each, k) => {
          const place = labels[k]!.map((label, axis) => (each.dims[axis] === 1 ? 0 : index(label)));
          return product * at(each, place);
        }, 1);
      }
      return sum;
    }),
  ];
};
