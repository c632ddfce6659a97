/** A part of an open file to hash. */
export interface HashRequest {
  /** The descriptor stays open until the answer has come or the thread has ended. */
  readonly descriptor: number;
  readonly offset: number;
  readonly size: number;
  readonly algorithm: "sha256" | "sha512";
  /** Holds an `Int32Array` of one number, which is 1 once the hash is no longer wanted. */
  readonly unwanted: SharedArrayBuffer;
}

/** What the thread answers; without a hash the part was not read to its end, for the reason in `failure` if given. */
export interface HashAnswer {
  readonly hash: string | undefined;
  readonly failure?: string;
}

/** A message to the thread; `end` asks it to end by itself. */
export type HashMessage = HashRequest | "end";
