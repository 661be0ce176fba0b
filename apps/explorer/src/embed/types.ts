/** What `<voxplain-map>` has for scripts; its attributes are in the README. */
export interface VoxplainMap extends HTMLElement {
  /** The map that is shown; undefined until one is computed. */
  readonly result: VoxplainMapResult | undefined;
  addEventListener<K extends keyof VoxplainMapEvents>(
    type: K,
    listener: (this: VoxplainMap, event: CustomEvent<VoxplainMapEvents[K]>) => void,
    options?: boolean | AddEventListenerOptions,
  ): void;
  addEventListener(
    type: string,
    listener: EventListenerOrEventListenerObject,
    options?: boolean | AddEventListenerOptions,
  ): void;
}

/** Details of the events, which bubble. */
export interface VoxplainMapEvents {
  "voxplain-progress": VoxplainMapProgress;
  "voxplain-result": VoxplainMapResult;
  "voxplain-error": VoxplainMapFailure;
  "voxplain-move": VoxplainMapPlace;
}

export interface VoxplainMapProgress {
  /** "step 3 of 32". */
  readonly step: string;
  /** From 0 to 1; undefined where it cannot be known. */
  readonly fraction: number | undefined;
}

export interface VoxplainMapResult {
  /** Row-major over `shape`: the last index is the fastest. */
  readonly map: Float32Array;
  readonly shape: readonly [number, number, number];
  /** Voxel indices to millimetres, RAS+; the identity where the position is unknown. */
  readonly affine: readonly (readonly number[])[];
  /** Whether the position of the voxels is known. */
  readonly isPlaced: boolean;
  /** The class whose logit is explained. */
  readonly target: number;
  readonly predictedClass: number;
  /** By class; empty for a regression. */
  readonly probabilities: readonly number[];
  /** Sentences about the image and its map. */
  readonly warnings: readonly string[];
}

export interface VoxplainMapFailure {
  /** A sentence that names the file and says what is wrong. */
  readonly message: string;
}

export interface VoxplainMapPlace {
  /** Indices of the voxel at the crosshair. */
  readonly voxel: readonly [number, number, number];
  readonly millimetres: readonly [number, number, number];
  /** The value of the map there. */
  readonly value: number;
}

declare global {
  interface HTMLElementTagNameMap {
    "voxplain-map": VoxplainMap;
  }
}
