/** A part of an open file to hash. */
export interface HashRequest {
  /** The descriptor stays open until the answer has come or the thread has ended. */
  readonly descriptor: number;
  readonly offset: number;
  readonly size: number;
  readonly algorithm: "sha256" | "sha512";
}

/** What the thread answers; without a hash the part could not be read, for the reason in `failure` if it has one. */
export interface HashAnswer {
  readonly hash: string | undefined;
  readonly failure?: string;
}
