import { elementCount, type Tensor, tensor } from "@voxplain/core";

/** Memory of the thread that computes which this one reads and writes too. */
export interface SharedPlaces {
  readonly buffer: SharedArrayBuffer;
  /** Dims of an image and of a map: [1, ...inputDims]. */
  readonly dims: readonly number[];
  /** Names of the image and of the gradient at it. */
  readonly input: string;
  readonly gradient: string | undefined;
  /** Bytes in front of each place that this thread may write an image to. */
  readonly images: readonly number[];
  /** Bytes in front of each place where a map is computed. */
  readonly maps: readonly number[];
  /** 1 for each map that is being read, so that nothing may be computed there. */
  readonly taken: Int32Array<SharedArrayBuffer>;
  /** Whether gradients at multiples of an image can be summed. */
  readonly hasRay: boolean;
}

/** Keeps apart who reads and writes the places of a session. */
export interface LentMemory {
  /** A free place for an image; undefined where all are in use. */
  borrow(name: string): Tensor<"float32"> | undefined;
  /** Ends a loan. Other tensors are ignored. */
  giveBack(tensor: Tensor): void;
  /**
   * Puts an image into a place for a run, unless it is in one: which; undefined where none is free.
   * @throws Error for an image in a place that was given back.
   */
  take(image: Tensor): number | undefined;
  /** A run with this image has ended. */
  leave(place: number): void;
  /** The map that was computed in a place: that very memory, or a copy. */
  result(which: number, borrow: boolean): Tensor<"float32">;
  /** Nobody wants the map. */
  drop(which: number): void;
}

export function lentMemory({ buffer, dims, input, images, maps, taken }: SharedPlaces): LentMemory {
  const length = elementCount(dims);
  const [places, results] = [images, maps].map((all) =>
    all.map((at) => new Float32Array(buffer, at, length)),
  );
  const isLent = new Set<number>();
  // A loan may end while a run that was aborted still reads the image.
  const runs = new Map<number, number>();
  const free = () => images.findIndex((_, place) => !isLent.has(place) && !runs.get(place));
  const placeOf = ({ data }: Tensor, among: readonly number[]) =>
    data.buffer === buffer ? among.indexOf(data.byteOffset) : -1;
  const drop = (which: number) => {
    Atomics.store(taken, which, 0);
  };
  return {
    borrow(name) {
      const place = name === input ? free() : -1;
      const data = places?.[place];
      if (data === undefined) return undefined;
      isLent.add(place);
      return tensor("float32", dims, data);
    },
    giveBack(given) {
      isLent.delete(placeOf(given, images));
      const which = placeOf(given, maps);
      if (which >= 0) drop(which);
    },
    take(image) {
      if (image.dtype !== "float32" || image.dims.join() !== dims.join()) return undefined;
      const own = placeOf(image, images);
      if (own >= 0 && !isLent.has(own))
        throw new Error("the memory of the image was given back before the run");
      const place = own >= 0 ? own : free();
      if (place < 0) return undefined;
      if (own < 0) places?.[place]?.set(image.data);
      runs.set(place, (runs.get(place) ?? 0) + 1);
      return place;
    },
    leave(place) {
      runs.set(place, (runs.get(place) ?? 1) - 1);
    },
    result(which, borrow) {
      const view = results?.[which] ?? new Float32Array();
      if (borrow) return tensor("float32", dims, view);
      // What `slice` makes of shared memory would be shared.
      const copy = new Float32Array(view);
      drop(which);
      return tensor("float32", dims, copy);
    },
    drop,
  };
}
