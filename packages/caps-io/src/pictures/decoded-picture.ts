/** What the values of a picture are. */
export interface PictureKind {
  /** What a pixel holds, in Pillow's words: grey or colours, with or without opacity (alpha). */
  readonly mode: "L" | "LA" | "RGB" | "RGBA";
  /** Whether values go to 1, 255 or 65535. */
  readonly most: 1 | 255 | 65535;
  /** Pixels that are not fully opaque. */
  readonly transparent: number;
}

/** What a decoder gives. */
export interface DecodedPicture {
  readonly width: number;
  readonly height: number;
  /** [C, H, W] */
  readonly values: Float32Array;
  readonly most: PictureKind["most"];
}
