/**
 * Node's `http`, without what `import` does to it: that reads every export, and one of them (`WebSocket`)
 * loads a whole fetch implementation, 16 MB and 20 ms that neither the CLI nor the daemon can use.
 */
export const http = process.getBuiltinModule('node:http');
