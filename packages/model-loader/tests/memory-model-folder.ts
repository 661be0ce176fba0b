import { type FileSource, memoryFiles } from "@voxplain/core";

/** What a file holds: bytes, text, or an object to be written as JSON. */
export type Content = Uint8Array | string | Readonly<Record<string, unknown>>;

/** A model folder in memory; text stands for files whose content does not matter. */
export function memoryModelFolder(files: Readonly<Record<string, Content>>): FileSource {
  const encoded = Object.entries(files).map(([path, content]): [string, Uint8Array] => {
    if (content instanceof Uint8Array) return [path, content];
    const text = typeof content === "string" ? content : JSON.stringify(content);
    return [path, new TextEncoder().encode(text)];
  });
  return memoryFiles(new Map(encoded), "/models/mine");
}

/** The least that a commandline.json has to say. */
export const commandline = {
  mode: "image",
  preprocessing: "t1-linear-downsampled",
  model: "Conv5_FC3_down",
} as const;
