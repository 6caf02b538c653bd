/** Every gate of the linter is seeded with a violation here and has to refuse it: none is trusted unseen. */
import { spawnSync } from 'node:child_process';
import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';

interface Finding {
  readonly code: string;
  readonly filename: string;
  readonly labels: readonly { readonly span: { readonly line: number } }[];
}

const ROOT = join(import.meta.dirname, '..');

/** What can be imported, as seen from src. `type` says that the import is erased. */
const TARGETS = {
  domain: { path: 'domain/target.ts' },
  'type domain': { path: 'domain/target.ts', type: true },
  ports: { path: 'ports/target.ts' },
  'type ports': { path: 'ports/target.ts', type: true },
  engine: { path: 'engine/target.ts' },
  'type engine': { path: 'engine/target.ts', type: true },
  facade: { path: 'engine/facade.ts' },
  operations: { path: 'operations/target.ts' },
  'type operations': { path: 'operations/target.ts', type: true },
  process: { path: 'adapters/process/target.ts' },
  'type process': { path: 'adapters/process/target.ts', type: true },
  sqlite: { path: 'adapters/sqlite/target.ts' },
  memory: { path: 'adapters/memory/target.ts' },
  cli: { path: 'interfaces/cli/target.ts' },
  http: { path: 'interfaces/http/target.ts' },
  'type http': { path: 'interfaces/http/target.ts', type: true },
  client: { path: 'interfaces/client/target.ts' },
  mcp: { path: 'interfaces/mcp/target.ts' },
  'mcp door': { path: 'interfaces/mcp/stdio.ts' },
  daemon: { path: 'daemon/target.ts' },
  'type daemon': { path: 'daemon/target.ts', type: true },
  'outside src': { path: '../test/target.ts' },
  node: { bare: 'node:fs' },
  'node without prefix': { bare: 'fs/promises' },
  zod: { bare: 'zod' },
  package: { bare: '@hono/node-server' },
  vitest: { bare: 'vitest' },
} satisfies Record<string, { path?: string; bare?: string; type?: boolean }>;

type Target = keyof typeof TARGETS;

const DOMAIN: Target[] = ['domain', 'type domain'];
const PORTS: Target[] = ['ports', 'type ports'];
const ENGINE: Target[] = ['engine', 'type engine', 'facade'];
const OPERATIONS: Target[] = ['operations', 'type operations'];
const INTERFACES: Target[] = ['cli', 'client', 'http', 'type http', 'mcp', 'mcp door'];
const DAEMON: Target[] = ['daemon', 'type daemon'];
const ADAPTERS: Target[] = ['process', 'type process', 'sqlite', 'memory'];
const WORLD: Target[] = ['node', 'node without prefix', 'zod', 'package', 'vitest'];
const EVERY_LAYER = [DOMAIN, PORTS, ENGINE, OPERATIONS, ADAPTERS, INTERFACES, DAEMON].flat();

/** The table of docs/architecture.md, told a second time: what each file may import. */
const MAY_IMPORT: Record<string, Target[]> = {
  'domain/rule.ts': DOMAIN,
  'domain/rule.test.ts': [...DOMAIN, 'vitest'],
  'ports/port.ts': [...DOMAIN, ...PORTS],
  'engine/pass.ts': [...DOMAIN, ...PORTS, ...ENGINE],
  'engine/pass.test.ts': [...DOMAIN, ...PORTS, ...ENGINE, 'memory', 'vitest'],
  'operations/verb.ts': [...DOMAIN, ...PORTS, ...OPERATIONS, 'facade', 'type engine', 'zod'],
  'adapters/process/adapter.ts': [...DOMAIN, ...PORTS, 'process', 'type process', ...WORLD],
  'adapters/process/deep/adapter.ts': [...DOMAIN, ...PORTS, 'process', 'type process', ...WORLD],
  'adapters/homeless.ts': [...DOMAIN, ...PORTS, ...WORLD],
  'interfaces/cli/door.ts': [...DOMAIN, ...OPERATIONS, 'cli', 'client', 'mcp door', ...WORLD],
  'daemon/main.ts': [...EVERY_LAYER, ...WORLD],
  'index.ts': [...DOMAIN, ...PORTS, ...OPERATIONS, ...INTERFACES, ...DAEMON, 'zod'],
  'stray/file.ts': [],
  'stray.ts': [],
};

const FORMS = {
  import: (from: string) => `import '${from}';`,
  'export from': (from: string, id: string) => `export * as v${id} from '${from}';`,
  'dynamic import': (from: string) => `void import('${from}');`,
  'type import': (from: string, id: string) => `import type { X as I${id} } from '${from}';`,
  'type export': (from: string, id: string) => `export type { X as E${id} } from '${from}';`,
  'import type': (from: string, id: string) => `type T${id} = import('${from}').X;`,
};
const VALUE_FORMS = ['import', 'export from', 'dynamic import'] as const;
const TYPE_FORMS = ['type import', 'type export', 'import type'] as const;

interface Line {
  readonly text: string;
  readonly legal: boolean;
  readonly pair: string;
}

function linesOf(file: string, allowed: readonly Target[]): Line[] {
  const up = '../'.repeat(file.split('/').length - 1) || './';
  return Object.entries(TARGETS).flatMap(([name, target], at) => {
    const from = 'bare' in target ? target.bare : `${up}${target.path}`;
    const forms = 'type' in target ? TYPE_FORMS : VALUE_FORMS;
    const legal = allowed.includes(name as Target);
    return forms.map((form) => ({
      text: FORMS[form](from, `${at}`),
      legal,
      pair: `${form} of ${name}`,
    }));
  });
}

const times = (count: number, line: string): string => `${line}\n`.repeat(count);
const impure = (expression: string): string => `export const x = (): unknown => ${expression};\n`;
const bodyOf = (lines: number): string =>
  `export function f(): void {\n${times(lines - 2, '  // a line')}}\n`;
const GLOBAL = 'eslint(no-restricted-globals)';

/** One violation each: file, content, and the rule that has to refuse it (or none: it is legal). */
const SEEDS: readonly (readonly [file: string, content: string, rule: string | null])[] = [
  ...['process.pid', 'new Date()', 'Date.now()', 'performance.now()', 'setTimeout', 'setInterval']
    .concat(['setImmediate', 'queueMicrotask', 'fetch', 'crypto.randomUUID()', 'console'])
    .concat(['globalThis', 'global', "Buffer.from('')"])
    .map((use, at) => [`src/domain/impure-${at}.ts`, impure(use), GLOBAL] as const),
  ['src/domain/dice.ts', impure('Math.random()'), 'eslint(no-restricted-properties)'],
  ['src/domain/floor.ts', impure('Math.floor(1.5)'), null],
  ['src/engine/lines-300.ts', `export {};\n${times(299, '// a line')}`, null],
  ['src/engine/lines-301.ts', `export {};\n${times(300, '// a line')}`, 'eslint(max-lines)'],
  ['src/engine/blank-301.ts', `export {};\n${times(300, '')}`, 'eslint(max-lines)'],
  ['src/engine/function-60.ts', bodyOf(60), null],
  ['src/engine/function-61.ts', bodyOf(61), 'eslint(max-lines-per-function)'],
  ['src/engine/function.test.ts', bodyOf(61), null],
  ['test/function.test.ts', bodyOf(61), null],
  ['src/engine/default.ts', 'export default 1;\n', 'import(no-default-export)'],
  ['src/engine/any.ts', 'export type X = any;\n', 'typescript(no-explicit-any)'],
  ['test/any.ts', 'export type X = any;\n', 'typescript(no-explicit-any)'],
  [
    'src/engine/unsafe.ts',
    "export const x: number = JSON.parse('1');\n",
    'typescript(no-unsafe-assignment)',
  ],
  [
    'src/engine/floating.ts',
    'async function f(): Promise<void> {}\nf();\n',
    'typescript(no-floating-promises)',
  ],
  [
    'src/engine/switch.ts',
    "export function f(x: 'a' | 'b'): void {\n  switch (x) {\n    case 'a':\n  }\n}\n",
    'typescript(switch-exhaustiveness-check)',
  ],
  ['src/engine/console.ts', 'console.log(1);\n', 'eslint(no-console)'],
  ['src/interfaces/cli/console.ts', 'console.log(1);\n', null],
  ['src/engine/a.ts', "import './b.ts';\n", 'import(no-cycle)'],
  ['src/engine/b.ts', "import './a.ts';\n", 'import(no-cycle)'],
  ['src/engine/computed.ts', "void import('./' + String(1));\n", 'tend(layers)'],
  ['src/engine/extension.ts', "import './facade.js';\n", 'tend(layers)'],
  ['src/engine/detour.ts', "import './../adapters/sqlite/target.ts';\n", 'tend(layers)'],
];

const tree = realpathSync(mkdtempSync(join(tmpdir(), 'tend-gates-')));
afterAll(() => rmSync(tree, { recursive: true, force: true }));

function put(file: string, content: string): void {
  mkdirSync(dirname(join(tree, file)), { recursive: true });
  writeFileSync(join(tree, file), content);
}

/** Lints a copy of the project's shape that holds all seeds, with the project's own settings. */
function lint(): Finding[] {
  for (const name of ['.oxlintrc.json', 'tsconfig.json', 'package.json', 'scripts/lint']) {
    cpSync(join(ROOT, name), join(tree, name), { recursive: true });
  }
  symlinkSync(join(ROOT, 'node_modules'), join(tree, 'node_modules'));
  for (const target of Object.values(TARGETS)) {
    if ('path' in target) put(`src/${target.path}`, 'export type X = 1;\nexport const x = 1;\n');
  }
  for (const [file, allowed] of Object.entries(MAY_IMPORT)) {
    put(
      `src/${file}`,
      linesOf(file, allowed)
        .map(({ text }) => `${text}\n`)
        .join(''),
    );
  }
  for (const [file, content] of SEEDS) put(file, content);
  const linter = join(ROOT, 'node_modules/oxlint/bin/oxlint');
  const { stdout, stderr } = spawnSync(process.execPath, [linter, '--format', 'json'], {
    cwd: tree,
    encoding: 'utf8',
    maxBuffer: 2 ** 28,
  });
  expect(stderr).toBe('');
  return (JSON.parse(stdout) as { diagnostics: Finding[] }).diagnostics;
}

const findings = lint();

describe('the layer table', () => {
  test.each(Object.entries(MAY_IMPORT))(
    'src/%s imports its row and nothing else',
    (file, allowed) => {
      const refused = new Set(
        findings
          .filter(({ code, filename }) => code === 'tend(layers)' && filename === `src/${file}`)
          .map(({ labels }) => labels[0]?.span.line),
      );
      const lines = linesOf(file, allowed);
      const seen = lines.filter((_, at) => refused.has(at + 1)).map(({ pair }) => pair);
      expect(seen).toEqual(lines.filter(({ legal }) => !legal).map(({ pair }) => pair));
    },
  );
});

describe('the rules', () => {
  test.each(SEEDS)('%s', (file, _, rule) => {
    const codes = findings.filter(({ filename }) => filename === file).map(({ code }) => code);
    expect([...new Set(codes)]).toEqual(rule === null ? [] : [rule]);
  });
});
