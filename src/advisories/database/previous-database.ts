import type { DatabaseSync } from "node:sqlite";
import type { PartBehind } from "../../model/findings/advisory.ts";
import type { Position } from "../feed-source.ts";
import { damaged, databaseFileUrl } from "./database-file.ts";
import { type PartRefusals, readRefusals } from "./part-refusals.ts";
import { readBehind } from "./parts-behind.ts";

/** A part as its database states it. */
export interface PreviousPart {
  readonly feed: string;
  readonly name: string;
  readonly number: number;
  readonly revision: number;
  readonly items: number;
  /** From where to go on at an update. */
  readonly position: Position;
  readonly updatedAt: string;
  readonly digest: string;
  readonly refusals: PartRefusals | undefined;
  /** `position` and `refusals` as they stand there. */
  readonly texts: { readonly position: string; readonly refused: string };
}

/** The database, attached under the name `previous`, of which parts are kept. */
export class PreviousDatabase {
  readonly path: string;
  readonly parts: readonly PreviousPart[];
  readonly #builtAt: string;
  readonly #behind: readonly PartBehind[];

  /** Errors: `database-not-found`, `database-malformed`; then nothing is attached. */
  constructor(database: DatabaseSync, path: string) {
    const url = databaseFileUrl(path);
    this.path = path;
    let attached = false;
    try {
      database.prepare("ATTACH ? AS previous").run(url.href);
      attached = true;
      const meta = database.prepare("SELECT value FROM previous.meta WHERE key = ?");
      const behind = meta.get("behind")?.["value"];
      this.#builtAt = String(meta.get("builtAt")?.["value"] ?? "");
      this.#behind = readBehind(behind === undefined ? undefined : String(behind));
      const parts = database.prepare(
        "SELECT feed, name, number, revision, items, position, updatedAt, digest, refused FROM previous.part ORDER BY number",
      );
      this.parts = parts.all().map(partOf);
    } catch (cause) {
      if (attached) database.exec("DETACH previous");
      throw damaged(path, cause);
    }
  }

  /** When a part was last brought up to date. */
  since({ feed, name }: { readonly feed: string; readonly name: string }): string {
    return this.#behind.find((part) => part.feed === feed && part.name === name)?.since ?? this.#builtAt;
  }

  /** Undefined when it holds no such part. */
  find({ feed, name }: { readonly feed: string; readonly name: string }): PreviousPart | undefined {
    return this.parts.find((part) => part.feed === feed && part.name === name);
  }
}

function partOf(row: Readonly<Record<string, unknown>>): PreviousPart {
  const texts = { position: String(row["position"]), refused: String(row["refused"]) };
  return {
    feed: String(row["feed"]),
    name: String(row["name"]),
    number: Number(row["number"]),
    revision: Number(row["revision"]),
    items: Number(row["items"]),
    position: JSON.parse(texts.position) as Position,
    updatedAt: String(row["updatedAt"]),
    digest: String(row["digest"]),
    refusals: readRefusals(texts.refused),
    texts,
  };
}
