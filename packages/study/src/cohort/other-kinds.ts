import { type ImageList, imageEnding, type ListedImage, type SessionFailure } from "@voxplain/caps-io";
import { type CapsImages, type Preprocessing, VoxplainError } from "@voxplain/core";
import { pipelineOf } from "../plan/pipeline-of.ts";

/** Suffixes of BIDS and Clinica that say what was measured, in lower case. */
const suffixes = new Set([
  ...["t1w", "t2w", "pdw", "t2starw", "inplanet1", "inplanet2", "flair", "angio", "swi"],
  ...["pet", "bold", "sbref", "dwi", "asl", "cbf", "m0scan", "ct", "fa", "md", "rd"],
]);

/** What the names of the images of a pipeline end with, in lower case. */
const own: Readonly<Record<Preprocessing, readonly string[]>> = {
  "t1-linear": ["t1w"],
  "t1-linear-downsampled": ["t1w"],
  "t1-extensive": ["t1w"],
  "t1-volume": ["t1w"],
  shepplogan: [],
  "flair-linear": ["flair"],
  "pet-linear": ["pet"],
  "dwi-dti": ["fa", "md", "rd", "ad", "dwi"],
  custom: [],
};

/**
 * The list without images whose names say that they are of another kind than those of a training, such as a PET for a
 * network of T1-weighted images, or of another tracer: these are among the failures.
 * @param isChosen - Whether the user asked for a suffix: then a note says what the images are.
 */
export function withoutOtherKinds(list: ImageList, trained: CapsImages, isChosen: boolean): ImageList {
  const others = new Map<ListedImage, SessionFailure>();
  for (const image of list.images) {
    const error = otherKind(image, trained);
    if (error !== undefined) others.set(image, { session: image.session, error });
  }
  const [first] = others.values();
  if (first === undefined) return list;
  if (isChosen) {
    const { expected, found } = first.error;
    const count = `${others.size} of ${list.images.length} images`;
    return {
      ...list,
      notes: [
        ...list.notes,
        `${count} are ${found} by their names, and the model was trained on ${expected}`,
      ],
    };
  }
  return {
    ...list,
    images: list.images.filter((image) => !others.has(image)),
    failures: [...list.failures, ...others.values()],
  };
}

function otherKind(
  { session, place: { source, below } }: ListedImage,
  trained: CapsImages,
): VoxplainError | undefined {
  const found = misfit(below, trained);
  if (found === undefined) return undefined;
  const { command } = pipelineOf(trained);
  return new VoxplainError(
    "mismatch",
    "by its name, the image is of another kind than those of the training",
    {
      ...{ session: session.name, file: `${source.name}/${below}` },
      ...{ expected: kindOf(trained), found },
      hint: `${command === undefined ? "" : `make such images with ${command}; `}if only the name is wrong, rename the file`,
    },
  );
}

/** What the name says that does not fit: "pet", "trc-18FAV45". */
function misfit(
  path: string,
  { preprocessing, tracer, suvrReferenceRegion }: CapsImages,
): string | undefined {
  const name = path.slice(path.lastIndexOf("/") + 1);
  const pieces = name.slice(0, name.length - (imageEnding(name)?.length ?? 0)).split("_");
  const suffix = pieces.length > 1 ? pieces.at(-1) : undefined;
  const wanted = own[preprocessing];
  if (suffix !== undefined && wanted.length > 0) {
    const isOther = suffixes.has(suffix.toLowerCase()) && !wanted.includes(suffix.toLowerCase());
    if (isOther) return suffix;
  }
  if (preprocessing !== "pet-linear") return undefined;
  return pieces.find(
    (piece) =>
      (tracer !== undefined && piece.startsWith("trc-") && piece !== `trc-${tracer}`) ||
      (suvrReferenceRegion !== undefined &&
        piece.startsWith("suvr-") &&
        piece !== `suvr-${suvrReferenceRegion}`),
  );
}

function kindOf({ preprocessing, tracer, suvrReferenceRegion }: CapsImages): string {
  const details = [
    ...(tracer === undefined ? [] : [`trc-${tracer}`]),
    ...(suvrReferenceRegion === undefined ? [] : [`suvr-${suvrReferenceRegion}`]),
  ];
  return `images of ${[preprocessing, ...details].join(", ")}`;
}
