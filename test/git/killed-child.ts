/** Calls one function of a module: `node killed-child.ts <module> <name> <arguments as JSON>`. */
const [module = '', name = '', args = '[]'] = process.argv.slice(2);
const loaded = (await import(module)) as Record<string, (...args: unknown[]) => Promise<unknown>>;
await loaded[name]?.(...(JSON.parse(args) as unknown[]));
