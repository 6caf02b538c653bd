/**
 * The layer table of docs/architecture.md as a lint rule. Each row lists everything a layer may
 * import; what is not listed is refused. Paths are resolved, so no spelling gets around it, and
 * dynamic imports, re-exports and `import('…')` types count like any other import.
 *
 *   <layer>        any file of that layer         type <layer>   the same, but types only
 *   <path>.ts      exactly this file of src       own folder     adapters/<x> or interfaces/<x> itself
 *   node           Node built-ins                 npm [<name>]   any package, or exactly this one
 */
import { builtinModules } from 'node:module';
import { dirname, relative, resolve, sep } from 'node:path';

const EVERYTHING = ['domain', 'ports', 'engine', 'operations', 'adapters', 'interfaces', 'daemon'];

const TABLE: Record<string, readonly string[]> = {
  domain: ['domain'],
  ports: ['domain', 'ports'],
  engine: ['domain', 'ports', 'engine'],
  operations: ['domain', 'ports', 'operations', 'engine/facade.ts', 'type engine', 'npm zod'],
  adapters: ['domain', 'ports', 'own folder', 'node', 'npm'],
  interfaces: [
    'domain',
    'operations',
    'interfaces/client',
    'interfaces/mcp/stdio.ts',
    'own folder',
    'node',
    'npm',
  ],
  daemon: [...EVERYTHING, 'node', 'npm'],
  'index.ts': ['domain', 'ports', 'operations', 'daemon', 'interfaces', 'npm zod'],
};

/** What a unit test beside its source may import on top of its layer's row. */
const TEST_TOOLS = ['npm vitest', 'npm fast-check'];

/** The in-memory adapters stand in for the real ones in unit tests of these layers. */
const TESTED_IN_MEMORY = new Set(['engine', 'operations']);

const SRC = resolve(import.meta.dirname, '../../src');

interface Reference {
  readonly specifier: string;
  readonly typeOnly: boolean;
}

/** The part of the syntax tree this rule reads. */
interface Syntax {
  readonly source?: Syntax | null;
  readonly argument?: Syntax | null;
  readonly literal?: Syntax | null;
  readonly value?: unknown;
  readonly importKind?: string;
  readonly exportKind?: string;
}

interface RuleContext {
  readonly filename: string;
  report(finding: { node: unknown; message: string }): void;
}

function rowOf(path: string): { layer: string; row: readonly string[] } | undefined {
  const layer = path.split('/')[0] ?? '';
  const listed = TABLE[layer];
  if (listed === undefined) return undefined;
  if (!path.endsWith('.test.ts')) return { layer, row: listed };
  const fakes = TESTED_IN_MEMORY.has(layer) ? ['adapters/memory'] : [];
  return { layer, row: [...listed, ...TEST_TOOLS, ...fakes] };
}

/** The words of the table under which this import would be allowed. */
function namesOf(from: string, { specifier, typeOnly }: Reference): string[] {
  const bare = specifier.split('/');
  if (specifier.startsWith('node:') || builtinModules.includes(bare[0] ?? '')) return ['node'];
  if (!/^\.{0,2}\//.test(specifier)) {
    const name = specifier.startsWith('@') ? bare.slice(0, 2).join('/') : bare[0];
    return ['npm', `npm ${name}`];
  }
  const target = relative(SRC, resolve(SRC, dirname(from), specifier))
    .split(sep)
    .join('/');
  const [layer = '', folder] = target.split('/');
  const [ownLayer, ownFolder, ownFile] = from.split('/');
  const names = [layer, target, `${layer}/${folder}`];
  if (typeOnly) names.push(`type ${layer}`);
  if (ownFile !== undefined && layer === ownLayer && folder === ownFolder) names.push('own folder');
  return names;
}

function faultOf(path: string, reference: Reference): string | undefined {
  const known = rowOf(path);
  if (known === undefined) return `${path} belongs to no layer of the table`;
  const { specifier } = reference;
  if (!namesOf(path, reference).some((name) => known.row.includes(name))) {
    return `${known.layer} may not import ${specifier}; it may import: ${known.row.join(', ')}`;
  }
  if (specifier.startsWith('.') && !specifier.endsWith('.ts')) {
    return `a relative import names its .ts file: ${specifier}`;
  }
  return undefined;
}

function specifierOf(node: Syntax): unknown {
  const source = node.source ?? node.argument;
  return (source?.literal ?? source)?.value;
}

const rule = {
  create(context: RuleContext) {
    const path = relative(SRC, context.filename).split(sep).join('/');
    const check =
      (typeOnly: (node: Syntax) => boolean) =>
      (node: Syntax): void => {
        if ('source' in node && node.source === null) return; // `export { x }` without `from`
        const specifier = specifierOf(node);
        const message =
          typeof specifier === 'string'
            ? faultOf(path, { specifier, typeOnly: typeOnly(node) })
            : 'an import names its module with a plain string';
        if (message !== undefined) context.report({ node, message });
      };
    return {
      ImportDeclaration: check((node) => node.importKind === 'type'),
      ExportNamedDeclaration: check((node) => node.exportKind === 'type'),
      ExportAllDeclaration: check((node) => node.exportKind === 'type'),
      ImportExpression: check(() => false),
      TSImportType: check(() => true),
    };
  },
};

// oxlint-disable-next-line import/no-default-export -- the linter loads a plugin by its default export
export default { meta: { name: 'tend' }, rules: { layers: rule } };
