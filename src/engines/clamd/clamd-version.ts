import { PlimsollError } from "../../model/error.ts";
import { type ClamdAddress, clamdName } from "./clamd-address.ts";
import { ClamdConnection } from "./clamd-connection.ts";

/** What clamd says of itself. */
export interface ClamdVersion {
  /** `ClamAV 1.4.6` */
  readonly program: string;
  /** Its database of signatures; absent when it uses only signatures of others. */
  readonly signatures?: { readonly version: string; readonly builtAt: Date };
}

const answersWithin = 30_000;

/** Error: `scanner-failed`. */
export async function askClamdVersion(address: ClamdAddress): Promise<ClamdVersion> {
  using connection = await ClamdConnection.open(address);
  await connection.write("zVERSION\0");
  const { text = "" } = await connection.reply({ within: answersWithin });
  const version = parseClamdVersion(text);
  if (version) return version;
  throw new PlimsollError("scanner-failed", `what answers at ${clamdName(address)} is not clamd`, {
    hint: "Specify the address of clamd with --clamd.",
  });
}

/** `ClamAV 1.4.6/27818/Mon Nov 30 08:24:00 2026`, in UTC; only the first part without a database of ClamAV. */
export function parseClamdVersion(text: string): ClamdVersion | undefined {
  const [program = "", version, date] = text.trim().split("/");
  if (!/^ClamAV \S{1,50}$/.test(program)) return undefined;
  if (version === undefined || date === undefined || !/^\d{1,9}$/.test(version)) return { program };
  const builtAt = new Date(`${date.replace(/ +/g, " ")} UTC`);
  return Number.isNaN(builtAt.getTime()) ? { program } : { program, signatures: { version, builtAt } };
}
