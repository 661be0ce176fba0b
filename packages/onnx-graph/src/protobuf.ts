/**
 * How the fields of a message are encoded on the wire. "varint" covers int32, int64, enums and bool;
 * a message is named as in the schema.
 */
export type FieldType = NumberType | "string" | "bytes" | { readonly message: string };
export type NumberType = "varint" | "float" | "double";

export interface Field {
  readonly name: string;
  readonly type: FieldType;
  readonly repeated?: true;
}

/** Message name → field number → field. */
export type Schema = Readonly<Record<string, Readonly<Record<number, Field>>>>;

/** A message: absent fields are absent; repeated fields are arrays. Integers beyond 2⁵³ are bigint. */
export type Message = { readonly [field: string]: Value | readonly Value[] };
export type Value = number | bigint | string | Uint8Array | Message;

/** Wire types of https://protobuf.dev/programming-guides/encoding */
export const wireTypes = { varint: 0, double: 1, delimited: 2, float: 5 } as const;
