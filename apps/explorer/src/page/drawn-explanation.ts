import { imageEnding } from "@voxplain/caps-io";
import type { Volume } from "@voxplain/core";
import { methodEntries } from "@voxplain/saliency";
import type { Explanation, ExplorerModel } from "../engine/engine.ts";
import { explainedValue } from "../engine/explained-value.ts";
import type { Drawn } from "../viewer/drawn.ts";
import { pictureAffine } from "../viewer/geometry.ts";
import { captionOf } from "./map-caption.ts";
import { explainedText, outputOf } from "./prediction-text.ts";

/** An explanation as it is drawn. */
export function drawnExplanation(explanation: Explanation, model: ExplorerModel): Drawn {
  const { image, request, prediction, map, anatomy, isPlaced } = explanation;
  const [{ title: method }] = methodEntries(request.method);
  const target = explainedText(request, model);
  const options = Object.entries(request.options);
  const changed = options.map(([name, value]) => `${name} ${value}`);
  const stem = image.name.slice(0, image.name.length - (imageEnding(image.name)?.length ?? 0));
  const ofClass = outputOf(prediction) === undefined ? `_class-${request.target}` : "";
  const explained = explainedValue(request.region) === undefined ? ofClass : `_${target}`;
  // A picture is shown as other programs show it, with its first row at the top.
  const isPicture = !isPlaced && map.shape[2] === 1;
  const drawn = (volume: Volume) => (isPicture ? { ...volume, affine: pictureAffine } : volume);
  return {
    ...{ map: drawn(map), anatomy: drawn(anatomy), isPlaced },
    title: `${image.name} · ${method}`,
    caption: captionOf(explanation, model),
    label: [method, image.name, target, ...changed].join(" · "),
    kind: JSON.stringify([request.method, options.sort()]),
    // "sub-01_ses-M00_gradients_class-1": letters that every system takes.
    fileName: `${stem}_${request.method}${explained}`.replaceAll(/[^\w.-]+/g, "_"),
  };
}
