/** What a command gets besides its own arguments. */
export interface CommandContext {
  /** The words behind "voxplain". */
  readonly argv: readonly string[];
  /** Whether the user typed them: another command, such as `demo`, may run and print them. Default: true. */
  readonly isTyped?: boolean;
  /** Called with the exit status of a command that did not fail. */
  readonly onStatus: (status: number) => void;
  /** The table of methods and their options, for the full help of commands that explain. */
  readonly methodOptions?: string | undefined;
}
