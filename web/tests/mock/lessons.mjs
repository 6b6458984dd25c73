// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: 2026 The G20 authors
// lessons: /ws/training as protocol.md has it, with a training that takes half a second.

const T0 = 1_790_000_000_000_000;

/** An emission as a head sees it: a line up to the right. */
function item(n) {
  const picture = Buffer.alloc(64 * 64);
  for (let y = 0; y < 64; y++) picture[y * 64 + ((16 + y / 2) | 0)] = 255;
  return {
    item_id: `i${n}`,
    time_us: T0 + n * 1e6,
    duration_s: 0.02,
    f_lo_hz: 433.9e6 + n * 1e5,
    f_hi_hz: 433.925e6 + n * 1e5,
    snr_db: 10 + n,
    signal_name: '',
    score: 0.9,
    picture: picture.toString('base64'),
  };
}

/** @lessons: {samples: [], versions: []}; undefined: a daemon that cannot be taught. */
export function teach(ws, lessons) {
  const say = (o) => ws.send(JSON.stringify(o));
  const commands = {
    get_registry: () => ({
      type: 'registry',
      presets: ['quick', 'balanced', 'quality'],
      signals: [...new Set(lessons.samples.map((s) => s.signal_name))].map((name) => ({
        signal_name: name,
        samples: lessons.samples.filter((s) => s.signal_name === name).length,
        active_version: lessons.versions.find((v) => v.active)?.version ?? 0,
      })),
    }),
    list_samples: (m) => ({
      type: 'samples',
      samples: lessons.samples.filter((s) => s.signal_name === m.signal_name),
    }),
    list_versions: () => ({ type: 'versions', versions: lessons.versions }),
    job_status: () => ({ type: 'jobs', jobs: [] }),
    get_sample: (m) => {
      const s = lessons.samples.find((x) => x.sample_id === m.sample_id);
      const iq = Buffer.alloc(8 * 64).toString('base64');
      return { type: 'sample', ...s, iq_data: iq, boxes: [{ f_lo_hz: -1, f_hi_hz: 1 }] };
    },
    delete_signal: (m) => {
      lessons.samples = lessons.samples.filter((s) => s.signal_name !== m.signal_name);
      return { type: 'signal_deleted' };
    },
    rename_signal: (m) => {
      for (const s of lessons.samples)
        if (s.signal_name === m.signal_name) s.signal_name = m.new_name;
      return { type: 'signal_renamed' };
    },
    save_sample: (m) => {
      lessons.asked = m;
      const sample_id = `00000000000000${10 + lessons.samples.length}`;
      lessons.samples.push({
        sample_id,
        signal_name: m.signal_name,
        boxes: m.boxes.length,
        duration_s: (m.capture?.duration_us ?? 1e6) / 1e6,
        sample_rate_hz: m.metadata.sample_rate_hz,
        center_freq_hz: m.metadata.center_freq_hz,
        time_us: m.capture?.start_us ?? m.metadata.time_us,
      });
      return { type: 'sample_saved', sample_id, is_new: true };
    },
    delete_sample: (m) => {
      lessons.samples = lessons.samples.filter((s) => s.sample_id !== m.sample_id);
      return { type: 'sample_deleted' };
    },
    train_signal: (m) => {
      let epoch = 0;
      const timer = setInterval(() => {
        epoch++;
        const metrics = { f1: 0.5 + epoch / 20 };
        say({
          type: 'progress',
          job_id: 'j1',
          epoch,
          epochs: 5,
          loss: 1 / epoch,
          metrics,
          eta_s: 5 - epoch,
        });
        if (epoch < 5) return;
        clearInterval(timer);
        for (const v of lessons.versions) v.active = false;
        const version = lessons.versions.length + 1;
        lessons.versions.push({
          version,
          active: true,
          f1: 0.9,
          precision: 0.95,
          recall: 0.86,
          preset: m.preset,
          promoted: true,
          promotion: 'F1 is better by two points',
        });
        const { promoted, promotion } = lessons.versions.at(-1);
        say({ type: 'training_done', job_id: 'j1', version, promoted, promotion });
      }, 100);
      return { type: 'training_started', job_id: 'j1', signal_name: m.signal_name };
    },
    rollback_version: () => {
      for (const v of lessons.versions) v.active = v.version === 1;
      return { type: 'version_rolled_back', version: 1 };
    },
    review: (m) => ({
      type: 'review',
      signal_name: m.signal_name,
      version: m.version,
      state: 'ready',
      recordings: 2,
      searched_s: 12,
      truncated: false,
      items: (lessons.review ??= [1, 2, 3].map((n) => ({ ...item(n), answer: null }))),
    }),
    review_answer: (m) => {
      const found = lessons.review.find((i) => i.item_id === m.item_id);
      if (found.answer) return { type: 'error', code: 'already_exists', message: 'answered' };
      found.answer = m.answer;
      const left = lessons.review.filter((i) => i.answer === null).length;
      return { type: 'review_answered', item_id: m.item_id, answer: m.answer, left };
    },
    similar: (m) => {
      lessons.asked = m;
      return {
        type: 'similar',
        items: [1, 2].map((n) => ({ ...item(n), similarity: 1 - n / 10 })),
      };
    },
    clusters: () => ({
      type: 'clusters',
      looked: 40,
      unknown: 7,
      clusters: [
        {
          cluster_id: 'c1',
          count: 7,
          first_us: T0,
          last_us: T0 + 9e6,
          bandwidth_hz: 25e3,
          duration_s: 0.02,
          examples: [item(4), item(5)],
        },
      ],
    }),
    teach_cluster: (m) => {
      lessons.asked = m;
      return { type: 'cluster_taught', signal_name: m.signal_name, samples: 2, job_id: 'j2' };
    },
    promote_version: (m) => {
      for (const v of lessons.versions) v.active = v.version === m.version;
      return { type: 'version_promoted', version: m.version };
    },
  };
  ws.on('message', (text) => {
    const m = JSON.parse(text);
    const reply =
      lessons && commands[m.command]
        ? commands[m.command](m)
        : { type: 'error', code: 'not_implemented', message: 'not implemented yet' };
    say({ ...reply, id: m.id });
  });
}
