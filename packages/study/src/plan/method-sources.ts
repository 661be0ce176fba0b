import {
  type Companion,
  checkCompanion,
  type ImageFile,
  type ImageGrid,
  imageInput,
  readGridFile,
  readImageFile,
  voxelSizeOf,
} from "@voxplain/caps-io";
import { axisCodes, VoxplainError } from "@voxplain/core";
import type { MethodSources } from "@voxplain/saliency";
import type { Cohort } from "../cohort/cohort.ts";
import { type Model, stepsOf } from "../model/model.ts";
import type { ImageGroup } from "./image-group.ts";
import { readReferences } from "./references.ts";
import type { Request } from "./request.ts";

/** What a method may be compared with, and what it is compared for. */
export interface SourcesContext {
  readonly model: Model;
  readonly cohort: Cohort;
  readonly fold: number | undefined;
  /** The images that are explained. */
  readonly group: ImageGroup;
  readonly request: Request;
  readonly warn: (warning: string) => void;
}

/** Where the options of a method find their images. */
export function methodSources(context: SourcesContext): MethodSources {
  const { model, group, request, warn } = context;
  const { grids, placed } = group;
  const { openFile } = request;
  const lengths = group.inputDims ?? model.input.dims ?? [null, null, null, null];
  const compare = (companion: Companion, images: readonly ImageGrid[]) => {
    for (const warning of checkCompanion(companion, images)) warn(warning);
  };
  const needsWhole = (what: string) => {
    if (model.parts.mode === "image") return;
    throw new VoxplainError(
      "unsupported",
      `${what} cannot be given for a model that sees parts of images ("${model.parts.mode}"): each part would need its own`,
    );
  };
  return {
    ...(openFile && {
      async image(path) {
        needsWhole("an image to compare with");
        const { source, below } = openFile(path);
        const file = await readImageFile(source, below);
        compare({ ...gridOf(file), needs: "directions" }, grids);
        const spec = { lengths, channelsLast: model.input.channelsLast };
        return imageInput(file, spec, stepsOf(model)).values;
      },
      async labels(path) {
        needsWhole("a volume of labels");
        const { source, below } = openFile(path);
        const { values, grid } = await readGridFile(source, below, lengths.length - 1);
        compare({ ...grid, needs: "position" }, placed);
        return values;
      },
    }),
    async cohort(diagnosis) {
      needsWhole("a cohort to compare with");
      const references = await readReferences(context, diagnosis);
      const images = onePerOrientation(grids);
      const found = references.grids.flatMap((grid) =>
        checkCompanion({ ...grid, needs: "directions" }, images),
      );
      if (found[0] !== undefined)
        warn(found.length > 1 ? `${found[0]} (and ${found.length - 1} more)` : found[0]);
      return references;
    },
    async voxelSize() {
      const { preparation } = model.input;
      const affine = placed.find((grid) => grid.affine)?.affine;
      const size = voxelSizeOf(affine, preparation.kind === "caps" ? preparation.images : undefined);
      return size?.slice(0, lengths.length - 1);
    },
  };
}

/** Only the directions of its axes count, which steps do not change. */
function gridOf({ name, affine, affineError, warnings }: ImageFile): ImageGrid & Pick<ImageFile, "warnings"> {
  return { name, warnings, ...(affine && { affine }), ...(affineError && { affineError }) };
}

function onePerOrientation(grids: readonly ImageGrid[]): readonly ImageGrid[] {
  const codes = new Map<string, ImageGrid>();
  for (const grid of grids) {
    const key = grid.affine ? axisCodes(grid.affine) : "";
    if (!codes.has(key)) codes.set(key, grid);
  }
  return [...codes.values()];
}
