// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: 2026 The G20 authors
// recording: a SigMF file with a tone, bursts and noise at known places and levels, about 2 s.

import { writeFileSync } from 'node:fs';

const NFFT = 65536;
export const RECORDING = {
  centerHz: 433.92e6,
  rateHz: 2e6,
  // On a bin of the transform, and a whole number of cycles in the file: its level is exact and
  // the loop has no seam.
  toneHz: (11469 * 2e6) / NFFT,
  toneDb: -30,
  burstLoHz: -420e3,
  burstHiHz: -380e3,
  burstDb: -35,
  burstStartsS: [0.4, 1.4],
  burstS: 0.25,
  noiseDb: -60,
  samples: 61 * NFFT,
};

const gauss = () => Math.sqrt(-2 * Math.log(1 - Math.random()));

/** A sweep over the burst's band once a millisecond: flat over the band, nothing beside it; keyed
 * softly, in half a millisecond, or its clicks would be as wide as they are short. */
function addBurst(re, im, startS) {
  const { rateHz, burstLoHz, burstHiHz, burstDb, burstS } = RECORDING;
  const amplitude = 10 ** (burstDb / 20);
  const first = Math.round(startS * rateHz);
  const last = burstS * rateHz - 1;
  const ramp = 0.5e-3 * rateHz;
  let phase = 0;
  for (let i = 0; i < burstS * rateHz; i++) {
    const part = Math.abs(((i / rateHz / 1e-3) % 2) - 1); // up and down: no jump
    phase += (2 * Math.PI * (burstLoHz + part * (burstHiHz - burstLoHz))) / rateHz;
    const risen = Math.min(1, i / ramp, (last - i) / ramp);
    const level = amplitude * Math.sin((Math.PI / 2) * risen) ** 2;
    re[first + i] += level * Math.cos(phase);
    im[first + i] += level * Math.sin(phase);
  }
}

/** Writes PATH.sigmf-meta and PATH.sigmf-data. */
export function writeRecording(path) {
  const { samples, rateHz, centerHz, toneHz, toneDb, noiseDb, burstStartsS } = RECORDING;
  const re = new Float32Array(samples);
  const im = new Float32Array(samples);
  const tone = 10 ** (toneDb / 20);
  const noise = 10 ** (noiseDb / 20) / Math.SQRT2; // of each of both parts
  for (let i = 0; i < samples; i++) {
    const turn = 2 * Math.PI * Math.random();
    const g = gauss() * noise;
    const phase = 2 * Math.PI * ((i * toneHz) / rateHz);
    re[i] = tone * Math.cos(phase) + g * Math.cos(turn);
    im[i] = tone * Math.sin(phase) + g * Math.sin(turn);
  }
  for (const start of burstStartsS) addBurst(re, im, start);
  const out = new Int16Array(2 * samples);
  for (let i = 0; i < samples; i++) {
    out[2 * i] = Math.round(re[i] * 32768);
    out[2 * i + 1] = Math.round(im[i] * 32768);
  }
  writeFileSync(`${path}.sigmf-data`, new Uint8Array(out.buffer));
  writeFileSync(
    `${path}.sigmf-meta`,
    JSON.stringify({
      global: { 'core:datatype': 'ci16_le', 'core:sample_rate': rateHz, 'core:version': '1.0.0' },
      captures: [{ 'core:sample_start': 0, 'core:frequency': centerHz }],
      annotations: [],
    }),
  );
}
