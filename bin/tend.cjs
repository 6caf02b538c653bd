#!/usr/bin/env node
// Old syntax on purpose: this file must parse on any Node, to say clearly which Node tend needs.
'use strict';

var fs = require('fs');
var path = require('path');

var root = path.join(__dirname, '..');
var main = path.join(root, 'dist', 'interfaces', 'cli', 'main.js');
var GUARD = 'TEND_LAUNCHED_BY';

// better-sqlite3 crashes without a word below Node-API 10, so nothing is imported before this check.
function isSupported() {
  var version = process.versions.node.split('.');
  var newEnough = +version[0] > 22 || (+version[0] === 22 && +version[1] >= 14);
  return newEnough && +process.versions.napi >= 10;
}

function fail(message) {
  process.stderr.write('tend: ' + message + '\n');
  process.exit(125);
}

function start() {
  delete process.env[GUARD];
  if (!fs.existsSync(main)) {
    fail('this checkout is not built; in ' + root + ' run: npm ci && npm run build');
  }
  require('./start.cjs')(main);
}

// In a checkout, Node is a development dependency; in an installation it may lie beside tend.
function findNode() {
  var candidates = [
    path.join(root, 'node_modules', '.bin', 'node'),
    path.join(root, 'node_modules', 'node', 'bin', 'node'),
    path.join(root, '..', '.bin', 'node'),
    path.join(root, '..', 'node', 'bin', 'node')
  ];
  for (var i = 0; i < candidates.length; i++) {
    if (fs.existsSync(candidates[i])) return candidates[i];
  }
  return null;
}

function explain() {
  var way = 'npx -y -p node@24 -p tend -- tend …';
  fail('needs Node.js 22.14 or newer, this is ' + process.version + '; run: ' + way);
}

function runWith(node) {
  process.env[GUARD] = String(process.pid);
  var args = process.execArgv.concat([__filename], process.argv.slice(2));
  var onTerminal = process.stdin.isTTY || process.stdout.isTTY || process.stderr.isTTY;
  var child = null;

  // Listens before the child lives, so that no signal can come in between.
  function forward(signal) {
    process.on(signal, function () {
      // A terminal interrupts the whole foreground group: the child has had its own signal.
      if (signal !== 'SIGINT' || !onTerminal) child.kill(signal);
    });
  }

  ['SIGINT', 'SIGTERM', 'SIGHUP'].forEach(forward);
  child = require('child_process').spawn(node, args, { stdio: 'inherit' });
  child.on('error', explain);
  child.on('exit', function (code, signal) {
    if (signal === null) process.exit(code);
    process.removeAllListeners(signal);
    process.kill(process.pid, signal);
  });
}

var other = isSupported() || process.env[GUARD] ? null : findNode();
if (isSupported()) start();
else if (other) runWith(other);
else explain();
