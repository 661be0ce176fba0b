/** Paths of which eight bytes each are kept: a cohort has hundreds of thousands of files. */
export interface PathSet {
  add(path: string): void;
  has(path: string): boolean;
  /** How many were added. */
  readonly size: number;
}

/** Two paths are taken for one with a probability of 2⁻⁵³. */
export function pathSet(): PathSet {
  let digests = new Float64Array(1024);
  let count = 0;
  let isSorted = true;
  return {
    get size() {
      return count;
    },
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

/** 53 bits of two hashes after Fowler, Noll and Vo. The system's hashes are objects that wait for the garbage collector. */
function digestOf(path: string): number {
  let [one, other] = [0x811c9dc5, 0x7ee3623b];
  for (let k = 0; k < path.length; k++) {
    const unit = path.charCodeAt(k);
    one = Math.imul(one ^ unit, 0x01000193);
    other = Math.imul(other ^ unit, 0x5bd1e995);
  }
  return (one >>> 0) * 2 ** 21 + (other >>> 11);
}
