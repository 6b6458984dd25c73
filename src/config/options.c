/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
/* The one table. A new setting is a field in struct g20_config and one row here; the loader, the
 * environment, `--set`, `g20 config`, /api/config and the documents follow by themselves.
 * Rows of one section stand together. */
#include "config/config.h"

#include <string.h>

#define AT(field)    offsetof(struct g20_config, field)
#define SIZE(field)  sizeof(((struct g20_config *)0)->field)
#define FIELD(field) .at = AT(field), .size = SIZE(field)
#define RANGE(a, b)  .min = (a), .max = (b)
#define LIVE         .flags = G20_OPT_LIVE
#define LOCKED       .flags = G20_OPT_LOCKED

/* clang-format off */
static const struct g20_option table[] = {
    {"debug", G20_OPT_BOOL, FIELD(debug), LIVE, .dflt = "false",
     .help = "Log at DEBUG whatever log_level says"},
    {"log_level", G20_OPT_STR, FIELD(log_level), LIVE, .dflt = "INFO",
     .options = "DEBUG INFO WARNING ERROR", .help = "Least important level that is logged"},

    {"server.bind", G20_OPT_STR, FIELD(server.bind), .dflt = "127.0.0.1",
     .help = "IP address to listen on; any but a loopback address needs server.auth_token_file"},
    {"server.grpc_port", G20_OPT_INT, FIELD(server.grpc_port), .dflt = "50051", RANGE(0, 65535),
     .help = "gRPC port; 0: no gRPC"},
    {"server.ws_port", G20_OPT_INT, FIELD(server.ws_port), .dflt = "50052", RANGE(0, 65535),
     .help = "HTTP and WebSocket port; 0: any free one, written to ports.json in paths.runtime_dir"},
    {"server.max_workers", G20_OPT_INT, FIELD(server.max_workers), .dflt = "10", RANGE(1, 256),
     .help = "gRPC calls answered at the same time; one more waits"},
    {"server.parent_pid", G20_OPT_INT, FIELD(server.parent_pid), .dflt = "0",
     RANGE(0, 4194304), .help = "Process to watch: the daemon shuts down when it ends; 0: none"},
    {"server.control_socket", G20_OPT_PATH, FIELD(server.control_socket), .dflt = "",
     .help = "Unix socket that g20 ctl talks to; empty: g20.sock in paths.runtime_dir"},
    {"server.auth_token_file", G20_OPT_PATH, FIELD(server.auth_token_file), .dflt = "",
     .help = "File with the tokens that clients must show (docs/security.md); empty: none needed"},
    {"server.tls_cert", G20_OPT_PATH, FIELD(server.tls_cert), .dflt = "",
     .help = "Certificate chain (PEM) for HTTPS, secure WebSocket and gRPC; empty: no TLS"},
    {"server.tls_key", G20_OPT_PATH, FIELD(server.tls_key), .dflt = "",
     .help = "Private key (PEM) of server.tls_cert"},

    {"paths.base_dir", G20_OPT_PATH, FIELD(paths.base_dir), .dflt = "",
     .help = "Folder that holds the others; empty: $STATE_DIRECTORY, else $XDG_DATA_HOME/g20"},
    {"paths.models_dir", G20_OPT_PATH, FIELD(paths.models_dir), .dflt = "",
     .help = "Models; empty: models in paths.base_dir"},
    {"paths.data_dir", G20_OPT_PATH, FIELD(paths.data_dir), .dflt = "",
     .help = "Database; empty: data in paths.base_dir"},
    {"paths.training_dir", G20_OPT_PATH, FIELD(paths.training_dir), .dflt = "",
     .help = "Labelled samples; empty: training in paths.base_dir"},
    {"paths.capture_dir", G20_OPT_PATH, FIELD(paths.capture_dir), .dflt = "",
     .help = "Recordings; empty: captures in paths.base_dir"},
    {"paths.cache_dir", G20_OPT_PATH, FIELD(paths.cache_dir), .dflt = "",
     .help = "Plans of the FFT; empty: $CACHE_DIRECTORY, else $XDG_CACHE_HOME/g20"},
    {"paths.runtime_dir", G20_OPT_PATH, FIELD(paths.runtime_dir), .dflt = "",
     .help = "Sockets and ports.json; empty: $RUNTIME_DIRECTORY, else $XDG_RUNTIME_DIR/g20"},

    {"source.driver", G20_OPT_STR, FIELD(source.driver), .dflt = "file",
     .options = "file soapy scene",
     .help = "Where samples come from: a recording, a radio (SoapySDR) or a synthetic scene"},
    {"source.args", G20_OPT_STR, FIELD(source.args), .dflt = "",
     .help = "What to open: the path of a recording, a radio (docs/radios.md), or options of the scene"},
    {"source.sample_rate_hz", G20_OPT_NUM, FIELD(source.sample_rate_hz), .dflt = "0",
     RANGE(0, 1e9), .unit = "Hz",
     .help = "Complex samples a second; 0: the recording's own, 20 MHz for a radio or a scene"},
    {"source.center_freq_hz", G20_OPT_NUM, FIELD(source.center_freq_hz), LIVE, .dflt = "0",
     RANGE(0, 1e12), .unit = "Hz", .help = "Centre frequency; 0: the recording's or the radio's own"},
    {"source.bandwidth_hz", G20_OPT_NUM, FIELD(source.bandwidth_hz), .dflt = "0",
     RANGE(0, 1e9), .unit = "Hz", .help = "Analogue bandwidth; 0: what the device chooses"},
    {"source.gain_db", G20_OPT_NUM, FIELD(source.gain_db), .dflt = "0", RANGE(-100, 200),
     .unit = "dB", .help = "Receiver gain"},
    {"source.antenna", G20_OPT_STR, FIELD(source.antenna), .dflt = "",
     .help = "Antenna port; empty: what the device chooses"},
    {"source.loop", G20_OPT_BOOL, FIELD(source.loop), .dflt = "true",
     .help = "Play a recording again from its start when it ends"},
    {"source.realtime", G20_OPT_BOOL, FIELD(source.realtime), .dflt = "true",
     .help = "Play a recording at its own speed; false: as fast as possible"},

    {"fft.inference_nfft", G20_OPT_INT, FIELD(fft.inference_nfft), LOCKED, .dflt = "4096",
     RANGE(4096, 4096), .help = "Length of the detector's transform"},
    {"fft.inference_hop", G20_OPT_INT, FIELD(fft.inference_hop), LOCKED, .dflt = "2048",
     RANGE(2048, 2048), .unit = "samples", .help = "Step of the detector's transform"},
    {"fft.inference_dynamic_range_db", G20_OPT_NUM, FIELD(fft.inference_dynamic_range_db), LOCKED,
     .dflt = "80", RANGE(80, 80), .unit = "dB", .help = "Range of levels that the detector sees"},
    {"fft.inference_accumulation_frames", G20_OPT_INT, FIELD(fft.inference_accumulation_frames),
     LOCKED, .dflt = "6", RANGE(6, 6), .help = "Transforms folded into one row of the detector"},
    {"fft.waterfall_nfft", G20_OPT_INT, FIELD(fft.waterfall_nfft), .dflt = "65536",
     .options = "4096 8192 16384 32768 65536", .help = "Length of the waterfall's transform"},
    {"fft.waterfall_dynamic_range_db", G20_OPT_NUM, FIELD(fft.waterfall_dynamic_range_db), LIVE,
     .dflt = "60", RANGE(10, 200), .unit = "dB", .help = "Range of levels that the waterfall shows"},

    {"inference.model", G20_OPT_STR, FIELD(inference.model), .dflt = "hydra",
     .help = "Detector: a model in paths.models_dir or installed with G20, or energy (needs none)"},
    {"inference.score_threshold", G20_OPT_NUM, FIELD(inference.score_threshold), .dflt = "0.5",
     RANGE(0, 1), .help = "Least score of a detection"},
    {"inference.nms_threshold", G20_OPT_NUM, FIELD(inference.nms_threshold), .dflt = "0.3",
     RANGE(0, 1), .help = "Overlap (IoU) from which two boxes of the network are one"},
    {"inference.max_detections", G20_OPT_INT, FIELD(inference.max_detections), .dflt = "100",
     RANGE(1, 10000), .help = "Most detections of one tile; the best ones stay"},
    {"inference.int8_quantization", G20_OPT_BOOL, FIELD(inference.int8_quantization),
     .dflt = "true", .help = "Use the model's INT8 version where there is one"},
    {"inference.provider", G20_OPT_STR, FIELD(inference.provider), .dflt = "auto",
     .options = "auto cpu cuda tensorrt",
     .help = "What runs the model: the CPU, or ONNX Runtime's CUDA or TensorRT where it offers them"},
    {"inference.onnxruntime", G20_OPT_PATH, FIELD(inference.onnxruntime), .dflt = "",
     .help = "ONNX Runtime's library, for models of others and GPUs; empty: libonnxruntime.so.1 where the system looks"},
    {"inference.threads", G20_OPT_INT, FIELD(inference.threads), .dflt = "0", RANGE(0, 16),
     .help = "Threads that look at a tile together; 0: as many as there are cores, up to 4"},
    {"inference.use_dla", G20_OPT_BOOL, FIELD(inference.use_dla), .dflt = "false",
     .help = "Deep learning accelerator of a Jetson; needs inference.provider tensorrt"},
    {"inference.dla_core", G20_OPT_INT, FIELD(inference.dla_core), .dflt = "0", RANGE(0, 1),
     .help = "Which accelerator; TensorRT only"},
    {"inference.class_names", G20_OPT_STR, FIELD(inference.class_names), .dflt = "background signal",
     .help = "Names of the classes 0 and 1 where the model does not name them"},

    {"display.fps", G20_OPT_INT, FIELD(display.fps), LIVE, .dflt = "30",
     .options = "10 15 20 30 60", .unit = "rows/s", .help = "Waterfall rows a second"},
    {"display.time_span_s", G20_OPT_NUM, FIELD(display.time_span_s), LIVE, .dflt = "5",
     .options = "1 2.5 5 10", .unit = "s", .help = "Time that the waterfall shows"},
    {"display.colormap", G20_OPT_STR, FIELD(display.colormap), LIVE, .dflt = "viridis",
     .options = "viridis plasma inferno magma turbo", .help = "Colours of the waterfall"},

    {"training.presets", G20_OPT_STR, FIELD(training.presets), .dflt = "quick balanced quality",
     .help = "Presets that a signal may be taught with; g20 train head --help tells what each does"},

    {"events.mqtt_url", G20_OPT_STR, FIELD(events.mqtt_url), .dflt = "",
     .help = "MQTT broker for emissions; empty: off. Not built in yet: refused"},
    {"events.postgres_url", G20_OPT_STR, FIELD(events.postgres_url), .dflt = "",
     .flags = G20_OPT_SECRET,
     .help = "PostgreSQL database for emissions; empty: off. Not built in yet: refused"},

    {"jetson.power_mode", G20_OPT_STR, FIELD(jetson.power_mode), .dflt = "30W",
     .options = "15W 30W 50W", .help = "Power mode; for the deployment scripts"},
    {"jetson.lock_clocks", G20_OPT_BOOL, FIELD(jetson.lock_clocks), .dflt = "true",
     .help = "Run at fixed clocks; for the deployment scripts"},
    {"jetson.gpu_memory_limit_gb", G20_OPT_INT, FIELD(jetson.gpu_memory_limit_gb), .dflt = "12",
     RANGE(1, 64), .unit = "GB", .help = "Most memory of the GPU; for the deployment scripts"},
    {"jetson.enable_mps", G20_OPT_BOOL, FIELD(jetson.enable_mps), .dflt = "true",
     .help = "Share the GPU among processes; for the deployment scripts"},

    {"storage.retention_days", G20_OPT_NUM, FIELD(storage.retention_days), LIVE, .dflt = "30",
     RANGE(0, 36500), .unit = "days",
     .help = "Emissions and captures older than this are deleted; 0: kept for ever"},
    {"storage.max_bytes", G20_OPT_INT, FIELD(storage.max_bytes), LIVE, .dflt = "10737418240",
     RANGE(0, 1e15), .unit = "bytes",
     .help = "Captures together; the oldest go first; 0: as much as the disk takes"},
    {"storage.ring_bytes", G20_OPT_INT, FIELD(storage.ring_bytes), .dflt = "1073741824",
     RANGE(0, 1e12), .unit = "bytes",
     .help = "Memory for the newest IQ, to capture and teach what is over; at most an eighth of the"
             " machine's; 0: none is kept"},
    {"storage.ring_file", G20_OPT_PATH, FIELD(storage.ring_file), .dflt = "",
     .help = "File that keeps more of the newest IQ and survives a restart; empty: none"},
    {"storage.ring_file_bytes", G20_OPT_INT, FIELD(storage.ring_file_bytes),
     .dflt = "17179869184", RANGE(4194304, 1e15), .unit = "bytes",
     .help = "IQ in storage.ring_file; it is written all the time, at the radio's data rate"},

    {"limits.clients", G20_OPT_INT, FIELD(limits.clients), .dflt = "64", RANGE(1, 4096),
     .help = "Most WebSocket clients at a time; one more is turned away"},
    {"limits.client_rows", G20_OPT_INT, FIELD(limits.client_rows), .dflt = "4", RANGE(1, 64),
     .help = "Waterfall rows queued for a slow client; the oldest is dropped and counted"},
    {"limits.client_messages", G20_OPT_INT, FIELD(limits.client_messages), .dflt = "64",
     RANGE(1, 4096), .help = "Other messages queued for a slow client; the oldest is dropped"},
    {"limits.message_bytes", G20_OPT_INT, FIELD(limits.message_bytes), .dflt = "65536",
     RANGE(1024, 16777216), .unit = "bytes", .help = "Longest message taken from a client"},
    {"limits.history_bytes", G20_OPT_INT, FIELD(limits.history_bytes), .dflt = "33554432",
     RANGE(0, 1e11), .unit = "bytes",
     .help = "Memory for the waterfall of the last hours, to scroll back in; 0: none is kept"},
    {"limits.training_message_bytes", G20_OPT_INT, FIELD(limits.training_message_bytes),
     .dflt = "16777216", RANGE(1024, 268435456), .unit = "bytes",
     .help = "The same on /ws/training, where samples are sent"},
    {"limits.capture_bytes", G20_OPT_INT, FIELD(limits.capture_bytes), LIVE, .dflt = "2147483648",
     RANGE(1, 1e15), .unit = "bytes", .help = "One capture; it is closed properly at this size"},
    {"limits.sessions", G20_OPT_INT, FIELD(limits.sessions), .dflt = "8", RANGE(1, 64),
     .help = "Captures and streams of a subband open at a time; one more is refused"},
};
/* clang-format on */

_Static_assert(G20_COUNT_OF(table) <= G20_CONFIG_ROWS, "raise G20_CONFIG_ROWS");

const struct g20_option *g20_config_options(size_t *ret_count)
{
    *ret_count = G20_COUNT_OF(table);
    return table;
}

const struct g20_option *g20_config_find(const char *key)
{
    for (size_t i = 0; i < G20_COUNT_OF(table); i++) {
        if (strcmp(table[i].key, key) == 0)
            return &table[i];
    }
    return NULL;
}

/* Edits (insert, delete, replace) that turn @a into @b, both cut at 63 bytes (Levenshtein). */
static unsigned distance(const char *a, const char *b)
{
    enum { MOST = 63 };
    const size_t na = strnlen(a, MOST), nb = strnlen(b, MOST);
    unsigned row[MOST + 1];

    for (size_t j = 0; j <= nb; j++)
        row[j] = (unsigned)j;
    for (size_t i = 1; i <= na; i++) {
        unsigned diagonal = row[0];
        row[0] = (unsigned)i;
        for (size_t j = 1; j <= nb; j++) {
            const unsigned replace = diagonal + (a[i - 1] != b[j - 1]);
            diagonal = row[j];
            row[j] = G20_MIN(replace, G20_MIN(row[j], row[j - 1]) + 1);
        }
    }
    return row[nb];
}

const char *g20_config_nearest(const char *key)
{
    const char *last = strrchr(key, '.'), *best = table[0].key;
    unsigned least = ~0u;

    for (size_t i = 0; i < G20_COUNT_OF(table); i++) {
        /* Someone may know the name and have the wrong section: compare the names alone too, at
         * the price of one edit. */
        const char *name = strrchr(table[i].key, '.');
        const unsigned whole = distance(key, table[i].key);
        const unsigned tail = distance(last ? last + 1 : key, name ? name + 1 : table[i].key) + 1;
        const unsigned d = G20_MIN(whole, tail);
        if (d < least) {
            least = d;
            best = table[i].key;
        }
    }
    return best;
}
