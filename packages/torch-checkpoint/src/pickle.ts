import { VoxplainError } from "@voxplain/core";
import { damaged } from "./pickle-limits.ts";

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

/**
 * Runs a pickle (protocols 0 to 5, binary opcodes) as data. It calls nothing but `world`, and takes
 * time and memory in proportion to the bytes.
 * Opcodes: https://github.com/python/cpython/blob/3.12/Lib/pickletools.py
 * @returns the value, and the offset behind its STOP.
 */
export function unpickle(bytes: Uint8Array, world: PickleWorld): { value: unknown; end: number } {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const stack: unknown[] = [];
  const memo = new Map<number, unknown>();
  let at = 0;

  const take = (length: number): number => {
    const start = at;
    if (!(length >= 0 && length <= bytes.byteLength - at)) throw damaged("its pickle ends too early");
    at += length;
    return start;
  };
  const u8 = () => bytes[take(1)]!;
  const u16 = () => view.getUint16(take(2), true);
  const u32 = () => view.getUint32(take(4), true);
  const i32 = () => view.getInt32(take(4), true);
  const u64 = () => {
    const value = Number(view.getBigUint64(take(8), true));
    if (!Number.isSafeInteger(value)) throw damaged("a length in its pickle is absurd");
    return value;
  };
  const raw = (length: number) => {
    const start = take(length);
    return bytes.subarray(start, start + length);
  };
  const text = (length: number) => utf8.decode(raw(length));
  const line = () => {
    const end = bytes.indexOf(10, at);
    if (end < 0) throw damaged("its pickle ends too early");
    const found = utf8.decode(bytes.subarray(at, end));
    at = end + 1;
    return found;
  };
  const push = (value: unknown) => void stack.push(value);
  const pop = () => {
    if (stack.length === 0 || stack[stack.length - 1] === mark)
      throw damaged("its pickle takes more than it has");
    return stack.pop();
  };
  const top = () => {
    const value = pop();
    stack.push(value);
    return value;
  };
  const popToMark = () => {
    const start = stack.lastIndexOf(mark);
    if (start < 0) throw damaged("a mark is missing in its pickle");
    const items = stack.slice(start + 1);
    stack.length = start;
    return items;
  };
  const remember = (key: number) => void memo.set(key, top());
  const recall = (key: number) => {
    if (!memo.has(key)) throw damaged("its pickle refers to what is not there");
    push(memo.get(key));
  };
  const extend = (items: readonly unknown[]) => {
    const list = top();
    if (!Array.isArray(list) || Object.isFrozen(list)) throw damaged("its pickle appends to what is no list");
    for (const item of items) list.push(item);
  };
  const setItems = (items: readonly unknown[]) => {
    const dict = top();
    if (!(dict instanceof Map) || items.length % 2 !== 0) throw damaged("its pickle fills what is no dict");
    for (let k = 0; k < items.length; k += 2) dict.set(items[k], items[k + 1]);
  };
  const globalOf = (module: unknown, name: unknown) => {
    if (typeof module !== "string" || typeof name !== "string")
      throw damaged("a global in its pickle has no name");
    return world.global(module, name);
  };
  const tuple = (items: unknown[]) => push(Object.freeze(items));
  const call = (callable: unknown, args: unknown) => {
    if (!Array.isArray(args)) throw damaged("a call in its pickle has no arguments");
    push(world.call(callable, args));
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
    70: () => push(numberLine(line())), // FLOAT
    71: () => push(view.getFloat64(take(8), false)), // BINFLOAT
    88: () => push(text(u32())), // BINUNICODE
    140: () => push(text(u8())), // SHORT_BINUNICODE
    141: () => push(text(u64())), // BINUNICODE8
    86: () => push(line()), // UNICODE
    83: () => push(quoted(line())), // STRING
    84: () => push(latin1(raw(i32()))), // BINSTRING
    85: () => push(latin1(raw(u8()))), // SHORT_BINSTRING
    66: () => push(raw(u32())), // BINBYTES
    67: () => push(raw(u8())), // SHORT_BINBYTES
    142: () => push(raw(u64())), // BINBYTES8
    150: () => push(raw(u64())), // BYTEARRAY8
    93: () => push([]), // EMPTY_LIST
    108: () => push(popToMark()), // LIST
    97: () => extend([pop()]), // APPEND
    101: () => extend(popToMark()), // APPENDS
    41: () => tuple([]), // EMPTY_TUPLE
    116: () => tuple(popToMark()), // TUPLE
    133: () => tuple([pop()]), // TUPLE1
    134: () => tuple([pop(), pop()].reverse()), // TUPLE2
    135: () => tuple([pop(), pop(), pop()].reverse()), // TUPLE3
    125: () => push(new Map()), // EMPTY_DICT
    100: () => {
      const items = popToMark(); // DICT
      push(new Map());
      setItems(items);
    },
    115: () => setItems([pop(), pop()].reverse()), // SETITEM
    117: () => setItems(popToMark()), // SETITEMS
    143: () => push([]), // EMPTY_SET
    144: () => extend(popToMark()), // ADDITEMS
    145: () => tuple(popToMark()), // FROZENSET
    112: () => remember(digits(line())), // PUT
    113: () => remember(u8()), // BINPUT
    114: () => remember(u32()), // LONG_BINPUT
    148: () => remember(memo.size), // MEMOIZE
    103: () => recall(digits(line())), // GET
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
    98: () => {
      const state = pop(); // BUILD
      world.setState(top(), state);
    },
    81: () => push(world.persistent(pop())), // BINPERSID
    80: () => push(world.persistent(line())), // PERSID
  };

  for (;;) {
    const opcode = u8();
    if (opcode === 0x2e) return { value: pop(), end: at }; // STOP
    const run = opcodes[opcode];
    if (run === undefined) throw refused(opcode);
    run();
  }
}

const utf8 = new TextDecoder();

function refused(opcode: number): VoxplainError {
  const code = `0x${opcode.toString(16)}`;
  // INST, OBJ, NEWOBJ_EX and the extension registry make objects of classes that we do not know.
  return [0x69, 0x6f, 0x92, 0x82, 0x83, 0x84].includes(opcode)
    ? new VoxplainError(
        "unsafe-file",
        `its pickle makes an object of an unknown class (opcode ${code}); nothing was executed`,
      )
    : damaged(`its pickle has the unknown opcode ${code}`);
}

function latin1(bytes: Uint8Array): string {
  return new TextDecoder("latin1").decode(bytes);
}

function quoted(line: string): string {
  return line.slice(1, -1);
}

function digits(line: string): number {
  if (!/^\d{1,9}$/.test(line)) throw damaged("its pickle refers to what is not there");
  return Number(line);
}

function numberLine(line: string): number {
  const words: Readonly<Record<string, number>> = { inf: Infinity, "-inf": -Infinity, nan: Number.NaN };
  return words[line] ?? Number(line);
}

function integerLine(line: string): number | bigint | boolean {
  if (line === "00" || line === "01") return line === "01";
  if (!/^-?\d{1,4000}$/.test(line)) throw damaged("its pickle has an integer that is none");
  return smallest(BigInt(line));
}

/** Little-endian two's complement of any length. */
function longOf(bytes: Uint8Array): number | bigint {
  // A number of more bits is no learning rate and no shape; turning megabytes of it into a bigint takes long.
  if (bytes.length > 1024) throw damaged("its pickle has an integer of absurd size");
  let value = 0n;
  for (let k = bytes.length - 1; k >= 0; k--) value = (value << 8n) | BigInt(bytes[k]!);
  return smallest(BigInt.asIntN(8 * bytes.length, value));
}

function smallest(value: bigint): number | bigint {
  const number = Number(value);
  return Number.isSafeInteger(number) ? number : value;
}
