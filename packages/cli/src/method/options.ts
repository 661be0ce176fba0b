/** The options that choose a method, under the names they have on the command line. */
export interface MethodFlags {
  readonly method: string;
  /** "name=value", names in snake_case. */
  readonly method_options?: readonly string[];
  readonly layer?: string;
  readonly seed?: number;
  readonly chunk_size?: number;
}
