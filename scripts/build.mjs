/**
 * Compiles src into dist and copies what is not TypeScript (shell scripts keep their mode).
 * The new tree replaces the old one in one step, so that nobody ever runs half a build.
 * Plain JavaScript, because `prepare` may run it on a Node that does not know TypeScript.
 *
 *   --if-stale      do nothing when dist is newer than everything it is made from
 *   --if-possible   do nothing when the compiler is not installed (npm ci --omit=dev)
 */
import { spawnSync } from 'node:child_process';
import * as fs from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const source = join(root, 'src');
const dist = join(root, 'dist');
const compiler = join(root, 'node_modules', 'typescript', 'bin', 'tsc');
const settings = ['package.json', 'tsconfig.json', 'tsconfig.build.json'];

function isStale() {
  if (!fs.existsSync(dist)) return true;
  const built = fs.statSync(dist).mtimeMs;
  const inside = fs.readdirSync(source, { recursive: true }).map((name) => join(source, name));
  const inputs = [source, ...inside, ...settings.map((name) => join(root, name))];
  return inputs.some((path) => fs.statSync(path).mtimeMs >= built);
}

function compile(output) {
  const args = [compiler, '-p', join(root, 'tsconfig.build.json'), '--outDir', output];
  return spawnSync(process.execPath, args, { stdio: 'inherit' }).status ?? 1;
}

function copyAssets(output) {
  const isAsset = (path) => fs.statSync(path).isDirectory() || !path.endsWith('.ts');
  fs.cpSync(source, output, { recursive: true, filter: isAsset });
}

/** Two builds may end at the same moment: the one that loses the race puts its tree in place again. */
function swapIn(output, trash) {
  for (let attempt = 0; ; attempt++) {
    try {
      if (fs.existsSync(dist)) fs.renameSync(dist, join(trash, `old-${attempt}`));
      return fs.renameSync(output, dist);
    } catch (error) {
      if (attempt === 9) throw error;
    }
  }
}

function build() {
  const started = new Date();
  const next = fs.mkdtempSync(join(root, '.build-'));
  try {
    const output = join(next, 'new');
    process.exitCode = compile(output);
    if (process.exitCode !== 0) return;
    copyAssets(output);
    swapIn(output, next);
    fs.utimesSync(dist, started, started);
  } finally {
    fs.rmSync(next, { recursive: true, force: true });
  }
}

const wants = (option) => process.argv.includes(option);
if (wants('--if-possible') && !fs.existsSync(compiler)) {
  process.stderr.write('build: the compiler is not installed, dist is left as it is\n');
} else if (!wants('--if-stale') || isStale()) build();
