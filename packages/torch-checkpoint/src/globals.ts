import { type DType, VoxplainError } from "@voxplain/core";
import { numpyArray, numpyFromBuffer, numpyScalar } from "./numpy-array.ts";
import { numpyDtype } from "./numpy-dtype.ts";
import { damaged, printable } from "./pickle-limits.ts";
import { rebuildFromType, rebuildParameter, rebuildTensor, rebuildTyped } from "./rebuild.ts";

/** Something a pickle may name and call: a closed list of functions of ours. */
export interface Callable {
  readonly callable: string;
  call(args: readonly unknown[]): unknown;
}

/** A storage class of torch, which stands for an element type. */
export interface StorageType {
  readonly storage: DType;
}

const storageTypes: Readonly<Record<string, DType>> = {
  DoubleStorage: "float64",
  FloatStorage: "float32",
  HalfStorage: "float16",
  BFloat16Storage: "bfloat16",
  LongStorage: "int64",
  IntStorage: "int32",
  ShortStorage: "int16",
  CharStorage: "int8",
  ByteStorage: "uint8",
  BoolStorage: "bool",
  UntypedStorage: "uint8",
};

const functions: Readonly<Record<string, Callable["call"]>> = {
  "collections.OrderedDict": dict,
  "collections.Counter": dict,
  // Its argument makes missing entries; what is there follows as items.
  "collections.defaultdict": () => new Map(),
  "builtins.dict": dict,
  "builtins.list": list,
  "builtins.set": list,
  "builtins.frozenset": list,
  "builtins.bytes": bytes,
  "builtins.bytearray": bytes,
  "_codecs.encode": bytes,
  "torch.Size": list,
  "torch.device": device,
  "torch._utils._rebuild_tensor": rebuildTensor,
  "torch._utils._rebuild_tensor_v2": rebuildTensor,
  "torch._utils._rebuild_tensor_v3": rebuildTyped,
  "torch._utils._rebuild_parameter": rebuildParameter,
  "torch._utils._rebuild_parameter_with_state": rebuildParameter,
  "torch._tensor._rebuild_from_type_v2": rebuildFromType,
  "torch.nn.parameter.Parameter": rebuildParameter,
  "numpy.core.multiarray.scalar": numpyScalar,
  "numpy.core.multiarray._reconstruct": numpyArray,
  "numpy.core.numeric._frombuffer": numpyFromBuffer,
  "numpy.dtype": ([name]) => numpyDtype(name),
  "builtins.getattr": member,
  // Beside the weights: options of a training script, whose values say nothing about them, and its paths.
  "argparse.Namespace": () => new Map(),
  "types.SimpleNamespace": () => new Map(),
  "pytorch_lightning.utilities.parsing.AttributeDict": dict,
  "lightning.fabric.utilities.data.AttributeDict": dict,
  "lightning_fabric.utilities.data.AttributeDict": dict,
  "collections.deque": list,
  ...Object.fromEntries(
    ["pathlib", "pathlib._local"].flatMap((module) =>
      ["Path", "PosixPath", "WindowsPath", "PurePath", "PurePosixPath", "PureWindowsPath"].map(
        (name) => [`${module}.${name}`, path] as const,
      ),
    ),
  ),
};

/** Names that a checkpoint mentions and never calls. */
const words = [
  "builtins.int",
  "builtins.float",
  "builtins.bool",
  "builtins.str",
  "numpy.ndarray",
  "torch.Tensor",
  "torch.nn.parameter.Buffer",
  "monai.data.meta_tensor.MetaTensor",
  "torch.strided",
  ...["float64", "float32", "float16", "bfloat16", "int64", "int32", "int16", "int8"].map(
    (name) => `torch.${name}`,
  ),
  ...["uint64", "uint32", "uint16", "uint8", "bool"].map((name) => `torch.${name}`),
];

/**
 * Everything a checkpoint may name. Nothing here runs code of the file: each function is one of ours
 * that puts plain values together.
 */
const allowed: ReadonlyMap<string, Callable | StorageType | string> = new Map<
  string,
  Callable | StorageType | string
>([
  ...Object.entries(functions).map(([name, call]) => [name, { callable: name, call }] as const),
  ...Object.entries(storageTypes).flatMap(([name, dtype]) =>
    ["torch", "torch.cuda", "torch.storage"].map(
      (module) => [`${module}.${name}`, { storage: dtype }] as const,
    ),
  ),
  ...words.map((name) => [name, name] as const),
]);

/** @throws VoxplainError `unsafe-file` for a name that is not on the list. */
export function globalOf(module: string, name: string): unknown {
  const found = allowed.get(presentName(`${module}.${name}`));
  if (found !== undefined) return found;
  if (callbacks.test(module)) return `${module}.${name}`;
  if (module === enumerations) return { callable: `${module}.${name}`, call: word } satisfies Callable;
  throw notAllowed(`${printable(module)}.${printable(name)}`);
}

/** A module of nothing but enumerations of texts, the keys of a MetaTensor's attributes. */
const enumerations = "monai.utils.enums";

/** Classes that old versions of Lightning have as keys of a dict; a text cannot be called. */
const callbacks = /^(pytorch_lightning|lightning\.pytorch)\.callbacks(\.\w+)*$/;

function notAllowed(name: string): VoxplainError {
  return new VoxplainError(
    "unsafe-file",
    `its pickle asks for ${name}, which a checkpoint may not contain; nothing was executed`,
    {
      hint:
        "save the state_dict of a network alone or export the network to ONNX; save an image as a plain tensor " +
        "(with MONAI: image.as_tensor())",
    },
  );
}

/** Names move: Python 2 (and pickle protocol 2, in Python 3 too) has other ones for builtins, numpy 2 says numpy._core. */
function presentName(name: string): string {
  return (
    pythonTwoNames.get(name) ??
    name.replace(/^__builtin__\./, "builtins.").replace(/^numpy\._core\./, "numpy.core.")
  );
}

const pythonTwoNames: ReadonlyMap<string, string> = new Map([
  ["__builtin__.long", "builtins.int"],
  ["__builtin__.unicode", "builtins.str"],
]);

export function isCallable(value: unknown): value is Callable {
  return typeof value === "object" && value !== null && "callable" in value;
}

export function isStorageType(value: unknown): value is StorageType {
  return (
    typeof value === "object" && value !== null && "storage" in value && typeof value.storage === "string"
  );
}

function dict([pairs]: readonly unknown[]): Map<unknown, unknown> {
  if (pairs === undefined) return new Map();
  if (pairs instanceof Map) return new Map(pairs);
  if (!Array.isArray(pairs)) throw damaged("malformed arguments for dict()");
  return new Map(
    pairs.map((pair: unknown) => {
      if (!Array.isArray(pair) || pair.length !== 2) throw damaged("malformed arguments for dict()");
      return [pair[0], pair[1]];
    }),
  );
}

function list([items]: readonly unknown[]): unknown[] {
  if (items !== undefined && !Array.isArray(items)) throw damaged("malformed arguments for list()");
  return [...(items ?? [])];
}

/** Bytes as pickle protocols before 3 write them: `_codecs.encode(text, "latin1")`, `bytes()`. */
function bytes([content, encoding]: readonly unknown[]): Uint8Array {
  if (content === undefined) return new Uint8Array();
  if (content instanceof Uint8Array) return content;
  if (typeof content !== "string" || (encoding !== "latin1" && encoding !== "latin-1")) {
    throw damaged("bytes in it have an unknown encoding");
  }
  const encoded = new Uint8Array(content.length);
  for (let k = 0; k < content.length; k++) {
    const code = content.charCodeAt(k);
    if (code > 255) throw damaged("bytes in it have an unknown encoding");
    encoded[k] = code;
  }
  return encoded;
}

/** A member of an enumeration as Python 3.11 names it; its text is not in the file. */
function member([owner, name]: readonly unknown[]): string {
  if (!isCallable(owner) || !owner.callable.startsWith(`${enumerations}.`) || typeof name !== "string") {
    throw notAllowed("builtins.getattr");
  }
  return name;
}

/** A member of an enumeration as every other Python names it. */
function word([text]: readonly unknown[]): string {
  if (typeof text !== "string") throw damaged("a member of an enumeration in it is not text");
  return text;
}

/** A path, from its parts. */
function path(parts: readonly unknown[]): string {
  if (!parts.every((part) => typeof part === "string")) throw damaged("a path in it has an invalid part");
  return parts.join("/").replace(/^\/\//, "/");
}

/** Where something was computed, as "cuda:0". */
function device(parts: readonly unknown[]): string {
  if (!parts.every((part) => typeof part === "string" || typeof part === "number")) {
    throw damaged("a device in it has an invalid name");
  }
  return parts.join(":");
}
