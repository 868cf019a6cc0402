// What the start-up snapshot of node holds beside node itself: the built-in modules that most programs need and that may be in one (http may not).
const { startupSnapshot } = require('v8');

for (const name of ['assert', 'buffer', 'crypto', 'diagnostics_channel', 'dns', 'events', 'fs', 'fs/promises', 'net', 'os', 'path', 'querystring'])
  require(name);
for (const name of ['stream', 'stream/promises', 'string_decoder', 'timers', 'timers/promises', 'url', 'util', 'zlib']) require(name);

// Programs see only the options that they were started with (see node.c).
startupSnapshot.addDeserializeCallback(() => {
  process.execArgv = process.execArgv.filter(option => option !== '--snapshot-blob=/usr/local/lib/node/start.blob');
});
