import type { Tensor } from "@voxplain/core";

/** Memory that both threads see, so that a message does not make a copy in new memory each time. */
export interface SharedFeeds {
  /** The feeds, the large ones in shared memory, and what gives that memory back once they were read. */
  share(feeds: Readonly<Record<string, Tensor>>): {
    readonly feeds: Readonly<Record<string, Tensor>>;
    readonly giveBack: () => void;
  };
}

/** Node has switches without it; a message copies then, and threads cannot work on one image. */
export const canShare = typeof SharedArrayBuffer !== "undefined";

/** Below this many bytes a copy costs nothing. */
const worthSharing = 2 ** 20;

/** New memory costs more than the copying: of each page the system clears it, and maps it when it is touched. */
export function sharedFeeds(): SharedFeeds {
  let free: SharedArrayBuffer[] = [];
  const take = (byteLength: number) => {
    const found = free.find((buffer) => buffer.byteLength === byteLength);
    // Memory of other sizes is of another batch size or network part, and let go.
    free = free.filter((buffer) => buffer !== found && buffer.byteLength === byteLength);
    return found ?? new SharedArrayBuffer(byteLength);
  };
  return {
    share(feeds) {
      const taken: SharedArrayBuffer[] = [];
      const shared = Object.entries(feeds).map(([name, feed]): [string, Tensor] => {
        const { data } = feed;
        if (!canShare || data.byteLength < worthSharing) return [name, feed];
        const buffer = take(data.byteLength);
        taken.push(buffer);
        new Uint8Array(buffer).set(new Uint8Array(data.buffer, data.byteOffset, data.byteLength));
        return [name, { ...feed, data: viewOn(data, buffer) } as Tensor];
      });
      return { feeds: Object.fromEntries(shared), giveBack: () => void free.push(...taken) };
    },
  };
}

function viewOn(data: Tensor["data"], buffer: SharedArrayBuffer): Tensor["data"] {
  const View = data.constructor as new (buffer: SharedArrayBuffer) => Tensor["data"];
  return new View(buffer);
}
