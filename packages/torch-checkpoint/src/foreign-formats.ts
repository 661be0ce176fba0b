const exportAdvice = "save the network's state_dict with torch.save, or export it to ONNX";
const imageAdvice = "give the file its own ending, or save the tensor with torch.save";

/** Archives of other programs, by the names of their records. */
const archives: readonly { readonly name: RegExp; readonly what: string }[] = [
  { name: /^[^/]+\/constants\.pkl$/, what: `a TorchScript archive (torch.jit.save); ${exportAdvice}` },
  {
    name: /^([^/]+\/)?(archive_format|serialized_exported_program\.json|models\/[^/]+\.json)$/,
    what: `an exported program (torch.export.save, .pt2); ${exportAdvice}`,
  },
  {
    name: /^([^/]+\/)?MODEL_VERSION$|\.mar$|MAR-INF\/MANIFEST/,
    what: `a TorchServe archive; ${exportAdvice}`,
  },
  {
    name: /^(model\.weights\.h5|config\.json|metadata\.json)$/,
    what: "a Keras archive (.keras); export the network to ONNX, with tf2onnx for example",
  },
  {
    name: /(^|\/)saved_model\.pb$/,
    what: "a zipped SavedModel of TensorFlow; export the network to ONNX, with tf2onnx for example",
  },
  {
    name: /(^|\/)configs\/metadata\.json$/,
    what: "a zipped MONAI bundle; unpack it, and take models/model.pt",
  },
  {
    name: /\.safetensors$/,
    what: "a zip of safetensors files; load it with safetensors and save it with torch.save",
  },
  { name: /\.npy$/, what: "an .npz archive of numpy; save one array with numpy.save, as .npy" },
  { name: /^\[Content_Types\]\.xml$/, what: "an Office document" },
  { name: /\.(pt|pth|pth\.tar|onnx|nii|nii\.gz|dcm)$/i, what: "a zip of other files; unpack it first" },
];

/** What a zip archive without data.pkl is, "" where that is not known. TorchScript has a data.pkl beside its own. */
export function foreignArchive(names: Iterable<string>): string {
  const all = [...names];
  return archives.find(({ name }) => all.some((one) => name.test(one)))?.what ?? "";
}

/** The beginnings of files that torch.save does not write. */
const beginnings: readonly { readonly start: RegExp; readonly what: string }[] = [
  { start: /^\s*<(!doctype|html|\?xml)/i, what: "a web page, perhaps of a download that failed" },
  {
    start: /^version https:\/\/git-lfs/,
    what: "a pointer of Git LFS; fetch the file itself with `git lfs pull`",
  },
  {
    start: /^.{257}ustar/s,
    what: "a tar archive, as torch wrote before 0.1.10; load and save it again, or unpack it",
  },
  // biome-ignore lint/suspicious/noControlCharactersInRegex: a byte of a file
  { start: /^\x1f\x8b/, what: "compressed with gzip; decompress it first" },
  {
    start: /^(BZh|\xfd7zXZ|\x28\xb5\x2f\xfd|7z\xbc\xaf|Rar!)/,
    what: "a compressed archive; unpack it first",
  },
  {
    start: /^.{7}\0\s*\{/s,
    what: "a safetensors file; save it with torch.save(safetensors.torch.load_file(path), path)",
  },
  { start: /^\x89HDF\r\n/, what: "an HDF5 file, as Keras (.h5) writes; export the network to ONNX" },
  { start: /^\x93NUMPY/, what: `an array that numpy saved; ${imageAdvice}` },
  { start: /^.{344}(n\+1|ni1)\0/s, what: `a NIfTI image; ${imageAdvice}` },
  { start: /^.{128}DICM/s, what: "a DICOM image; convert it to NIfTI, with dcm2niix for example" },
  { start: /^\x89PNG/, what: `a PNG picture; ${imageAdvice}` },
  { start: /^\xff\xd8\xff/, what: `a JPEG picture; ${imageAdvice}` },
  { start: /^MATLAB 5/, what: "a .mat file of MATLAB" },
  { start: /^GGUF/, what: "a GGUF file" },
  { start: /^PYTORCH1/, what: "an archive of PyTorch's preview release; save it again" },
  {
    start: /^.{2,16}(pytorch|tf2onnx|onnx|keras)/s,
    what: "an ONNX network; its name should end in .onnx",
  },
  { start: /^\s*[[{]/, what: "text (JSON)" },
];

/** What a file is that begins with these bytes (512 of them); "" where that is not known. */
export function foreignFile(start: Uint8Array): string {
  const text = new TextDecoder("latin1").decode(start);
  return beginnings.find((known) => known.start.test(text))?.what ?? "";
}
