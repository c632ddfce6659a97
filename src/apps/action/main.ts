import { failureOf, runAction } from "./run-action.ts";

// The entry of the GitHub Action, see action.yml. A program that a scan starts does not see the inputs.
const environment = { ...process.env };
for (const name of Object.keys(process.env)) if (name.startsWith("INPUT_")) delete process.env[name];
const write = (text: string): void => void process.stdout.write(text);
try {
  const signal = new AbortController().signal;
  process.exitCode = await runAction({ environment, write, now: new Date(), signal });
} catch (error) {
  const { command, exitCode } = failureOf(error);
  write(command);
  process.exitCode = exitCode;
}
