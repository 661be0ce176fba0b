import type { FilePlace, ImageInput } from "@voxplain/caps-io";
import type { FilePath } from "@voxplain/core";
import type { ExplanationRequest } from "./engine.ts";
import type { ExplainedSources } from "./explained-sources.ts";
import type { JobContext } from "./job-context.ts";

/** What an image and its map were made from. */
export async function sourcesOf(
  { workspace, opened, slot }: JobContext,
  { session, source, files }: ImageInput,
  request: ExplanationRequest,
  takes: { readonly atlas: boolean; readonly others: boolean },
): Promise<ExplainedSources> {
  const model = await opened.model(request.preprocess);
  const weights = slot.weightsNow.map((below) => ({ source: model.source, below }));
  const read = files.map((below) => ({ source, below }));
  const isOfCaps = workspace.caps.some((caps) => caps.files === source);
  const [first] = read;
  const { region } = request;
  return {
    model: opened.description.kind === "onnx" ? pathOf(weights[0]) : model.source.name,
    weights,
    images: [
      {
        session,
        files: read,
        from: isOfCaps ? { kind: "caps", path: source.name } : { kind: "file", path: pathOf(first) },
      },
    ],
    template: workspace.template && withoutCount(workspace.template.name),
    atlas: takes.atlas && workspace.atlas !== undefined ? pathOf(workspace.atlas.place) : undefined,
    mask:
      region && "mask" in region ? pathOf({ source: region.mask.files, below: region.mask.path }) : undefined,
    usesOthers: takes.others,
  };
}

/** Where a file is, as its user knows it: files that were picked one by one are in no folder that the page knows. */
export function pathOf(place: FilePlace | undefined): FilePath {
  if (place === undefined) return "";
  const { source, below } = place;
  return source.name === below ? below : withoutCount(`${source.name}/${below}`);
}

/** "3 files" is what a choice of several files is called, and a file that was chosen alone is called twice. */
function withoutCount(path: FilePath): FilePath {
  const [first = "", ...rest] = path.split("/");
  const isFolder = !/^\d+ files$/.test(first) && (rest.length !== 1 || rest[0] !== first);
  return isFolder ? path : rest.join("/");
}
