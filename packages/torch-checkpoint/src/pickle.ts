import { VoxplainError } from "@voxplain/core";
import { latin1 } from "./latin1.ts";
import { damaged, mostObjects, mostOperations } from "./pickle-limits.ts";

/** How globals, calls and persistent ids become values: the machine itself knows none of them. */
export interface PickleWorld {
  /** What "module.name" stands for. @throws VoxplainError `unsafe-file` for anything not allowed. */
  global(module: string, name: string): unknown;
  /** `callable(*args)`. */
  call(callable: unknown, args: readonly unknown[]): unknown;
  /** `object.__setstate__(state)`. */
  setState(object: unknown, state: unknown): void;
  /** A storage, in torch's files. */
  persistent(id: unknown): unknown;
}

const mark = Symbol("mark");
const endOfBytes = Symbol("end of bytes");

/** True where a pickle was fine as far as its bytes went, so that more bytes may help. */
export function endedEarly(error: unknown): boolean {
  return error instanceof VoxplainError && error.cause === endOfBytes;
}

/**
 * Runs a pickle (protocols 1 to 5: torch cannot load those of protocol 0) as data. It calls nothing but
 * `world`, and takes time and memory in proportion to the bytes, up to the limits of pickle-limits.ts.
 * Opcodes: https://github.com/python/cpython/blob/3.12/Lib/pickletools.py
 * @returns the value, and the offset behind its STOP.
 */
export function unpickle(bytes: Uint8Array, world: PickleWorld): { value: unknown; end: number } {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const stack: unknown[] = [];
  // Picklers number what they remember from 0; an array takes that several times faster than a Map.
  const memo: unknown[] = [];
  let at = 0;
  let objects = 0;
  let operations = 0;

  const take = (length: number): number => {
    const start = at;
    if (length < 0) throw damaged("malformed pickle: negative length");
    if (length > bytes.byteLength - at) throw damaged("its pickle is truncated", endOfBytes);
    at += length;
    return start;
  };
  const u8 = () => bytes[take(1)]!;
  const u16 = () => view.getUint16(take(2), true);
  const u32 = () => view.getUint32(take(4), true);
  const i32 = () => view.getInt32(take(4), true);
  const u64 = () => {
    const value = Number(view.getBigUint64(take(8), true));
    if (!Number.isSafeInteger(value)) throw damaged("malformed pickle: length out of range");
    return value;
  };
  const raw = (length: number) => {
    const start = take(length);
    return bytes.subarray(start, start + length);
  };
  const text = (length: number) => utf8Of(raw(length));
  const line = () => {
    const end = bytes.indexOf(10, at);
    const found = raw((end < 0 ? bytes.byteLength : end) - at);
    take(1);
    return utf8Of(found);
  };
  const push = (value: unknown) => void stack.push(value);
  const make = (value: unknown) => {
    if (++objects > mostObjects) throw damaged(`its pickle creates more than ${mostObjects} objects`);
    push(value);
  };
  const pop = () => {
    if (stack.length === 0 || stack[stack.length - 1] === mark)
      throw damaged("malformed pickle: stack underflow");
    return stack.pop();
  };
  const top = () => {
    const value = pop();
    stack.push(value);
    return value;
  };
  const popToMark = () => {
    const start = stack.lastIndexOf(mark);
    if (start < 0) throw damaged("malformed pickle: missing mark");
    const items = stack.slice(start + 1);
    stack.length = start;
    return items;
  };
  const remember = (key: number) => {
    memo[key] = top();
  };
  const recall = (key: number) => {
    if (memo[key] === undefined) throw damaged("malformed pickle: unknown memo entry");
    push(memo[key]);
  };
  const extend = (items: readonly unknown[]) => {
    const list = top();
    if (!Array.isArray(list) || Object.isFrozen(list))
      throw damaged("malformed pickle: APPEND on an object that is not a list");
    for (const item of items) list.push(item);
  };
  const setItems = (items: readonly unknown[]) => {
    const dict = top();
    if (!(dict instanceof Map) || items.length % 2 !== 0)
      throw damaged("malformed pickle: SETITEM on an object that is not a dict");
    for (let k = 0; k < items.length; k += 2) dict.set(items[k], items[k + 1]);
  };
  const globalOf = (module: unknown, name: unknown) => {
    if (typeof module !== "string" || typeof name !== "string")
      throw damaged("malformed pickle: global without a name");
    return world.global(module, name);
  };
  const tuple = (items: unknown[]) => make(Object.freeze(items));
  const call = (callable: unknown, args: unknown) => {
    if (!Array.isArray(args)) throw damaged("malformed pickle: call without arguments");
    make(world.call(callable, args));
  };

  const opcodes: Readonly<Record<number, () => void>> = {
    128: () => void u8(), // PROTO
    149: () => void u64(), // FRAME
    40: () => push(mark), // MARK
    48: () => void (stack[stack.length - 1] === mark ? stack.pop() : pop()), // POP
    49: () => void popToMark(), // POP_MARK
    50: () => push(top()), // DUP
    78: () => push(null), // NONE
    136: () => push(true), // NEWTRUE
    137: () => push(false), // NEWFALSE
    73: () => push(integerLine(line())), // INT
    74: () => push(i32()), // BININT
    75: () => push(u8()), // BININT1
    77: () => push(u16()), // BININT2
    76: () => push(integerLine(line().replace(/L$/, ""))), // LONG
    138: () => push(longOf(raw(u8()))), // LONG1
    139: () => push(longOf(raw(i32()))), // LONG4
    71: () => push(view.getFloat64(take(8), false)), // BINFLOAT
    88: () => push(text(u32())), // BINUNICODE
    140: () => push(text(u8())), // SHORT_BINUNICODE
    141: () => push(text(u64())), // BINUNICODE8
    84: () => push(latin1(raw(i32()))), // BINSTRING
    85: () => push(latin1(raw(u8()))), // SHORT_BINSTRING
    66: () => make(raw(u32())), // BINBYTES
    67: () => make(raw(u8())), // SHORT_BINBYTES
    142: () => make(raw(u64())), // BINBYTES8
    150: () => make(raw(u64())), // BYTEARRAY8
    93: () => make([]), // EMPTY_LIST
    108: () => make(popToMark()), // LIST
    97: () => extend([pop()]), // APPEND
    101: () => extend(popToMark()), // APPENDS
    41: () => tuple([]), // EMPTY_TUPLE
    116: () => tuple(popToMark()), // TUPLE
    133: () => tuple([pop()]), // TUPLE1
    134: () => tuple([pop(), pop()].reverse()), // TUPLE2
    135: () => tuple([pop(), pop(), pop()].reverse()), // TUPLE3
    125: () => make(new Map()), // EMPTY_DICT
    100: () => {
      const items = popToMark(); // DICT
      make(new Map());
      setItems(items);
    },
    115: () => setItems([pop(), pop()].reverse()), // SETITEM
    117: () => setItems(popToMark()), // SETITEMS
    143: () => make([]), // EMPTY_SET
    144: () => extend(popToMark()), // ADDITEMS
    145: () => tuple(popToMark()), // FROZENSET
    113: () => remember(u8()), // BINPUT
    114: () => remember(u32()), // LONG_BINPUT
    148: () => remember(memo.length), // MEMOIZE
    104: () => recall(u8()), // BINGET
    106: () => recall(u32()), // LONG_BINGET
    99: () => push(globalOf(line(), line())), // GLOBAL
    147: () => {
      const name = pop(); // STACK_GLOBAL
      push(globalOf(pop(), name));
    },
    82: () => {
      const args = pop(); // REDUCE
      call(pop(), args);
    },
    129: () => {
      const args = pop(); // NEWOBJ
      call(pop(), args);
    },
    146: () => {
      const named = pop(); // NEWOBJ_EX
      const args = pop();
      const callable = pop();
      if (!(named instanceof Map) || named.size > 0)
        throw damaged("malformed pickle: call with keyword arguments");
      call(callable, args);
    },
    105: () => call(globalOf(line(), line()), popToMark()), // INST
    111: () => {
      const [callable, ...args] = popToMark(); // OBJ
      call(callable, args);
    },
    98: () => {
      const state = pop(); // BUILD
      world.setState(top(), state);
    },
    81: () => make(world.persistent(pop())), // BINPERSID
  };

  for (;;) {
    const opcode = u8();
    if (opcode === 0x2e) return { value: pop(), end: at }; // STOP
    const run = opcodes[opcode];
    if (run === undefined) throw damaged(`malformed pickle: unknown opcode 0x${opcode.toString(16)}`);
    if (++operations > mostOperations) throw damaged(`its pickle has more than ${mostOperations} steps`);
    run();
  }
}

const utf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

function utf8Of(bytes: Uint8Array): string {
  try {
    return utf8.decode(bytes);
  } catch (cause) {
    throw damaged("malformed pickle: text that is not UTF-8", cause);
  }
}

function integerLine(line: string): number | bigint | boolean {
  if (line === "00" || line === "01") return line === "01";
  if (!/^-?\d{1,4000}$/.test(line)) throw damaged("malformed pickle: invalid integer literal");
  return smallest(BigInt(line));
}

/** Little-endian two's complement of any length. */
function longOf(bytes: Uint8Array): number | bigint {
  // A number of more bits is no learning rate and no shape; turning megabytes of it into a bigint takes long.
  if (bytes.length > 1024) throw damaged("malformed pickle: integer out of range");
  let value = 0n;
  for (let k = bytes.length - 1; k >= 0; k--) value = (value << 8n) | BigInt(bytes[k]!);
  return smallest(BigInt.asIntN(8 * bytes.length, value));
}

function smallest(value: bigint): number | bigint {
  const number = Number(value);
  return Number.isSafeInteger(number) ? number : value;
}
