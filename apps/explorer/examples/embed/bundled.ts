// With a bundler: the built folder "embed" is beside this file, and what it loads is copied to where the page is.
import "./embed/voxplain-map.js";
import type { VoxplainMap } from "./embed/voxplain-map.d.ts";

const view: VoxplainMap = document.createElement("voxplain-map");
view.addEventListener("voxplain-result", ({ detail }) => {
  document.title = `class ${detail.predictedClass}, ${detail.map.length} voxels`;
});
Object.entries({ model: "network.onnx", image: "scan.nii.gz", method: "grad-cam" }).forEach(
  ([name, value]) => {
    view.setAttribute(name, value);
  },
);
document.body.append(view);
