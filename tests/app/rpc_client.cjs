// SPDX-License-Identifier: GPL-3.0-or-later
// The daemon's gRPC by @grpc/grpc-js. usage: node rpc_client.cjs NODE_MODULES PROTO GRPC_PROTO PORT
const assert = require('node:assert');
const [modules, proto, standard, port] = process.argv.slice(2);
const grpc = require(modules + '/@grpc/grpc-js');
const loader = require(modules + '/@grpc/proto-loader');

const options = { keepCase: true, longs: Number, enums: String, oneofs: true, defaults: true };
const load = (file, dir) =>
  grpc.loadPackageDefinition(loader.loadSync(file, { ...options, includeDirs: [dir] }));
const address = '127.0.0.1:' + port;
const make = (Service) => new Service(address, grpc.credentials.createInsecure());
const device = make(load('control.proto', proto).g20.v1.DeviceControl);
const inference = make(load('inference.proto', proto).g20.v1.Inference);
const health = make(load('grpc/health/v1/health.proto', standard).grpc.health.v1.Health);
const deadline = () => ({ deadline: Date.now() + 20000 });
const call = (client, method, request) =>
  new Promise((done, fail) => client[method](request, deadline(), (e, r) => (e ? fail(e) : done(r))));
const code = (client, method, request) =>
  call(client, method, request).then(() => 0, (e) => e.code);

async function main() {
  for (let i = 0; i < 100; i++) {
    if ((await call(device, 'GetChannelStatus', {})).state === 'SOURCE_STATE_RUNNING') break;
    await new Promise((done) => setTimeout(done, 100));
  }
  const tuned = await call(device, 'TuneChannel', { center_freq_hz: 1e8 });
  assert(tuned.success && tuned.actual_freq_hz === 1e8 && tuned.gain === undefined);
  assert.equal((await call(device, 'ListDevices', {})).devices[0].driver, 'scene');
  assert((await call(inference, 'ListModels', {})).models.some((m) => m.name === 'energy'));
  assert(JSON.parse((await call(inference, 'GetCapabilities', {})).json).version);
  assert.equal((await call(health, 'Check', { service: 'g20.v1.Inference' })).status, 'SERVING');
  const S = grpc.status;
  assert.equal(await code(device, 'TuneChannel', {}), S.INVALID_ARGUMENT);
  assert.equal(await code(device, 'StartCapture', { output_path: '../x' }), S.INVALID_ARGUMENT);
  assert.notEqual(await code(device, 'StopCapture', { session_id: 'none' }), 0);
  assert.equal(await code(inference, 'LoadModel', { name: 'none' }), S.NOT_FOUND);
  assert.equal(await code(inference, 'UnloadModel', { name: 'none' }), S.NOT_FOUND);
  const tiles = await new Promise((done, fail) => {
    const got = [];
    const stream = inference.StreamDetections({}, deadline());
    stream.on('data', (m) => got.push(m.tile) === 5 && stream.cancel());
    stream.on('error', (e) => (e.code === S.CANCELLED ? done(got) : fail(e)));
  });
  assert(tiles.every((t, i) => t.frame_idx === tiles[0].frame_idx + i && t.span_hz === 2e6));
  console.log(`grpc-js: ${tiles.length} tiles, all calls`);
}
main().then(() => process.exit(0), (e) => { console.error(e); process.exit(1); });
