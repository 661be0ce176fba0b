import { elementAt, VoxplainError } from "@voxplain/core";
import type { Message } from "./protobuf.ts";
import { changedSince } from "./upgrades/index.ts";

/**
 * Networks of images have some thousands, and some of text twice as many. ONNX Runtime takes minutes for a chain of so many nodes, and a
 * hostile file could double them with every function.
 */
const mostNodes = 25_000;

/** Calls in calls: the limit keeps hostile files off the stack. */
const deepest = 100;

/**
 * The graph of a model with the body of every function of the file in the place of its calls, in subgraphs and
 * inside other functions too. Values of a body are called after the call and themselves; attributes that refer to
 * one of the function have the value of the call, or else the function's default.
 * https://github.com/onnx/onnx/blob/main/docs/IR.md#functions
 * @throws VoxplainError `invalid-file` for a function that calls itself, or is called with more than it takes,
 * `unsupported` for one that cannot be inlined, and for more than 25,000 nodes.
 */
export function withoutFunctions(model: Message): Message {
  const versions = versionsOf(model);
  const functions = new Map(list(model.functions).map((each) => [keyOf(each, each.name), each]));
  const graph = model.graph as Message;
  checkSize(graph, functions);
  if (functions.size === 0) return graph;
  const names = new Set<string>();
  const counters = new Map<string, number>();
  collectNames(graph, names);
  return inGraph(graph);

  function inGraph(message: Message): Message {
    return { ...message, node: list(message.node).flatMap(inlined) };
  }

  function inlined(node: Message): readonly Message[] {
    const called = functions.get(keyOf(node, node.opType));
    const inside = withSubgraphs(node, inGraph);
    if (called === undefined) return [inside];
    const label = textOf(node.name) || texts(node.output).find((name) => name !== "") || textOf(node.opType);
    checkVersions(called, node, versions);
    return bodyOf(inside, called, label).flatMap(inlined);
  }

  /** The nodes of a function with the values and attributes of a call. */
  function bodyOf(call: Message, called: Message, label: string): readonly Message[] {
    const renamed = new Map<string, string>();
    const given = texts(call.input);
    const formal = texts(called.input);
    if (given.length > formal.length) {
      throw wrong("invalid-file", call, `takes ${formal.length} inputs and is given ${given.length}`);
    }
    for (const [k, name] of formal.entries()) renamed.set(name, given[k] ?? "");
    const wanted = texts(call.output);
    const results = texts(called.output);
    if (wanted.length > results.length) {
      throw wrong("invalid-file", call, `has ${results.length} outputs, and ${wanted.length} are named`);
    }
    const copies: Message[] = [];
    for (const [k, output] of wanted.entries()) {
      if (output === "") continue;
      const name = elementAt(results, k);
      if (!renamed.has(name)) renamed.set(name, output);
      else {
        const copy = { name: `${label}/${output}`, opType: "Identity", output: [output] };
        copies.push({ ...copy, input: [renamed.get(name)!] });
      }
    }
    const attributes = new Map<string, Message>();
    for (const each of [...list(called.attributeDefaults), ...list(call.attribute)]) {
      attributes.set(textOf(each.name), each);
    }
    const body = list(called.node).map((node) => withAttributes(node, attributes));
    for (const node of body) nameInside(node, label, renamed);
    return [...body.map((node) => renamedMessage(node, renamed, label)), ...copies];
  }

  /** New names for all that a node of a body makes, in its subgraphs too. */
  function nameInside(node: Message, label: string, renamed: Map<string, string>): void {
    const own = new Set<string>();
    collectNode(node, own);
    for (const name of own) {
      if (name !== "" && !renamed.has(name)) renamed.set(name, fresh(`${label}/${name}`));
    }
  }

  function fresh(hint: string): string {
    let name = hint;
    let n = counters.get(hint) ?? 1;
    for (; names.has(name); n++) name = `${hint}_${n}`;
    counters.set(hint, n);
    names.add(name);
    return name;
  }
}

/** Operator sets of a model, with those that only its functions need. */
export function versionsOf(message: Message): ReadonlyMap<string, number> {
  const imports = [
    ...list(message.functions).flatMap((each) => list(each.opsetImport)),
    ...list(message.opsetImport),
  ];
  return new Map(imports.map(({ domain, version }) => [domainOf(domain), Number(version ?? 0)]));
}

/** A function may be of another version of the operator set, as long as its operators mean the same in both. */
function checkVersions(called: Message, call: Message, versions: ReadonlyMap<string, number>): void {
  const own = versionsOf({ opsetImport: list(called.opsetImport) }).get("");
  const stated = versions.get("");
  if (own === undefined || stated === undefined || own === stated) return;
  const [older, newer] = [Math.min(own, stated), Math.max(own, stated)];
  const changed = list(called.node).find((node) => {
    const since = changedSince({ domain: domainOf(node.domain), opType: textOf(node.opType) });
    return since.some((version) => version > older && version <= newer);
  });
  if (changed === undefined) return;
  const what = `is of operator set ${own}, the file of ${stated}, and ${textOf(changed.opType)} differs between them`;
  throw wrong("unsupported", call, what);
}

/** Counts the nodes before they are made. */
function checkSize(graph: Message, functions: ReadonlyMap<string, Message>): void {
  const sizes = new Map<Message, number | "open">();
  const open: Message[] = [];
  const size = list(graph.node).reduce((sum, node) => sum + nodesOf(node), 0);
  if (size > mostNodes) {
    throw new VoxplainError(
      "unsupported",
      "the graph has too many nodes, with those of the functions that it calls",
      {
        expected: `at most ${mostNodes}`,
        found: String(size),
        hint: "export the network without what its training needs, or simplify the file (onnxsim)",
      },
    );
  }

  function nodesOf(node: Message): number {
    const inner = list(node.attribute).flatMap(({ graph, graphs }) => [
      ...(graph === undefined ? [] : [graph as Message]),
      ...list(graphs),
    ]);
    const inside = inner.reduce((sum, each) => sum + sizeOfAll(each), 0);
    const called = functions.get(keyOf(node, node.opType));
    return 1 + inside + (called === undefined ? 0 : sizeOfCall(node, called));
  }

  function sizeOfAll(message: Message): number {
    return list(message.node).reduce((sum, node) => sum + nodesOf(node), 0);
  }

  function sizeOfCall(call: Message, called: Message): number {
    const known = sizes.get(called);
    if (known === "open") throw wrong("invalid-file", call, "calls itself");
    if (known !== undefined) return known;
    if (open.length >= deepest)
      throw wrong("unsupported", call, `is called through more than ${deepest} others`);
    sizes.set(called, "open");
    open.push(called);
    const found = sizeOfAll(called);
    open.pop();
    sizes.set(called, found);
    return found;
  }
}

/** The attributes of a node in a function, without what refers to an attribute that neither the call nor the function has. */
function withAttributes(node: Message, given: ReadonlyMap<string, Message>): Message {
  const attribute = list(node.attribute).flatMap((each): Message[] => {
    const reference = textOf(each.reference);
    if (reference === "") return [each];
    const value = given.get(reference);
    return value === undefined ? [] : [{ ...value, name: each.name! }];
  });
  const own = withSubgraphs({ ...node, attribute }, (graph) => ({
    ...graph,
    node: list(graph.node).map((inner) => withAttributes(inner, given)),
  }));
  return own;
}

function withSubgraphs(node: Message, change: (graph: Message) => Message): Message {
  if (!list(node.attribute).some(({ graph, graphs }) => graph !== undefined || graphs !== undefined))
    return node;
  const attribute = list(node.attribute).map((each): Message => {
    const { graph, graphs } = each;
    return {
      ...each,
      ...(graph !== undefined && { graph: change(graph as Message) }),
      ...(graphs !== undefined && { graphs: list(graphs).map(change) }),
    };
  });
  return { ...node, attribute };
}

function renamedMessage(node: Message, renamed: ReadonlyMap<string, string>, label: string): Message {
  const rename = (name: string) => renamed.get(name) ?? name;
  const named = (each: Message): Message => ({ ...each, name: rename(textOf(each.name)) });
  const inside = withSubgraphs(node, (graph) => ({
    ...graph,
    input: list(graph.input).map(named),
    output: list(graph.output).map(named),
    initializer: list(graph.initializer).map(named),
    valueInfo: list(graph.valueInfo).map(named),
    node: list(graph.node).map((inner) => renamedMessage(inner, renamed, label)),
  }));
  return {
    ...inside,
    name: textOf(node.name) === "" ? "" : `${label}/${textOf(node.name)}`,
    input: texts(node.input).map(rename),
    output: texts(node.output).map(rename),
  };
}

/** Every name that a graph gives to a value, its subgraphs' too. */
function collectNames(graph: Message, names: Set<string>): void {
  for (const each of [...list(graph.input), ...list(graph.initializer)]) names.add(textOf(each.name));
  for (const node of list(graph.node)) collectNode(node, names);
}

function collectNode(node: Message, names: Set<string>): void {
  for (const name of texts(node.output)) names.add(name);
  for (const { graph, graphs } of list(node.attribute)) {
    if (graph !== undefined) collectNames(graph as Message, names);
    for (const each of list(graphs)) collectNames(each, names);
  }
}

/** Functions are identified by their domain, name and overload. */
function keyOf({ domain, overload }: Message, name: unknown): string {
  return [domainOf(domain), textOf(name), textOf(overload)].join("\n");
}

function wrong(code: "invalid-file" | "unsupported", call: Message, what: string): VoxplainError {
  return new VoxplainError(code, `the function ${textOf(call.opType)} of the file ${what}`);
}

const list = (value: unknown) => (value as readonly Message[] | undefined) ?? [];
const texts = (value: unknown) => (value as readonly string[] | undefined) ?? [];
/** The standard operators' domain has two names. */
const domainOf = (value: unknown) => (value === "ai.onnx" ? "" : textOf(value));
const textOf = (value: unknown) => (value as string | undefined) ?? "";
