/** A home whose agents are the fake one, as it is built. */
import * as fs from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Call, Step } from '../agents/ground.ts';
import { Home, type Result, type RunOptions } from './home.ts';

const FAKE = join(import.meta.dirname, '../../bin/tend-fake-agent.cjs');

export class AgentHome {
  readonly home: Home;
  readonly #bin = fs.realpathSync(fs.mkdtempSync(join(tmpdir(), 'tend-bin-')));

  constructor() {
    this.home = new Home({ PATH: `${this.#bin}:${process.env['PATH']}` });
  }

  get log(): string {
    return join(this.#bin, 'log');
  }

  at(...names: readonly string[]): string {
    return join(this.home.work, ...names);
  }

  /** From now on the agent is installed, and plays these steps. */
  plays(agent: string, ...steps: readonly Step[]): void {
    const program = join(this.#bin, agent);
    if (!fs.existsSync(program)) fs.symlinkSync(FAKE, program);
    const script = steps.map((step) => `${JSON.stringify(step)}\n`).join('');
    fs.writeFileSync(join(this.#bin, 'next'), script);
    fs.renameSync(join(this.#bin, 'next'), `${program}.jsonl`);
  }

  /** `tend run` with these words, with the log of the fake agent. */
  run(args: readonly string[], options: RunOptions = {}): Promise<Result> {
    return this.home.tend(this.runWords(args), options);
  }

  runWords(args: readonly string[]): string[] {
    const env = [`TEND_FAKE_AGENT_LOG=${this.log}`, 'TEND_FAKE_AGENT_ENV=*'];
    return ['run', ...env.flatMap((pair) => ['--env', pair]), ...args];
  }

  /** Starts a task and answers its id. */
  async start(...args: string[]): Promise<string> {
    return (await this.home.out(...this.runWords(['-q', ...args]))).trim();
  }

  /** Every call of an agent's program since the last look, the oldest first. */
  calls(): Call[] {
    if (!fs.existsSync(this.log)) return [];
    const lines = fs.readFileSync(this.log, 'utf8').split('\n').filter(Boolean);
    fs.rmSync(this.log);
    return lines
      .map((text) => JSON.parse(text) as Call & { kind: string })
      .filter(({ kind }) => kind === 'call');
  }

  async close(): Promise<void> {
    await this.home.close();
    fs.rmSync(this.#bin, { recursive: true });
  }
}

/** What every agent is told of its tools, at the end of its prompt. */
const ABOUT_TOOLS = /(?:\n\n## How to work)?\n\nThe MCP server `tend` [^\n]*$/;

/** The value of an option; of a prompt what was asked. */
export const after = (call: Call | undefined, word: string): string | undefined => {
  const argv = call?.argv ?? [];
  const value = argv.includes(word) ? argv[argv.indexOf(word) + 1] : undefined;
  return word === '-p' ? value?.replace(ABOUT_TOOLS, '') : value;
};
