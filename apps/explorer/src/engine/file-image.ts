import {
  type ImageFile,
  type ImageGrid,
  type ImageHeader,
  type ImageInput,
  imageInput,
  inputGrid,
  type LocatedImage,
  type PartInput,
  readImageFile,
  readImageHeader,
  type Session,
} from "@voxplain/caps-io";
import { type FilePath, type FileSource, isVoxplainError, tensor, VoxplainError } from "@voxplain/core";
import type { FileInputs } from "./opened-model.ts";

/** A single file that holds an image. */
export interface LooseFile {
  readonly files: FileSource;
  readonly path: FilePath;
}

/** An image of 512 voxels along each axis in float32 takes half of it; a page has not much more memory. */
const largestFile = 2 ** 30;

/** @throws VoxplainError naming the file when it is damaged, or too large for a page. */
export async function readLooseFile({ files, path }: LooseFile): Promise<ImageFile> {
  const size = (await files.open(path))?.byteLength ?? 0;
  if (size <= largestFile) return readImageFile(files, path);
  throw new VoxplainError("unsupported", `it has ${Math.round(size / 1e6)} MB: it is no single image`, {
    file: `${files.name}/${path}`,
  });
}

/** How the image of a file becomes the input of a network. */
type Steps = ReturnType<FileInputs["stepsFor"]>;

/** A file as the image of a session. */
export function locateFile(
  session: Session,
  file: LooseFile,
  { spec, stepsFor }: FileInputs,
  asked: readonly string[] | undefined,
): LocatedImage {
  const steps = stepsFor(asked);
  return locatedImage(session, file, spec, steps, {
    header: () => readImageHeader(file.files, file.path),
    image: () => readLooseFile(file),
  });
}

/** The whole image of a CAPS, for a network of which nothing says how its images were prepared. */
export function locateStored(
  stored: LocatedImage,
  { spec, stepsFor }: FileInputs,
  asked: readonly string[] | undefined,
): LocatedImage {
  const { session, source } = stored;
  const { name } = session;
  return locatedImage(session, { files: source, path: "" }, spec, stepsFor(asked), {
    async header() {
      const { problem, shape = [], ...grid } = await stored.grid();
      if (problem !== undefined) throw problem;
      return { ...grid, name, dims: [1, ...shape], warnings: [] };
    },
    async image() {
      const input = await stored.read({ normalize: false });
      const { input: values } = await input.read(0);
      const { affine, affineError, warnings } = input;
      return { name, values, warnings, ...(affine && { affine }), ...(affineError && { affineError }) };
    },
  });
}

function locatedImage(
  session: Session,
  { files, path }: LooseFile,
  spec: FileInputs["spec"],
  { steps, note }: Steps,
  read: { header(): Promise<ImageHeader>; image(): Promise<ImageFile> },
): LocatedImage {
  const warnings = note === undefined ? [] : [note];
  return {
    ...{ session, source: files, warnings },
    async grid(): Promise<ImageGrid> {
      try {
        return { ...inputGrid(await read.header(), spec, steps), name: session.name };
      } catch (error) {
        if (!isVoxplainError(error)) throw error;
        return { name: session.name, problem: error };
      }
    },
    async read(): Promise<ImageInput> {
      const { values: input, affine, affineError, ...found } = imageInput(await read.image(), spec, steps);
      const part: PartInput = {
        ...{ index: 0, id: 0, name: "image", label: "image" },
        ...{ input: tensor("float32", input.dims, input.data), transform: { minMax: "none" }, warnings: [] },
      };
      return {
        ...{ session, source: files, files: [path], grid: input.dims.slice(1), parts: [part] },
        ...(affine && { affine }),
        ...(affineError && { affineError }),
        warnings: [...warnings, ...found.warnings],
        read: async () => part,
      };
    },
  };
}
