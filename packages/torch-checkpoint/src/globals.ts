import { type DType, VoxplainError } from "@voxplain/core";
import { type NumpyDtype, numpyArray, numpyDtype, numpyScalar } from "./numpy.ts";
import { damaged } from "./pickle-limits.ts";
import { type StorageRef, type TensorRef, tensorRef } from "./tensor-ref.ts";

/** Something a pickle may name and call: a closed list of functions of ours. */
export interface Callable {
  readonly callable: string;
  call(args: readonly unknown[]): unknown;
}

/** A storage class of torch, which tells an element type. */
export interface StorageType {
  readonly storage: DType;
}

const callable = (name: string, call: (args: readonly unknown[]) => unknown): Callable => ({
  callable: name,
  call,
});

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

const newDict = () => new Map();

function orderedDict([pairs]: readonly unknown[]): Map<unknown, unknown> {
  if (pairs === undefined) return new Map();
  if (pairs instanceof Map) return new Map(pairs);
  if (!Array.isArray(pairs)) throw damaged("an OrderedDict in it is made of something odd");
  return new Map(
    pairs.map((pair: unknown) => {
      if (!Array.isArray(pair) || pair.length !== 2)
        throw damaged("an OrderedDict in it is made of something odd");
      return [pair[0], pair[1]];
    }),
  );
}

/** _rebuild_tensor_v2(storage, offset, size, stride, requires_grad, hooks[, metadata]). */
function rebuildTensor([storage, offset, size, stride]: readonly unknown[]): TensorRef {
  return tensorRef(storage as StorageRef, offset, size, stride);
}

/** _rebuild_parameter(data, requires_grad, hooks): the tensor itself. */
const rebuildParameter = ([data]: readonly unknown[]) => data;

/** Things that say how something was computed, not what came out: kept as their text. */
const asText = (prefix: string) => (args: readonly unknown[]) => `${prefix}${args.join(":")}`;

const asList = ([items]: readonly unknown[]) => (Array.isArray(items) ? [...items] : []);

/**
 * Everything a checkpoint may name. Nothing here runs code of the file: each is a function of ours
 * that puts plain values together.
 */
const allowed: Readonly<Record<string, Callable | StorageType | string>> = {
  "collections.OrderedDict": callable("OrderedDict", orderedDict),
  "collections.defaultdict": callable("defaultdict", newDict),
  "collections.Counter": callable("Counter", orderedDict),
  "builtins.dict": callable("dict", orderedDict),
  "builtins.set": callable("set", asList),
  "__builtin__.set": callable("set", asList),
  "builtins.list": "list",
  "builtins.int": "int",
  "builtins.float": "float",
  "torch.Size": callable("Size", asList),
  "torch.device": callable("device", asText("")),
  "torch._utils._rebuild_tensor": callable("_rebuild_tensor", rebuildTensor),
  "torch._utils._rebuild_tensor_v2": callable("_rebuild_tensor_v2", rebuildTensor),
  "torch._utils._rebuild_parameter": callable("_rebuild_parameter", rebuildParameter),
  "torch.nn.parameter.Parameter": callable("Parameter", rebuildParameter),
  "torch.serialization._get_layout": callable("layout", asText("")),
  "_codecs.encode": callable("encode", ([text]) => {
    if (typeof text !== "string") throw damaged("text in it is encoded in an odd way");
    return Uint8Array.from(text, (character) => character.charCodeAt(0) & 0xff);
  }),
  ...Object.fromEntries(
    ["numpy.core", "numpy._core"].flatMap((core): [string, Callable][] => [
      [`${core}.multiarray.scalar`, callable("scalar", ([dtype, bytes]) => numpyScalar(dtype, bytes))],
      [`${core}.multiarray._reconstruct`, callable("_reconstruct", () => numpyArray())],
    ]),
  ),
  "numpy.ndarray": "ndarray",
  "numpy.dtype": callable("dtype", ([name]): NumpyDtype => numpyDtype(name)),
  ...Object.fromEntries(
    Object.entries(storageTypes).flatMap(([name, dtype]): [string, StorageType][] => [
      [`torch.${name}`, { storage: dtype }],
      [`torch.cuda.${name}`, { storage: dtype }],
      [`torch.storage.${name}`, { storage: dtype }],
    ]),
  ),
  ...Object.fromEntries(
    "float64 float32 float16 bfloat16 int64 int32 int16 int8 uint8 bool strided double float half long int"
      .split(" ")
      .map((name) => [`torch.${name}`, `torch.${name}`]),
  ),
};

/** @throws VoxplainError `unsafe-file` for a name that is not on the list. */
export function globalOf(module: string, name: string): unknown {
  const found = Object.hasOwn(allowed, `${module}.${name}`) ? allowed[`${module}.${name}`] : undefined;
  if (found !== undefined) return found;
  throw new VoxplainError(
    "unsafe-file",
    `its pickle asks for ${printable(module)}.${printable(name)}, which is not on the list of what a checkpoint may hold; ` +
      "nothing was executed. Save the state_dict of the network alone, or export it to ONNX",
  );
}

function printable(text: string): string {
  return text.slice(0, 100).replace(/[^\x20-\x7e]/g, "?");
}

export function isCallable(value: unknown): value is Callable {
  return typeof value === "object" && value !== null && "callable" in value;
}

export function isStorageType(value: unknown): value is StorageType {
  return (
    typeof value === "object" && value !== null && "storage" in value && typeof value.storage === "string"
  );
}
