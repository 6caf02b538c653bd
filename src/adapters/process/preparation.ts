import * as fs from 'node:fs';
import type { TaskIn } from '../../domain/task.ts';
import type { Launch } from '../../ports/agent.ts';
import type { AgentLaunch } from '../../ports/supervisor.ts';
import { pathVariable } from './environments.ts';
import { type Folders, isCode, makePrivate } from './folders.ts';
import { writePlain } from './records.ts';
import { refusalOf } from './refusal.ts';
import {
  AGENT_FOLDER,
  DEFAULT_PATH,
  INPUT,
  runText,
  STDIN,
  type Surroundings,
  words,
} from './run.ts';
import { setupOf } from './setup.ts';
import { SPEC_SCHEMA, writeSpec } from './spec.ts';

/** `refusal` says why nothing can be started; null when it can. */
export interface Prepared {
  folder: string;
  /** False when an earlier launch, by whomever, had prepared it. */
  isNew: boolean;
  refusal: string | null;
}

const NAME = /^(?!(?:.*\/)?\.\.?(?:\/|$))[\w.][\w.-]*(?:\/[\w.][\w.-]*)*$/;

/** Where a file of an agent belongs, in folders that are there; a name that leads elsewhere is refused. */
function placeOf(own: string, name: string): string {
  if (!NAME.test(name))
    throw new RangeError(`${JSON.stringify(name)} is no name for a file of an agent`);
  const parts = name.split('/').slice(0, -1);
  for (const at of parts.keys()) makePrivate(`${own}/${parts.slice(0, at + 1).join('/')}`);
  return `${own}/${name}`;
}

/** What an agent finds in its own folder. */
function writeAgentFiles(folder: string, { files, links = {}, stdin }: Launch): void {
  const own = `${folder}/${AGENT_FOLDER}`;
  makePrivate(own);
  for (const [name, content] of Object.entries(files)) writePlain(placeOf(own, name), content);
  for (const [name, target] of Object.entries(links)) {
    if (target.endsWith('/')) fs.mkdirSync(target, { recursive: true, mode: 0o700 });
    const place = placeOf(own, name);
    // An earlier launch may have died in between.
    fs.rmSync(place, { force: true });
    fs.symlinkSync(target, place);
  }
  if (stdin !== null) writePlain(`${folder}/${STDIN}`, stdin);
}

/** Fills attempt folders. `spec.json` comes last: once it is there, a wrapper may be reading the rest. */
export class Preparation {
  readonly #folders: Folders;
  readonly #around: Surroundings;
  readonly #paths = new Map<string, string>();

  constructor(folders: Folders, around: Surroundings) {
    this.#folders = folders;
    this.#around = around;
  }

  async prepare(
    task: TaskIn<'claimed'>,
    how?: (folder: string) => Promise<AgentLaunch>,
  ): Promise<Prepared> {
    const { id, spec, attempt, node, createdAt } = task;
    const cwd = attempt.workspace?.cwd ?? spec.cwd;
    const setup = setupOf(spec, attempt.workspace);
    const ref = { taskId: id, number: attempt.number };
    const { folder, isNew: isEmpty } = this.#folders.make(ref);
    const isNew = isEmpty || !fs.existsSync(`${folder}/spec.json`);
    const asked = how === undefined ? null : await how(`${folder}/${AGENT_FOLDER}`);
    if (asked !== null && 'refusal' in asked) return { folder, isNew, refusal: asked.refusal };
    if (isNew && asked !== null) writeAgentFiles(folder, asked);
    if (isNew && spec.input === true) makePrivate(`${folder}/${INPUT}`);
    if (isNew)
      writePlain(
        `${folder}/run`,
        runText({ ...spec, cwd }, ref, folder, this.#around, asked, setup),
      );
    const path = spec.environment === null ? DEFAULT_PATH : this.#link(folder, spec.environment);
    if (isNew)
      await writeSpec(folder, {
        schema: SPEC_SCHEMA,
        taskId: id,
        attempt: attempt.number,
        node,
        createdAt,
        claimedAt: attempt.claimedAt,
        spec,
        ...(attempt.agent !== undefined && { agent: attempt.agent }),
        ...(attempt.workspace !== undefined && { workspace: attempt.workspace }),
      });
    if (path === null)
      return { folder, isNew, refusal: 'The captured environment is no longer stored.' };
    if (spec.input === true && process.platform === 'win32')
      return { folder, isNew, refusal: 'On Windows no pipe can be held for its input.' };
    const [program = ''] = asked?.argv ?? words(spec.work);
    return { folder, isNew, refusal: refusalOf({ cwd }, program, path, setup?.root ?? null) };
  }

  /** The PATH of the environment, which from now on belongs to the attempt; null when it is lost. */
  #link(folder: string, name: string): string | null {
    const stored = this.#folders.environment(name);
    const linked = `${folder}/env`;
    try {
      fs.linkSync(stored, linked);
    } catch (error) {
      if (isCode(error, 'ENOENT')) return fs.existsSync(linked) ? this.#pathOf(name, linked) : null;
      if (!isCode(error, 'EEXIST')) fs.copyFileSync(stored, linked, fs.constants.COPYFILE_EXCL);
    }
    return this.#pathOf(name, linked);
  }

  #pathOf(name: string, file: string): string | null {
    const known = this.#paths.get(name);
    if (known !== undefined) return known;
    const variable = pathVariable(file);
    if (variable === undefined) return null;
    const path = variable ?? DEFAULT_PATH;
    this.#paths.set(name, path);
    return path;
  }
}
