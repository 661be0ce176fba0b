import { collectImages } from "@voxplain/study";
import type { Workspace } from "./workspace.ts";

/** The images that are open, for the model where one is; of what it cannot see, sentences. */
export async function listImages({
  opened,
  caps,
  listed,
  loose: files,
}: Pick<Workspace, "opened" | "caps" | "listed" | "loose">): Promise<Pick<Workspace, "images" | "problems">> {
  const { images, problems } = await collectImages({ caps, listed, files }, await opened?.model(undefined));
  const entries = images.map((collected) => {
    const { name, diagnosis } = collected.session;
    const ofCaps = { id: `caps:${name}`, name, trueClass: diagnosis || undefined };
    return { image: collected.file?.image ?? ofCaps, collected };
  });
  return { images: entries, problems };
}
