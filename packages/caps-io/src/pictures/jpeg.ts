import { VoxplainError } from "@voxplain/core";
import type { DecodedPicture } from "./decoded-picture.ts";
import { inverseTransform } from "./jpeg-idct.ts";
import { type Plane, toRgb, upsampled } from "./jpeg-samples.ts";
import { type Component, readScan } from "./jpeg-scan.ts";
import { type Frame, type JpegState, mostOf, readSegment, scanOf } from "./jpeg-segments.ts";

/** An encoder makes about ten. */
const mostScans = 200;

/**
 * The values that libjpeg, and so Pillow, decodes: slow integer transform, fancy upsampling, no colour management, and
 * the orientation that EXIF names not applied. Baseline, extended and progressive; ITU-T T.81.
 * @throws VoxplainError `invalid-file` naming the file, also where it claims more values than `mostValues`;
 * `unsupported` for CMYK and other kinds of JPEG.
 */
export function decodeJpeg(
  bytes: Uint8Array,
  name: string,
  mostValues: number,
): Omit<DecodedPicture, "most"> {
  const state: JpegState = {
    ...{ quantizations: [], dc: [], ac: [], restart: 0 },
    ...{ adobe: undefined, isJfif: false, frame: undefined },
  };
  const refuse = (what: string): never => {
    throw new VoxplainError("invalid-file", `the JPEG is damaged: ${what}`, { file: name });
  };
  let scans = 0;
  let at = 2;
  for (;;) {
    while (bytes[at] === 0xff && bytes[at + 1] === 0xff) at++;
    const marker = bytes[at] === 0xff ? bytes[at + 1] : undefined;
    if (marker === 0xd9 || (marker === undefined && isComplete(state.frame))) break;
    if (marker === undefined) return refuse(at >= bytes.length ? "it ends early" : "a marker is missing");
    at += 2;
    if (marker === 1 || (marker >= 0xd0 && marker <= 0xd7)) continue;
    const length = ((bytes[at] ?? 0) << 8) | (bytes[at + 1] ?? 0);
    if (length < 2 || at + length > bytes.length) return refuse("it ends early");
    const segment = bytes.subarray(at + 2, at + length);
    at += length;
    if (marker === 0xda) {
      if (++scans > mostScans) return refuse(`it has more than ${mostScans} scans`);
      try {
        at = readScan(bytes, at, scanOf(segment, state));
      } catch (error) {
        if (error instanceof RangeError) return refuse(error.message);
        throw error;
      }
      continue;
    }
    readSegment(marker, segment, state, { name, fileBytes: bytes.length, mostValues, refuse });
  }
  const { frame } = state;
  if (frame === undefined || !isComplete(frame)) return refuse("it ends early");
  return pictureOf(frame, state, name);
}

function isComplete(frame: Frame | undefined): boolean {
  return frame?.components.every(({ lowestBit }) => lowestBit.every((bit) => bit === 0)) ?? false;
}

function pictureOf(frame: Frame, { adobe, isJfif }: JpegState, name: string) {
  const { width, height, components } = frame;
  const [mostH, mostV] = mostOf(components);
  const channels = components.map((component) => {
    const { steps } = component;
    if (steps === undefined) {
      throw new VoxplainError("invalid-file", "the JPEG is damaged: a quantization table is missing", {
        file: name,
      });
    }
    const factors = [mostH / component.h, mostV / component.v] as const;
    const size = [Math.ceil(width / factors[0]), Math.ceil(height / factors[1])] as const;
    return upsampled(planeOf(component, steps, size), factors, width, height);
  });
  const [first, second, third] = channels;
  const ids = components.map(({ id }) => String.fromCharCode(id)).join("");
  // As libjpeg decides: JFIF is YCbCr, else Adobe's marker counts, else what the components are called.
  const isRgb = !isJfif && (adobe === undefined ? ids === "RGB" : adobe === 0);
  if (first && second && third && !isRgb) toRgb([first, second, third]);
  const values = new Float32Array(channels.length * width * height);
  for (const [k, channel] of channels.entries()) values.set(channel, k * width * height);
  return { width, height, values };
}

function planeOf(
  { stride, height: rows, coefficients }: Component,
  quantization: Uint16Array,
  [width, height]: readonly [number, number],
): Plane {
  const samples = new Uint8ClampedArray(64 * stride * rows);
  for (let y = 0; y < rows; y++) {
    for (let x = 0; x < stride; x++) {
      const at = 64 * (y * stride + x);
      inverseTransform(coefficients, at, quantization, samples, 64 * y * stride + 8 * x, 8 * stride);
    }
  }
  return { width, height, stride: 8 * stride, samples };
}
