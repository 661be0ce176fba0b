import { readFileSync } from "node:fs";
import type { Plugin } from "vite";

/** Puts the types of `<voxplain-map>`, a file that imports nothing, beside its script. */
export function shipTypes(): Plugin {
  return {
    name: "ship-types",
    generateBundle() {
      const source = readFileSync(new URL("../src/embed/types.ts", import.meta.url));
      this.emitFile({ type: "asset", fileName: "voxplain-map.d.ts", source });
    },
  };
}
