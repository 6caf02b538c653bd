/**
 * Everything that must hold before a change is handed in. Steps that do not depend on each other
 * run two at a time; the output of a step is shown when it fails. `--except a,b` leaves steps out.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { parseArgs } from 'node:util';

const STAGES: readonly (readonly string[])[] = [
  ['build', 'typecheck', 'lint', 'format:check', 'knip'],
  ['publint', 'test:domain'],
  ['test'],
];

async function passes(step: string): Promise<boolean> {
  const started = performance.now();
  const child = spawn('npm', ['run', '--silent', step], { stdio: ['ignore', 'pipe', 'pipe'] });
  const [out, err, [code]] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    once(child, 'exit') as Promise<[number | null]>,
  ]);
  const seconds = ((performance.now() - started) / 1000).toFixed(1);
  console.log(`${code === 0 ? 'ok  ' : 'FAIL'} ${step} (${seconds} s)`);
  if (code !== 0) console.log(`${out}${err}`);
  return code === 0;
}

async function runStage(steps: readonly string[]): Promise<boolean> {
  const queue = [...steps];
  const results: boolean[] = [];
  const work = async (): Promise<void> => {
    for (let step = queue.shift(); step !== undefined; step = queue.shift()) {
      results.push(await passes(step));
    }
  };
  await Promise.all([work(), work()]);
  return results.every(Boolean);
}

const { values } = parseArgs({ options: { except: { type: 'string', default: '' } } });
const left = new Set(values.except.split(','));
for (const stage of STAGES) {
  const good = await runStage(stage.filter((step) => !left.has(step)));
  if (!good) {
    process.exitCode = 1;
    break;
  }
}
