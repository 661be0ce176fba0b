import {
  type ImageInput,
  isFailure,
  type PartInput,
  type Session,
  type SessionFailure,
} from "@voxplain/caps-io";
import { isVoxplainError, type Tensor, VoxplainError } from "@voxplain/core";
import {
  type AttributionMethod,
  type CheckResult,
  explain,
  type MapWarning,
  type Prediction,
  type Refinement,
  shapeMisfit,
  softVote,
  uniformWeights,
} from "@voxplain/saliency";
import type { Voting } from "@voxplain/study";
import type { Networks, OpenNetwork } from "./networks.ts";
import { sentence } from "./sentence.ts";

/** A part of an image with its map and what the network says of it. */
export interface ExplainedPart {
  readonly part: PartInput;
  readonly map: Tensor<"float32">;
  readonly prediction: Prediction;
  readonly delta?: number;
  readonly warnings: readonly MapWarning[];
  readonly refinement?: Refinement;
  /** Where checks were asked for. */
  readonly checked?: CheckResult;
}

/** What is said of an image: by the network, or by the vote of its parts (which has no logits). */
export interface ImagePrediction {
  readonly probabilities: readonly number[];
  readonly predictedClass: number;
  readonly logits?: readonly number[];
}

export interface ExplainedSession {
  readonly input: ImageInput;
  /** In the order of their index; of a whole image there is one. */
  readonly parts: readonly ExplainedPart[];
  readonly prediction: ImagePrediction;
}

export interface ExplainSessionsOptions {
  readonly networks: Networks;
  readonly method: AttributionMethod;
  readonly target: number;
  readonly batchSize: number;
  /** Absent for whole images. */
  readonly voting?: Voting;
  /** Called for each map as long as its network is open. */
  readonly check?: (explained: ExplainedPart, open: OpenNetwork, session: Session) => Promise<CheckResult>;
  /** Called for a session that cannot be used. "stop" ends the sequence, after what was begun before. */
  readonly onFailure: (failure: SessionFailure) => "stop" | "skip";
}

/** Sessions with all their parts' inputs in memory: at most these many numbers wait for a network. */
const mostWaiting = 2 ** 26;

/**
 * Takes sessions through the network, in their order. What is in memory at a time: two batches of a
 * network that sees every part; of a multi-CNN model, whose networks are opened in turn, the parts of
 * as many sessions as 256 MB hold.
 */
export async function* explainSessions(
  sessions: AsyncIterable<ImageInput | SessionFailure>,
  options: ExplainSessionsOptions,
): AsyncGenerator<ExplainedSession> {
  const read = readWhole(sessions, options);
  const explained =
    options.networks.count === undefined ? withOneNetwork(read, options) : withNetworks(read, options);
  for await (const { input, parts } of explained) {
    let prediction: ImagePrediction;
    try {
      prediction = imagePrediction(parts, options.voting);
    } catch (error) {
      if (!isVoxplainError(error)) throw error;
      if (options.onFailure({ session: input.session, error: votingError(input, error) }) === "stop") return;
      continue;
    }
    yield { input, parts, prediction };
  }
}

/** A session whose parts were all read. */
interface ReadSession {
  readonly input: ImageInput;
  readonly parts: readonly PartInput[];
}

type Explanation = Omit<ExplainedSession, "prediction">;

async function* readWhole(
  sessions: AsyncIterable<ImageInput | SessionFailure>,
  { networks, onFailure }: ExplainSessionsOptions,
): AsyncGenerator<ReadSession> {
  for await (const input of sessions) {
    if (isFailure(input)) {
      if (onFailure(input) === "stop") return;
      continue;
    }
    try {
      const parts: PartInput[] = [];
      for (const { index } of input.parts) parts.push(await input.read(index));
      if (networks.count !== undefined && networks.count !== parts.length) {
        throw new VoxplainError(
          "mismatch",
          `${nameOf(input)} has ${parts.length} parts, but the model has ${networks.count} networks, one for each`,
        );
      }
      yield { input, parts };
    } catch (error) {
      if (!isVoxplainError(error)) throw error;
      if (onFailure({ session: input.session, error }) === "stop") return;
    }
  }
}

/** One network sees every part of every session. */
async function* withOneNetwork(
  sessions: AsyncIterable<ReadSession>,
  options: ExplainSessionsOptions,
): AsyncGenerator<Explanation> {
  const { method, target, batchSize, onFailure } = options;
  const iterator = sessions[Symbol.asyncIterator]();
  const start = await startWith(iterator, options);
  if (start === undefined) return;
  const { first, open } = start;
  const items = partItems(first, iterator, open.model.inputDims, onFailure);
  const failed = failedSessions(open, options);
  let parts: ExplainedPart[] = [];
  let current: ReadSession | undefined;
  try {
    const explained = explain(open.model, items, {
      ...{ method, target, batchSize },
      onFailure: ({ session }, error) => failed.add(session, error),
    });
    for await (const { item, ...computed } of explained) {
      if (failed.has(item.session)) continue;
      if (item.session !== current) [current, parts] = [item.session, []];
      const part = await withChecks({ part: item.part, ...computed }, open, item.session, options).catch(
        (error: unknown) => failed.inChecks(item.session, error),
      );
      if (part === "stop") return;
      if (part === "skip") continue;
      parts.push(part);
      if (parts.length < item.session.parts.length) continue;
      yield { input: item.session.input, parts };
    }
  } finally {
    await open.model.release();
  }
}

/** Sessions of which something is not finite, each reported once. */
function failedSessions({ network }: OpenNetwork, { onFailure }: ExplainSessionsOptions) {
  const sessions = new Set<ReadSession>();
  const add = (session: ReadSession, error: VoxplainError): "stop" | "skip" => {
    if (sessions.has(session)) return "skip";
    sessions.add(session);
    return onFailure({
      session: session.input.session,
      error: new VoxplainError(error.code, `${sentence(error.message)} The network is ${network.file}`, {
        cause: error,
      }),
    });
  };
  return {
    has: (session: ReadSession) => sessions.has(session),
    add,
    inChecks(session: ReadSession, error: unknown): "stop" | "skip" {
      if (!isVoxplainError(error, "not-finite")) throw error;
      const message = `${nameOf(session.input)}, in a check of its map: ${error.message}`;
      return add(session, new VoxplainError(error.code, message, { cause: error }));
    },
  };
}

async function withChecks(
  explained: ExplainedPart,
  open: OpenNetwork,
  { input: { session } }: ReadSession,
  { check }: ExplainSessionsOptions,
): Promise<ExplainedPart> {
  return check === undefined ? explained : { ...explained, checked: await check(explained, open, session) };
}

/** Opens the network for the first session whose parts it takes. */
async function startWith(
  sessions: AsyncIterator<ReadSession>,
  { networks, onFailure }: ExplainSessionsOptions,
): Promise<{ readonly first: ReadSession; readonly open: OpenNetwork } | undefined> {
  for (;;) {
    const { value: first, done } = await sessions.next();
    if (done) return undefined;
    try {
      return { first, open: await networks.open(first.parts[0]!.input.dims, 0) };
    } catch (error) {
      if (!isVoxplainError(error) || error.code !== "mismatch") throw error;
      if (onFailure({ session: first.input.session, error }) === "stop") return undefined;
    }
  }
}

interface PartItem {
  readonly session: ReadSession;
  readonly part: PartInput;
  readonly input: Tensor<"float32">;
  readonly name: string;
}

async function* partItems(
  first: ReadSession,
  rest: AsyncIterator<ReadSession>,
  inputDims: readonly number[],
  onFailure: ExplainSessionsOptions["onFailure"],
): AsyncGenerator<PartItem> {
  for (let session: ReadSession | undefined = first; session !== undefined; ) {
    const failure = misfit(session, () => inputDims);
    if (failure === undefined) for (const part of session.parts) yield itemOf(session, part);
    else if (onFailure(failure) === "stop") return;
    const next: IteratorResult<ReadSession> = await rest.next();
    session = next.done ? undefined : next.value;
  }
}

function itemOf(session: ReadSession, part: PartInput): PartItem {
  const name = nameOf(session.input);
  return { session, part, input: part.input, name: part.name === "image" ? name : `${name} ${part.name}` };
}

/** What a session's failure is, where a part has not the shape that its network takes. */
function misfit(
  { input, parts }: ReadSession,
  inputDims: (part: PartInput) => readonly number[],
): SessionFailure | undefined {
  const found = parts.find((part) => part.input.dims.join() !== inputDims(part).join());
  if (found === undefined) return undefined;
  const what = found.name === "image" ? nameOf(input) : `${nameOf(input)} ${found.name}`;
  const error = shapeMisfit(what, found.input.dims, inputDims(found));
  return error && { session: input.session, error };
}

/** Each part has its network. They are opened one after the other, for some sessions at a time. */
async function* withNetworks(
  sessions: AsyncIterable<ReadSession>,
  options: ExplainSessionsOptions,
): AsyncGenerator<Explanation> {
  for await (const block of blocks(sessions, options)) {
    const explained = new Map(block.map((session) => [session, [] as ExplainedPart[]]));
    let stopped = false;
    for (const { index } of block[0]!.parts) {
      const inputDims = block[0]!.parts[index]!.input.dims;
      const open = await options.networks.open(inputDims, index);
      try {
        const failed = failedSessions(open, options);
        const drop = (session: ReadSession, decision: "stop" | "skip") => {
          explained.delete(session);
          if (decision === "stop") stopped = true;
          return decision;
        };
        const items = [...explained.keys()].map((session) => itemOf(session, session.parts[index]!));
        const { method, target, batchSize } = options;
        const computed = explain(open.model, items, {
          ...{ method, target, batchSize },
          onFailure: ({ session }, error) => drop(session, failed.add(session, error)),
        });
        for await (const { item, ...part } of computed) {
          const { session } = item;
          const checked = await withChecks({ part: item.part, ...part }, open, session, options).catch(
            (error: unknown) => drop(session, failed.inChecks(session, error)),
          );
          if (checked === "stop") break;
          if (checked !== "skip") explained.get(session)?.push(checked);
        }
      } finally {
        await open.model.release();
      }
      if (stopped) break;
    }
    for (const [{ input }, parts] of explained) {
      if (parts.length === input.parts.length) yield { input, parts };
    }
    if (stopped) return;
  }
}

/** Sessions of the same shapes. */
async function* blocks(
  sessions: AsyncIterable<ReadSession>,
  { onFailure }: ExplainSessionsOptions,
): AsyncGenerator<ReadSession[]> {
  let block: ReadSession[] = [];
  let waiting = 0;
  let first: ReadSession | undefined;
  for await (const session of sessions) {
    first ??= session;
    const { parts } = first;
    const failure = misfit(session, ({ index }) => parts[index]!.input.dims);
    if (failure !== undefined) {
      if (onFailure(failure) === "stop") break;
      continue;
    }
    block.push(session);
    waiting += session.parts.reduce((sum, { input }) => sum + input.data.length, 0);
    if (waiting < mostWaiting) continue;
    yield block;
    [block, waiting] = [[], 0];
  }
  if (block.length > 0) yield block;
}

function imagePrediction(parts: readonly ExplainedPart[], voting: Voting | undefined): ImagePrediction {
  if (voting === undefined) return parts[0]!.prediction;
  const weights = voting === "uniform" ? uniformWeights(parts.map(({ part }) => part.id)) : voting;
  return softVote(
    parts.map(({ part, prediction }) => ({ partId: part.id, probabilities: prediction.probabilities })),
    weights,
  );
}

function votingError(input: ImageInput, { code, message }: VoxplainError): VoxplainError {
  return new VoxplainError(
    code,
    `${nameOf(input)}: ${sentence(message)} Is the image cut into parts as in the training, and complete?`,
  );
}

export function nameOf({ session }: { readonly session: ImageInput["session"] }): string {
  return `${session.participantId} ${session.sessionId}`;
}
