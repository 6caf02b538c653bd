/** The entry point of the fake agent, started by bin/tend-fake-agent.cjs. */
import { readCall } from './call.ts';
import { perform } from './perform.ts';
import { FakeAgentError } from './script.ts';

/** As Tend's own programs when it is they that fail. */
const OWN_FAILURE = 125;
/** What a shell sees of a program that wrote to nobody. */
const BROKEN_PIPE = 141;

async function main(program: string, given: readonly string[]): Promise<number> {
  const call = readCall(program, given, process.env);
  if (typeof call !== 'string') return perform(call);
  process.stdout.write(call);
  return 0;
}

function failed(error: unknown): number {
  const { code } = error as NodeJS.ErrnoException;
  if (code === 'EPIPE') return BROKEN_PIPE;
  const what = error instanceof FakeAgentError ? error.message : String(error);
  process.stderr.write(`tend-fake-agent: ${what}\n`);
  return OWN_FAILURE;
}

const [, program = '', ...given] = process.argv;
process.exit(await main(program, given).catch(failed));
