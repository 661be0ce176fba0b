import { type ImageGrid, type LocatedImage, readSessionGrids } from "@voxplain/caps-io";
import type { Tensor } from "@voxplain/core";
import type { Cohort as References } from "@voxplain/saliency";
import type { Cohort } from "../cohort/cohort.ts";
import { type Model, normalizes } from "../model/model.ts";

/** Sessions of a diagnosis of the same lists, to compare with; each is read when it is needed. */
export async function readReferences(
  {
    model,
    cohort,
    fold,
  }: { readonly model: Model; readonly cohort: Cohort; readonly fold: number | undefined },
  diagnosis: string,
): Promise<References & { readonly grids: readonly ImageGrid[] }> {
  const sessions = await cohort.others(diagnosis, fold);
  const { found, failures } = await cohort.locate(sessions, model);
  if (failures[0]) throw failures[0].error;
  return {
    length: found.length,
    grids: await readSessionGrids(found),
    read: (index) => readInput(found[index], model),
  };
}

/** For whole images, which have one part. */
async function readInput(located: LocatedImage | undefined, model: Model): Promise<Tensor<"float32">> {
  if (located === undefined) throw new RangeError("there is no such session to compare with");
  const image = await located.read({ normalize: normalizes(model) });
  return (await image.read(0)).input;
}
