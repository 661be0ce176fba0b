/** What became of a task, as an exit status; 3 where sessions had to be skipped. */
export type TaskStatus = 0 | 3;

/** That of all tasks together. */
export function worse(a: TaskStatus, b: TaskStatus): TaskStatus {
  return a === 3 || b === 3 ? 3 : 0;
}
