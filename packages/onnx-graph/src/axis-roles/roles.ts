/**
 * What the elements along an axis are: a set of roles as bits, since a reshape may merge axes. 0 for an
 * axis that has been added, or one of a constant.
 */
export type Roles = number;

/** One image beside another. */
export const batch: Roles = 1;
/** Channels, features or classes. */
export const channel: Roles = 2;
/** What nothing is known of. */
export const unknown: Roles = 4;

/** The k-th axis of space. */
export function space(k: number): Roles {
  return 2 ** (3 + k);
}

/** The axis of the input that stands at `axis`, before its role is known. */
export function inputAxis(axis: number): Roles {
  return 2 ** (16 + axis);
}

/** The axis of the input that an axis is, and nothing else; undefined for any other. */
export function inputAxisOf(roles: Roles): number | undefined {
  const axis = Math.log2(roles) - 16;
  return Number.isInteger(axis) && axis >= 0 ? axis : undefined;
}

/** Whether the role is not known (an axis of the input, say). */
export function isOpen(roles: Roles): boolean {
  return roles === 0 || (roles & ~(batch | channel | 0xfff8)) !== 0;
}

/** [batch, channel, …space]. */
export function rolesInOrder(rank: number): readonly Roles[] {
  return Array.from({ length: rank }, (_, axis) =>
    axis === 0 ? batch : axis === 1 ? channel : space(axis - 2),
  );
}
