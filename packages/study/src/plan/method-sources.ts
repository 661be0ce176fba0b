import {
  type Companion,
  checkCompanion,
  type ImageGrid,
  minMaxInPlace,
  placedGrid,
  readNifti,
  voxelSizeOf,
} from "@voxplain/caps-io";
import { axisCodes, readFile, type Tensor, tensor, VoxplainError } from "@voxplain/core";
import type { MethodSources } from "@voxplain/saliency";
import type { Cohort } from "../cohort/cohort.ts";
import { type Model, normalizes } from "../model/model.ts";
import { readReferences } from "./references.ts";
import type { Request } from "./request.ts";

/** What a method may be compared with, and what it is compared for. */
export interface SourcesContext {
  readonly model: Model;
  readonly cohort: Cohort;
  readonly fold: number | undefined;
  /** Of the images that are explained. */
  readonly grids: readonly ImageGrid[];
  readonly request: Request;
  readonly warn: (warning: string) => void;
}

/** Where the options of a method find their images. */
export function methodSources(context: SourcesContext): MethodSources {
  const { model, grids, request, warn } = context;
  const { template, openFile } = request;
  const compare = (companion: Companion, images: readonly ImageGrid[]) => {
    for (const warning of checkCompanion(companion, images)) warn(warning);
  };
  const needsWhole = (what: string) => {
    if (model.parts.mode === "image") return;
    throw new VoxplainError(
      "unsupported",
      `${what} cannot be given for a model that sees ${model.parts.mode}s: each part would need its own`,
    );
  };
  return {
    ...(openFile && {
      async image(path) {
        needsWhole("an image to compare with");
        const { dims, data, grid } = await readVolume(openFile, path);
        compare({ ...grid, needs: "directions" }, grids);
        if (normalizes(model)) minMaxInPlace(data);
        return tensor("float32", [1, ...dims], data);
      },
      async labels(path) {
        needsWhole("a volume of labels");
        const { dims, data, grid } = await readVolume(openFile, path);
        compare(
          { ...grid, needs: "position" },
          grids.map((image) => placedGrid(image, template)),
        );
        return tensor("float32", dims, data);
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
      const affine = template?.affine ?? grids.find((grid) => grid.affine)?.affine;
      return voxelSizeOf(affine, preparation.kind === "caps" ? preparation.preprocessing : undefined);
    },
  };
}

async function readVolume(openFile: NonNullable<Request["openFile"]>, path: string) {
  const { source, below } = openFile(path);
  const name = `${source.name}/${below}`;
  const { shape, data, ...position } = await readNifti(await readFile(source, below), name);
  const volume: Tensor<"float32"> = tensor("float32", shape, data);
  return { ...volume, grid: { name, shape, ...position } };
}

function onePerOrientation(grids: readonly ImageGrid[]): readonly ImageGrid[] {
  const codes = new Map<string, ImageGrid>();
  for (const grid of grids) {
    const key = grid.affine ? axisCodes(grid.affine) : "";
    if (!codes.has(key)) codes.set(key, grid);
  }
  return [...codes.values()];
}
