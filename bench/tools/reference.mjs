// The maps of the tools, which `reference.py` computed.
import { readFileSync } from "node:fs";
import { join } from "node:path";

export function openReference(folder) {
  const read = (file, Type) => {
    const { buffer, byteOffset, byteLength } = readFileSync(join(folder, file));
    return new Type(buffer.slice(byteOffset, byteOffset + byteLength));
  };
  return {
    ...JSON.parse(readFileSync(join(folder, "comparisons.json"), "utf8")),
    folder,
    float32: (name) => read(`${name}.f32`, Float32Array),
    int32: (name) => read(`${name}.i32`, Int32Array),
    float64: (file) => read(file, Float64Array),
  };
}
