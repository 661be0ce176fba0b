import { createHash } from "node:crypto";

/** Paths of which eight bytes each are kept: a cohort has hundreds of thousands of files. */
export interface PathSet {
  add(path: string): void;
  has(path: string): boolean;
}

/** Two paths are taken for one with a probability of 2⁻⁵². */
export function pathSet(): PathSet {
  let digests = new Float64Array(1024);
  let count = 0;
  let isSorted = true;
  return {
    add(path) {
      if (count === digests.length) {
        const larger = new Float64Array(2 * count);
        larger.set(digests);
        digests = larger;
      }
      digests[count++] = digestOf(path);
      isSorted = false;
    },
    has(path) {
      const known = digests.subarray(0, count);
      if (!isSorted) known.sort();
      isSorted = true;
      const wanted = digestOf(path);
      let [start, end] = [0, count];
      while (start < end) {
        const middle = (start + end) >> 1;
        if ((known[middle] ?? 0) < wanted) start = middle + 1;
        else end = middle;
      }
      return start < count && known[start] === wanted;
    },
  };
}

/** 52 bits of a hash. */
function digestOf(path: string): number {
  return Number.parseInt(createHash("sha256").update(path).digest("hex").slice(0, 13), 16);
}
