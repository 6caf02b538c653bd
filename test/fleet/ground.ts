/** A state folder whose daemon can be killed and whose clock can be wrong, with agents that do as files say. */
import { execFile } from 'node:child_process';
import * as fs from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { Task } from '../../src/interfaces/client/index.ts';
import { init, result, said } from '../agents/claude-lines.ts';
import { type Home, homeIn, newFolder } from '../crash/home.ts';
import { type Life, startLife } from '../crash/life.ts';
import { batchFile } from './plan.ts';

const run = promisify(execFile);
const ROOT = join(import.meta.dirname, '../..');
const BIN = join(ROOT, 'bin/tend.cjs');
const FAKE = join(ROOT, 'bin/tend-fake-agent.cjs');
const RECORDINGS = join(ROOT, 'test/fixtures/recordings');
const COMPILED = join(ROOT, 'node_modules/.cache/tend-test');

/** The limit of Claude is over after this (ms). */
export const RESET = 50 * 60_000;

const OURS = { session_id: '{{session}}' };

/** Refused in mid-run as long as there is a file `limited`. */
const claude = (resetsAt: number) => [
  { json: init(OURS) },
  { json: said('I look at it.', OURS) },
  ...[
    {
      json: {
        type: 'rate_limit_event',
        rate_limit_info: { status: 'rejected', resetsAt, rateLimitType: 'five_hour' },
        ...OURS,
      },
    },
    {
      json: result({
        ...OURS,
        is_error: true,
        api_error_status: 429,
        result: "You've hit your session limit",
        total_cost_usd: 0.02,
      }),
    },
    { exit: 1 },
  ].map((step) => ({ ...step, if_file: 'limited' })),
  { json: result({ ...OURS, result: 'Done.', total_cost_usd: 0.1 }) },
];

/** Fails as long as there is a file `broken`. */
const codex = [
  { replay: join(RECORDINGS, 'codex/bad-request'), if_file: 'broken' },
  { exit: 1, if_file: 'broken' },
  { replay: join(RECORDINGS, 'codex/tool') },
];

const gemini = [{ replay: join(RECORDINGS, 'gemini/tool') }];

const CONFIG = `
[agents.claude]
max_concurrent = 2
tier = "lite"
[agents.codex]
max_concurrent = 1
tier = "lite"
[agents.gemini]
max_concurrent = 2
cost_usd = 0.5
[budgets.gemini]
usd = 2
window = "day"
agent = "gemini"
`;

export class Fleet {
  readonly #home: Home;
  readonly #bin: string;
  readonly #clock: string;
  readonly #file: string;
  #life: Life;

  static async open(): Promise<Fleet> {
    const home = homeIn(newFolder(), () => 'http://127.0.0.1:9/');
    const config = fs.readFileSync(home.paths.configPath, 'utf8').replace(/\[webhooks[\s\S]*$/, '');
    fs.writeFileSync(home.paths.configPath, config.replace('slots = 16', 'slots = 6') + CONFIG);
    const fleet = new Fleet(home);
    await fleet.#life.ready;
    return fleet;
  }

  private constructor(home: Home) {
    this.#home = home;
    this.#bin = join(home.folder, 'bin');
    this.#clock = join(home.folder, 'clock');
    this.#file = join(home.cwd, 'fleet.toml');
    fs.mkdirSync(this.#bin);
    const resetsAt = Math.ceil((Date.now() + RESET) / 1_000);
    for (const [name, steps] of Object.entries({ claude: claude(resetsAt), codex, gemini })) {
      fs.symlinkSync(FAKE, join(this.#bin, name));
      const script = steps.map((step) => `${JSON.stringify(step)}\n`).join('');
      fs.writeFileSync(join(this.#bin, `${name}.jsonl`), script);
    }
    fs.writeFileSync(this.#clock, '0');
    fs.writeFileSync(this.#file, batchFile());
    this.#life = startLife(home, { clock: this.#clock, times: true });
  }

  /** A file that agents and gates look for. */
  mark(name: string): void {
    fs.writeFileSync(join(this.#home.cwd, name), '');
  }

  unmark(name: string): void {
    fs.rmSync(join(this.#home.cwd, name));
  }

  /** The daemon dies at once, and another one comes. */
  async kill(): Promise<void> {
    process.kill(this.#life.pid, 'SIGKILL');
    await this.#life.end;
    this.#life = startLife(this.#home, { clock: this.#clock, times: true });
    await this.#life.ready;
  }

  /** The wall clock jumps. */
  jump(ms: number): void {
    const before = Number(fs.readFileSync(this.#clock, 'utf8'));
    fs.writeFileSync(`${this.#clock}.new`, String(before + ms));
    fs.renameSync(`${this.#clock}.new`, this.#clock);
  }

  async tend(...args: string[]): Promise<string> {
    const { stdout } = await run(process.execPath, [BIN, ...args], {
      cwd: this.#home.cwd,
      env: {
        PATH: `${this.#bin}:${process.env['PATH']}`,
        HOME: this.#home.folder,
        LANG: 'C.UTF-8',
        SHELL: '/bin/sh',
        TEND_HOME: this.#home.state,
        NODE_COMPILE_CACHE: COMPILED,
      },
      maxBuffer: 1e8,
    });
    return stdout;
  }

  /** Submits the batch and answers its group. */
  async start(): Promise<string> {
    return (await this.tend('batch', '-q', this.#file)).trim();
  }

  resume = (): Promise<string> => this.tend('batch', '--json', '--resume', '--', this.#file);

  /** The tasks by their names. */
  async tasks(group: string): Promise<Map<string, Task>> {
    const { tasks } = JSON.parse(await this.tend('ls', '--json', '--all', '--group', group)) as {
      tasks: (Task & { name: string | null })[];
    };
    return new Map(tasks.map((task) => [task.name ?? task.id, task]));
  }

  async close(): Promise<void> {
    await this.#life.close();
    this.#home.remove();
  }
}
