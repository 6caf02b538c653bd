/** Runs on a tiny file system of its own (its folder is the argument) and prints what was seen as JSON. */
import * as fs from 'node:fs';
import { join } from 'node:path';
import { Folders } from '../../src/adapters/process/folders.ts';
import { chooseLauncher } from '../../src/adapters/process/launchers.ts';
import { Preparation } from '../../src/adapters/process/preparation.ts';
import { Ground, line, until } from './ground.ts';

const [, , base = '', solo] = process.argv;
const ground = new Ground({}, base);
const ballast = join(base, 'ballast');
const gate = join(base, 'gate');

function fill(): void {
  const fd = fs.openSync(ballast, 'w');
  try {
    for (;;) fs.writeSync(fd, Buffer.alloc(4096));
  } catch {
    fs.closeSync(fd);
  }
}

async function launch(command: string) {
  const task = ground.task(line(command));
  const folders = new Folders(ground.state);
  await new Preparation(folders, { socket: null, home: null, umask: 0o022 }).prepare(task);
  const launcher = chooseLauncher(folders.tasks, solo, () => undefined);
  return { task, start: () => launcher.start(`${task.id}/1`), close: () => launcher.close() };
}

async function exitOnFullDisk() {
  const { task, start, close } = await launch(`until [ -e ${gate} ]; do sleep 0.01; done; exit 7`);
  start();
  await ground.alive(task);
  fill();
  fs.writeFileSync(gate, '');
  // The record is begun, and cannot be written.
  await until(() => fs.existsSync(join(ground.folder(task), 'exit')));
  const during = await ground.supervisor.inspect(task);
  fs.rmSync(ballast);
  const end = await ground.exit(task);
  close();
  return { during: during.kind, end };
}

async function claimOnFullDisk() {
  const { task, start, close } = await launch('exit 8');
  fill();
  start();
  await until(() => fs.existsSync(join(ground.folder(task), 'claim')));
  const during = await ground.supervisor.inspect(task);
  fs.rmSync(ballast);
  const end = await ground.exit(task);
  close();
  return { during: during.kind, end };
}

const seen = { exit: await exitOnFullDisk(), claim: await claimOnFullDisk() };
await ground.supervisor.close();
process.stdout.write(JSON.stringify(seen));
