import { benchAgreement } from "./agreement/agreement.ts";
import { benchChecks } from "./checks.ts";
import { benchDatabase } from "./database.ts";
import { benchLive } from "./live.ts";
import { benchRegistry } from "./registry.ts";
import { benchRules } from "./rules.ts";
import { benchScan } from "./scan.ts";

/** `npm run bench -- NAME [ARGUMENTS]`: timed work, as ratios measured in one run. */
const benches: Readonly<Record<string, (args: readonly string[]) => Promise<void>>> = {
  agreement: benchAgreement,
  checks: benchChecks,
  database: benchDatabase,
  live: benchLive,
  registry: benchRegistry,
  rules: benchRules,
  scan: benchScan,
};

const [name = "", ...rest] = process.argv.slice(2);
const bench = benches[name];
if (bench) await bench(rest);
else {
  process.stderr.write(
    `error: no bench is named "${name}"\n       Usage: npm run bench -- ${Object.keys(benches).join("|")}\n`,
  );
  process.exitCode = 2;
}
