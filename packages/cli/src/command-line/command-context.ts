/** What a command gets besides its own arguments. */
export interface CommandContext {
  /** The words behind "voxplain". */
  readonly argv: readonly string[];
  /** Called with the exit status of a command that did not fail. */
  readonly onStatus: (status: number) => void;
  /** The table of methods and their options, for the full help of commands that explain. */
  readonly methodOptions?: string | undefined;
}
