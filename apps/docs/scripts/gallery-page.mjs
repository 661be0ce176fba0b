// The gallery: a picture of each method with a sentence and a link to its page.
import { existsSync, readFileSync } from "node:fs";
import { methods } from "@voxplain/saliency";

const folder = new URL("../pages/images/gallery/", import.meta.url);

/** A figure for each method of the table; one without a picture is an error. */
export function galleryOfMethods() {
  const ends = JSON.parse(readFileSync(new URL("scales.json", folder), "utf8"));
  const figures = Object.values(methods).map(({ name, title, summary }) => {
    if (!existsSync(new URL(`${name}.webp`, folder)) || ends[name] === undefined)
      throw new Error(`the method ${name} has no picture: node apps/docs/scripts/gallery.mjs ${name}`);
    const sentence = `${summary[0].toUpperCase()}${summary.slice(1)}.`;
    return [
      `<figure id="${name}">`,
      "",
      `![${title}: coronal and axial plane through both hippocampi](./images/gallery/${name}.webp)`,
      "",
      `<figcaption>`,
      "",
      `[${title}](/methods/${name}). ${sentence} Scale: ±${numberText(ends[name])}.`,
      "",
      `</figcaption>`,
      `</figure>`,
    ].join("\n");
  });
  return `<div class="gallery">\n\n${figures.join("\n\n")}\n\n</div>`;
}

/** Two digits, as the scale has: 0.044, 4.4e-5. */
function numberText(value) {
  return value >= 0.001 && value < 1000 ? String(Number(value.toPrecision(2))) : value.toExponential(1);
}
