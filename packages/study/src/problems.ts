import { isVoxplainError, VoxplainError } from "@voxplain/core";

/** Collects problems, so that the user sees all of them at once. */
export interface ProblemList {
  /** Adds a problem, or those that an error holds. One that is there already is not repeated. */
  add(problem: VoxplainError): void;
  /** The result of `work`; undefined where it throws a problem, which is added. */
  attempt<T>(work: () => T | Promise<T>): Promise<T | undefined>;
  /** @throws VoxplainError with every problem, if there is any: the problem itself where it is the only one. */
  throwAny(): void;
}

/** An empty list. */
export function problemList(): ProblemList {
  const problems: VoxplainError[] = [];
  const add = (problem: VoxplainError) => {
    for (const one of problem.problems ?? [problem]) {
      if (!problems.some(({ message }) => message === one.message)) problems.push(one);
    }
  };
  return {
    add,
    async attempt(work) {
      try {
        return await work();
      } catch (error) {
        if (!isVoxplainError(error)) throw error;
        add(error);
        return undefined;
      }
    },
    throwAny() {
      const [first, ...others] = problems;
      if (first === undefined) return;
      if (others.length === 0) throw first;
      const lines = problems.map(({ message }) => `\n  ${message.replaceAll("\n", "\n  ")}`);
      throw new VoxplainError(first.code, `there are ${problems.length} problems:${lines.join("")}`, {
        problems,
        hasLines: true,
      });
    },
  };
}
