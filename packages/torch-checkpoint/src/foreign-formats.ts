import { latin1 } from "./latin1.ts";

const exportHint = "save the network's state_dict with torch.save, or export it to ONNX";
const imageHint = "give the file its own ending, or save the tensor with torch.save";

/** What a file is instead of a checkpoint, and what can be done with it. */
export interface Foreign {
  readonly found: string;
  readonly hint?: string;
}

/** Archives of other programs, by the names of their records. */
const archives: readonly (Foreign & { readonly name: RegExp })[] = [
  { name: /^[^/]+\/constants\.pkl$/, found: "a TorchScript archive (torch.jit.save)", hint: exportHint },
  {
    name: /^([^/]+\/)?(archive_format|serialized_exported_program\.json|models\/[^/]+\.json)$/,
    found: "an exported program (torch.export.save, .pt2)",
    hint: exportHint,
  },
  {
    name: /^([^/]+\/)?MODEL_VERSION$|\.mar$|MAR-INF\/MANIFEST/,
    found: "a TorchServe archive",
    hint: exportHint,
  },
  {
    name: /^(model\.weights\.h5|config\.json|metadata\.json)$/,
    found: "a Keras archive (.keras)",
    hint: "export the network to ONNX, with tf2onnx for example",
  },
  {
    name: /(^|\/)saved_model\.pb$/,
    found: "a zipped SavedModel of TensorFlow",
    hint: "export the network to ONNX, with tf2onnx for example",
  },
  {
    name: /(^|\/)configs\/metadata\.json$/,
    found: "a zipped MONAI bundle",
    hint: "unpack it, and take models/model.pt",
  },
  {
    name: /\.safetensors$/,
    found: "a zip of safetensors files",
    hint: "load it with safetensors and save it with torch.save",
  },
  { name: /\.npy$/, found: "an .npz archive of numpy", hint: "save one array with numpy.save, as .npy" },
  { name: /^\[Content_Types\]\.xml$/, found: "an Office document" },
  {
    name: /\.(pt|pth|pth\.tar|onnx|nii|nii\.gz|dcm)$/i,
    found: "a zip of other files",
    hint: "unpack it first",
  },
];

/** What a zip archive without data.pkl is, undefined where that is unknown. TorchScript has a data.pkl beside its own. */
export function foreignArchive(names: Iterable<string>): Foreign | undefined {
  const all = [...names];
  return archives.find(({ name }) => all.some((one) => name.test(one)));
}

/** The beginnings of files that torch.save does not write. */
const beginnings: readonly (Foreign & { readonly start: RegExp })[] = [
  { start: /^\s*<(!doctype|html|\?xml)/i, found: "a web page, perhaps of a download that failed" },
  {
    start: /^version https:\/\/git-lfs/,
    found: "a pointer of Git LFS",
    hint: "fetch the file itself with `git lfs pull`",
  },
  {
    start: /^.{257}ustar/s,
    found: "a tar archive, as torch wrote before 0.1.10",
    hint: "load and save it again, or unpack it",
  },
  // biome-ignore lint/suspicious/noControlCharactersInRegex: a byte of a file
  { start: /^\x1f\x8b/, found: "a file compressed with gzip", hint: "decompress it first" },
  {
    start: /^(BZh|\xfd7zXZ|\x28\xb5\x2f\xfd|7z\xbc\xaf|Rar!)/,
    found: "a compressed archive",
    hint: "unpack it first",
  },
  {
    start: /^.{7}\0\s*\{/s,
    found: "a safetensors file",
    hint: "save it with torch.save(safetensors.torch.load_file(path), path)",
  },
  { start: /^\x89HDF\r\n/, found: "an HDF5 file, as Keras (.h5) writes", hint: "export the network to ONNX" },
  { start: /^\x93NUMPY/, found: "a numpy array (.npy)", hint: imageHint },
  { start: /^.{344}(n\+1|ni1)\0/s, found: "a NIfTI image", hint: imageHint },
  { start: /^.{128}DICM/s, found: "a DICOM image", hint: "convert it to NIfTI, with dcm2niix for example" },
  { start: /^\x89PNG/, found: "a PNG picture", hint: imageHint },
  { start: /^\xff\xd8\xff/, found: "a JPEG picture", hint: imageHint },
  { start: /^MATLAB 5/, found: "a .mat file of MATLAB" },
  { start: /^GGUF/, found: "a GGUF file" },
  { start: /^PYTORCH1/, found: "an archive of PyTorch's preview release", hint: "save it again" },
  {
    start: /^.{2,16}(pytorch|tf2onnx|onnx|keras)/s,
    found: "an ONNX network",
    hint: "its name should end in .onnx",
  },
  { start: /^\s*[[{]/, found: "text (JSON)" },
];

/** What a file is that begins with these bytes (512 of them); undefined where that is unknown. */
export function foreignFile(start: Uint8Array): Foreign | undefined {
  const text = latin1(start);
  return beginnings.find((known) => known.start.test(text));
}
