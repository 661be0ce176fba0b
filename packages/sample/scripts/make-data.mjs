// `node scripts/make-data.mjs`: writes data/ from the sample of the repository. A test compares the two.
import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { gunzipSync, gzipSync } from "node:zlib";
import { readNifti } from "@voxplain/caps-io";
import { openCheckpoint, rootTensor } from "@voxplain/torch-checkpoint";
import { encodeNifti } from "@voxplain/writers";

const repository = fileURLToPath(new URL("../../../sample/", import.meta.url));
/** @param {string} path */
const inSample = (path) => join(repository, path);
/** @param {string} path */
const read = (path) => readFileSync(inSample(path));

/** The participant with the strongest atrophy, and one without any. */
const sessions = [
  { participant: "sub-SIM004", session: "ses-M00", diagnosis: "AD" },
  { participant: "sub-SIM002", session: "ses-M00", diagnosis: "CN" },
];
const network = "fold-0/models/best_balanced_accuracy/model_best.pth.tar";
const space = "space-MNI152NLin2009cSym_desc-Crop_res-2x2x2_T1w";

/**
 * The files of data/ with their bytes; those named *.gz not yet compressed, which differs between versions of zlib.
 * @returns {Promise<ReadonlyMap<string, Uint8Array>>}
 */
export async function sampleFiles() {
  const text = new TextEncoder();
  const { affine } = await readNifti(read("template/colin27_t1_2mm.nii.gz"), "the template");
  if (affine === undefined) throw new RangeError("the template has no position");
  const files = new Map();
  for (const { participant, session } of sessions) {
    const volume = { ...(await image(participant, session)), affine };
    const description = "Simulated from Colin27";
    files.set(`images/${participant}_${session}_${space}.nii.gz`, encodeNifti(volume, { description }));
  }
  files.set("sessions.tsv", text.encode(table()));
  files.set("model/commandline.json", commandline());
  files.set(`model/${network}`, read(`models/random_small/${network}`));
  files.set("atlas.nii.gz", gunzipSync(read("template/aal_2mm.nii.gz")));
  files.set("atlas.tsv", text.encode(regions()));
  return files;
}

/**
 * An image of the CAPS. Its values are whole numbers from 0 to 255, so a byte holds each.
 * @param {string} participant @param {string} session
 */
async function image(participant, session) {
  const folder = `caps/subjects/${participant}/${session}/deeplearning_prepare_data/image_based/t1_linear`;
  const name = `${folder}/${participant}_${session}_T1w_${space}.pt`;
  const checkpoint = await openCheckpoint(new Uint8Array(read(name)), { name });
  const { dims, data } = await rootTensor(checkpoint).read();
  const bytes = Uint8Array.from(/** @type {Float32Array} */ (data));
  if (bytes.some((value, k) => value !== data[k]))
    throw new RangeError(`${name} has values that do not fit into a byte`);
  return { data: bytes, shape: /** @type {[number, number, number]} */ (dims.slice(1)) };
}

function table() {
  const rows = sessions.map(({ participant, session, diagnosis }) =>
    [participant, session, diagnosis, `images/${participant}_${session}_${space}.nii.gz`].join("\t"),
  );
  return `${["participant_id\tsession_id\tdiagnosis\timage", ...rows].join("\n")}\n`;
}

/** Without the folders of the training, which are not here. */
function commandline() {
  const { caps_dir, tsv_path, ...settings } = JSON.parse(
    read("models/random_small/commandline.json").toString(),
  );
  return new TextEncoder().encode(`${JSON.stringify(settings, undefined, 4)}\n`);
}

/** The names of the regions, as BIDS has them. */
function regions() {
  const [, ...rows] = read("template/aal_labels.tsv").toString().trimEnd().split("\n");
  const names = rows.map((row) => row.split("\t").slice(0, 2).join("\t"));
  return `${["index\tname", ...names].join("\n")}\n`;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const data = fileURLToPath(new URL("../data/", import.meta.url));
  for (const folder of ["images", "model"]) rmSync(join(data, folder), { recursive: true, force: true });
  for (const [path, bytes] of await sampleFiles()) {
    mkdirSync(dirname(join(data, path)), { recursive: true });
    writeFileSync(join(data, path), path.endsWith(".gz") ? gzipSync(bytes, { level: 9 }) : bytes);
  }
}
