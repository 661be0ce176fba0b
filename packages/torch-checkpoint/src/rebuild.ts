import { type DType, VoxplainError } from "@voxplain/core";
import { damaged } from "./pickle-limits.ts";
import { retyped, type TensorRef, tensorRef } from "./tensor-ref.ts";

/** Types that have no storage class of their own and are kept in untyped storages (torch 2.3). */
const laterTypes: ReadonlyMap<unknown, DType> = new Map([
  ["torch.uint64", "uint64"],
  ["torch.uint32", "uint32"],
  ["torch.uint16", "uint16"],
]);

/** `torch._utils._rebuild_tensor_v2(storage, offset, size, stride, requires_grad, hooks[, metadata])`. */
export function rebuildTensor([storage, offset, size, stride, , , metadata]: readonly unknown[]): TensorRef {
  refuseLazyBits(metadata);
  return tensorRef(storage, offset, size, stride);
}

/** `torch._utils._rebuild_tensor_v3(storage, offset, size, stride, requires_grad, hooks, dtype[, metadata])`. */
export function rebuildTyped(args: readonly unknown[]): TensorRef {
  const [storage, offset, size, stride, , , dtype, metadata] = args;
  const type = laterTypes.get(dtype);
  if (type === undefined) {
    throw new VoxplainError(
      "unsupported",
      "it holds a tensor of a type that is not supported, such as float8",
    );
  }
  refuseLazyBits(metadata);
  return tensorRef(retyped(storage, type), offset, size, stride);
}

/** `torch._utils._rebuild_parameter(data, requires_grad, hooks[, state])`: the tensor itself. */
export function rebuildParameter([data]: readonly unknown[]): unknown {
  return data;
}

/** `torch._tensor._rebuild_from_type_v2(function, type, args, state)`, of a tensor with attributes: the tensor alone. */
export function rebuildFromType([named, , args]: readonly unknown[]): unknown {
  const call = typeof named === "object" && named !== null && "call" in named ? named.call : undefined;
  // Only these: a function that rebuilds a rebuilding … could go on without end.
  const rebuild = [rebuildTensor, rebuildTyped, rebuildParameter].find((known) => known === call);
  if (rebuild === undefined || !Array.isArray(args)) throw damaged("a tensor in it has malformed arguments");
  return rebuild(args);
}

/** torch may save a tensor before it has changed the signs that a computation asked to change. */
function refuseLazyBits(metadata: unknown): void {
  if (metadata instanceof Map && (metadata.get("neg") === true || metadata.get("conj") === true)) {
    throw new VoxplainError("unsupported", "it holds a tensor with a pending sign change (neg or conj)", {
      hint: "save tensor.resolve_neg() instead",
    });
  }
}
