import type { Plugin } from "vite";

/** A place in NiiVue 0.69, what comes before it there, and why. */
const changes = [
  // Gradients of the anatomy, of which each voxel takes 16 samples: NiiVue makes them after each change, and reads them only where
  // a rendering is lit from a side. A program that draws on the processor takes seconds for them.
  {
    place: /(?<=this\.volumeTexture = outTexture;\s*)this\.gradientTexture = gradientGL\(/g,
    before: "if (this.gradientTextureAmount > 0) ",
  },
  // Thirty programs for graphics cards are compiled in one go: the page answers its user in the middle.
  {
    place: /const geometryShaders = init3DGeometryShaders\(gl\);\s*this\.surfaceShader/g,
    before: "await new Promise((resolve) => setTimeout(resolve));\n    ",
  },
];

/** Leaves out of NiiVue, or divides, what keeps a page from answering its user. */
export function niivueInSteps(): Plugin {
  return {
    name: "niivue-in-steps",
    transform: {
      filter: { id: /@niivue\/niivue\/build\/niivue\/index\.js$/ },
      handler(code) {
        let changed = code;
        for (const { place, before } of changes) {
          const count = code.match(place)?.length ?? 0;
          if (count !== 1)
            this.error(`NiiVue has ${place} in ${count} places: see whether it still needs a change there`);
          changed = changed.replace(place, (found) => `${before}${found}`);
        }
        return { code: changed, map: null };
      },
    },
  };
}
