import {
  type CapsImages,
  type FileEntry,
  type FilePath,
  type FileSource,
  joinPath,
  VoxplainError,
} from "@voxplain/core";
import type { Session } from "../cohorts/labels.ts";
import { globPattern } from "../glob.ts";
import { layoutOf, sessionFolders } from "./layout.ts";
import type { Layout } from "./pipeline-layout.ts";

/** The files of a whole image in a CAPS. */
export interface ImagePaths {
  /** What its values are read from, below the CAPS root. */
  readonly path: FilePath;
  /** A `.pt` of torch.save or a NIfTI of a CAPS, or a file elsewhere, of any format that `readImageFile` reads. */
  readonly format: "tensor" | "nifti" | "file";
  /** The NIfTI of the same image where the CAPS has it: it holds the position of the voxels. */
  readonly nifti?: FilePath;
  /** A sentence about other runs that are left out. */
  readonly note?: string;
}

/**
 * Finds the tensor of a session, else its NIfTI; undefined where there is neither. It may have either name that Clinica
 * gives it; images of ClinicaDL 1.x may also have other entities, and their folders are listed where they have no such name.
 * A tensor of 1.x may be in any folder of the session, where there is no image in the usual ones.
 * @throws VoxplainError `invalid-file` when two files could be the image, `unsafe-file` for an ID that would lead out of the
 * CAPS.
 */
export async function findImage(
  caps: FileSource,
  images: CapsImages,
  session: Session,
): Promise<ImagePaths | undefined> {
  const layout = layoutOf(images);
  const { tensors, session: folder } = sessionFolders(layout, session);
  const wanted = { caps, session, layout };
  const tensor =
    (await withPlainName(wanted, tensors, ".pt")) ?? (await withSimilarName(wanted, tensors, ".pt"));
  const nifti = await findNifti(wanted, folder, tensor);
  const elsewhere = (tensor ?? nifti) ? undefined : await findElsewhere(wanted, folder);
  const found = tensor ?? nifti ?? elsewhere;
  if (found === undefined) return undefined;
  return {
    path: found.path,
    format: found === nifti ? "nifti" : "tensor",
    ...(nifti && { nifti: nifti.path }),
    ...(found.note && { note: found.note }),
  };
}

/** What is looked for. */
interface Wanted {
  readonly caps: FileSource;
  readonly session: Session;
  readonly layout: Layout;
}

interface FoundFile {
  readonly path: FilePath;
  readonly note?: string;
}

type Ending = ".pt" | ".nii.gz";

/** That of the tensor where there is one, under the same name or the other plain one. */
async function findNifti(
  wanted: Wanted,
  session: FilePath,
  tensor: FoundFile | undefined,
): Promise<FoundFile | undefined> {
  const { caps, layout } = wanted;
  if (layout.nifti === undefined) return undefined;
  const { depth } = layout.nifti;
  const folder = joinPath(session, layout.nifti.folder);
  const stem = tensor && stemOf(tensor);
  if (depth === "here") {
    const own = stem !== undefined && !plainStems(wanted).includes(stem) ? [stem] : undefined;
    const found = await withPlainName(wanted, folder, ".nii.gz", own);
    if (found !== undefined || stem !== undefined) return found;
    return withSimilarName(wanted, folder, ".nii.gz");
  }
  const listings = await listingsBelow(caps, folder, {
    depth: depth === "any" ? deepest : 1,
    leftOut: tensorFolders,
  });
  return inListings(wanted, depth === "any" ? listings : listings.slice(1), ".nii.gz", stem);
}

/** A tensor outside the folder in which ClinicaDL writes it. */
async function findElsewhere(wanted: Wanted, session: FilePath): Promise<FoundFile | undefined> {
  const { glob } = wanted.layout;
  // A name that may end in anything, of a measure that nothing states, is that of images of other pipelines, too.
  if (glob === undefined || glob.endsWith("*")) return undefined;
  const listings = await listingsBelow(wanted.caps, session, { depth: deepest, leftOut: partFolders });
  return inListings(wanted, listings, ".pt");
}

/** Folders of a session are not nested deeper. */
const deepest = 8;

/** What ClinicaDL writes: no NIfTI is in it. */
const tensorFolders: ReadonlySet<string> = new Set(["deeplearning_prepare_data"]);

/** Parts of images, whose names may end as those of images. */
const partFolders: ReadonlySet<string> = new Set(["patch_based", "roi_based", "slice_based"]);

/** What is in a folder. */
interface Listing {
  readonly folder: FilePath;
  readonly entries: readonly FileEntry[];
}

async function listingOf(caps: FileSource, folder: FilePath): Promise<Listing> {
  return { folder, entries: (await caps.list(folder)) ?? [] };
}

/** Listings of a folder, and of those in it except for some. */
async function listingsBelow(
  caps: FileSource,
  folder: FilePath,
  { depth, leftOut }: { readonly depth: number; readonly leftOut: ReadonlySet<string> },
): Promise<readonly Listing[]> {
  const own = await listingOf(caps, folder);
  const listings = [own];
  for (const { name, kind } of depth === 0 ? [] : own.entries) {
    if (kind !== "directory" || leftOut.has(name)) continue;
    const below = await listingsBelow(caps, joinPath(folder, name), { depth: depth - 1, leftOut });
    for (const listing of below) listings.push(listing);
  }
  return listings;
}

function plainStems({ session: { participantId, sessionId }, layout }: Wanted): readonly string[] {
  return layout.suffixes.map((suffix) => `${participantId}_${sessionId}${suffix}`);
}

async function withPlainName(
  wanted: Wanted,
  folder: FilePath,
  ending: Ending,
  stems: readonly string[] = plainStems(wanted),
): Promise<FoundFile | undefined> {
  const there: FilePath[] = [];
  for (const stem of stems) {
    const path = joinPath(folder, `${stem}${ending}`);
    if ((await wanted.caps.open(path)) !== undefined) there.push(path);
  }
  return theOnly(wanted, there);
}

async function withSimilarName(
  wanted: Wanted,
  folder: FilePath,
  ending: Ending,
): Promise<FoundFile | undefined> {
  if (wanted.layout.glob === undefined) return undefined;
  return inListings(wanted, [await listingOf(wanted.caps, folder)], ending);
}

/** @param stem - The name, where it is known; else what the layout allows. */
function inListings(
  wanted: Wanted,
  listings: readonly Listing[],
  ending: Ending,
  stem?: string,
): FoundFile | undefined {
  const pattern = globPattern(wanted.layout.glob ?? "");
  const fits = stem === undefined ? (own: string) => pattern.test(own) : (own: string) => own === stem;
  const there: FilePath[] = [];
  for (const { folder, entries } of listings) {
    for (const { name, kind } of entries) {
      if (kind !== "file" || !name.toLowerCase().endsWith(ending)) continue;
      if (fits(name.slice(0, -ending.length))) there.push(joinPath(folder, name));
    }
  }
  return theOnly(wanted, there);
}

/** The name of an image without its ending. */
export function stemOf({ path }: Pick<ImagePaths, "path">): string {
  return path.slice(path.lastIndexOf("/") + 1).replace(/\.(pt|nii\.gz)$/i, "");
}

/** @throws VoxplainError `invalid-file` when there are several, which are not the runs of one scan. */
function theOnly({ caps, session }: Wanted, paths: readonly FilePath[]): FoundFile | undefined {
  const [only, ...others] = paths;
  if (only === undefined || others.length === 0) return only === undefined ? undefined : { path: only };
  const last = lastRun(paths);
  if (last !== undefined) {
    const rest = paths.filter((path) => path !== last);
    return {
      path: last,
      note: `it has several runs: ${last} is used, as the last, and not ${rest.join(", ")}`,
    };
  }
  throw new VoxplainError("invalid-file", `two images of the same kind in ${caps.name}`, {
    session: session.name,
    found: paths.join(" and "),
    hint: "remove one of them",
  });
}

/** The one with the highest run, where paths differ in nothing else. */
function lastRun(paths: readonly FilePath[]): FilePath | undefined {
  const run = /_run-(\d+)(?=[^/]*$)/i;
  const numbers = paths.map((path) => Number(run.exec(path)?.[1]));
  const names = new Set(paths.map((path) => path.replace(run, "").toLowerCase()));
  if (names.size > 1 || numbers.some(Number.isNaN) || new Set(numbers).size < paths.length) return undefined;
  return paths[numbers.indexOf(Math.max(...numbers))];
}
