/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
/* config: every setting of G20, from one table (options.c).
 *
 * Strongest first: command line (`--set key=value`), environment (`G20_SECTION__KEY`), YAML file,
 * built-in default. Each value remembers where it came from. A struct g20_config is plain memory:
 * copy it by assignment; it owns nothing and needs no destructor. Not thread-safe: whoever shares
 * one between threads takes a copy or a lock.
 *
 * All loading functions work on a copy: when they fail, *cfg is as it was. */
#ifndef G20_CONFIG_CONFIG_H
#define G20_CONFIG_CONFIG_H

#include "base/err.h"

#include <stdbool.h>
#include <stdint.h>

#define G20_CONFIG_PATH_MAX 1024 /* bytes of a path or other long text, with its NUL */
#define G20_CONFIG_FILE_MAX (1u << 20)
#define G20_CONFIG_SYSTEM   "/etc/g20/config.yaml"
#define G20_CONFIG_ROWS     96 /* >= rows of the table in options.c, checked there */

enum g20_origin_kind {
    G20_FROM_DEFAULT,
    G20_FROM_SYSTEMD, /* a folder named by STATE_DIRECTORY and its like */
    G20_FROM_FILE,
    G20_FROM_ENV,
    G20_FROM_CLI,
};

struct g20_origin {
    enum g20_origin_kind kind;
    uint32_t line; /* in the file, from 1; 0 elsewhere */
};

/* Field names are the keys; options.c says what each means, its range and its default. */
struct g20_config {
    bool debug;
    char log_level[16];
    struct {
        char bind[64];
        int64_t grpc_port, ws_port, max_workers;
        int64_t parent_pid;
        char control_socket[G20_CONFIG_PATH_MAX];
        char auth_token_file[G20_CONFIG_PATH_MAX];
        char tls_cert[G20_CONFIG_PATH_MAX], tls_key[G20_CONFIG_PATH_MAX];
    } server;
    struct { /* never empty after g20_config_load() */
        char base_dir[G20_CONFIG_PATH_MAX];
        char models_dir[G20_CONFIG_PATH_MAX];
        char data_dir[G20_CONFIG_PATH_MAX];
        char training_dir[G20_CONFIG_PATH_MAX];
        char capture_dir[G20_CONFIG_PATH_MAX];
        char cache_dir[G20_CONFIG_PATH_MAX];
        char runtime_dir[G20_CONFIG_PATH_MAX];
    } paths;
    struct {
        char driver[16];
        char args[G20_CONFIG_PATH_MAX];
        double sample_rate_hz, center_freq_hz, bandwidth_hz, gain_db;
        char antenna[64];
        bool loop, realtime;
    } source;
    struct {
        int64_t inference_nfft, inference_hop;
        double inference_dynamic_range_db;
        int64_t inference_accumulation_frames;
        int64_t waterfall_nfft;
        double waterfall_dynamic_range_db;
    } fft;
    struct {
        char model[128];
        double score_threshold, nms_threshold;
        int64_t max_detections, threads, dla_core;
        char provider[16], onnxruntime[G20_CONFIG_PATH_MAX];
        bool int8_quantization, use_dla;
        char class_names[128];
    } inference;
    struct {
        int64_t fps;
        double time_span_s;
        char colormap[16];
    } display;
    struct {
        char presets[64];
    } training;
    struct {
        char mqtt_url[G20_CONFIG_PATH_MAX], postgres_url[G20_CONFIG_PATH_MAX];
    } events;
    struct {
        char power_mode[8];
        bool lock_clocks, enable_mps;
        int64_t gpu_memory_limit_gb;
    } jetson;
    struct {
        double retention_days;
        int64_t max_bytes;
        int64_t ring_bytes, ring_file_bytes;
        char ring_file[G20_CONFIG_PATH_MAX];
    } storage;
    struct {
        int64_t clients, client_rows, client_messages, message_bytes, training_message_bytes,
            history_bytes;
        int64_t capture_bytes, sessions;
    } limits;

    char file[G20_CONFIG_PATH_MAX];            /* the file that was read; empty: none */
    struct g20_origin origin[G20_CONFIG_ROWS]; /* by row of the table */
};

/* --- the table --- */

enum g20_opt_type { G20_OPT_BOOL, G20_OPT_INT, G20_OPT_NUM, G20_OPT_STR, G20_OPT_PATH };

enum g20_opt_flag {
    G20_OPT_LIVE = 1,   /* may change while the daemon runs */
    G20_OPT_SECRET = 2, /* never shown */
    G20_OPT_LOCKED = 4, /* must keep its default: what the models were trained with */
};

struct g20_option {
    const char *key; /* "server.ws_port", or without a dot at the root */
    enum g20_opt_type type;
    uint32_t flags;      /* enum g20_opt_flag */
    size_t at, size;     /* of the field in struct g20_config */
    const char *dflt;    /* as a person would write it */
    double min, max;     /* of INT and NUM, when there are no options */
    const char *options; /* "10 15 20": the only values allowed; NULL: any within the range */
    const char *unit;    /* "Hz"; NULL: none. Hz and bytes take k M G, bytes Ki Mi Gi too */
    const char *help;    /* one line, no full stop */
};

const struct g20_option *g20_config_options(size_t *ret_count);
const struct g20_option *g20_config_find(const char *key); /* NULL: no such key */
const char *g20_config_nearest(const char *key);           /* never NULL */

/* The value of @o in @cfg, by type. */
bool g20_config_bool(const struct g20_config *cfg, const struct g20_option *o);
int64_t g20_config_int(const struct g20_config *cfg, const struct g20_option *o);
double g20_config_num(const struct g20_config *cfg, const struct g20_option *o);
const char *g20_config_str(const struct g20_config *cfg, const struct g20_option *o);

/* The value as a person would write it (a secret that is set as "********") into @buf. */
void g20_config_format(const struct g20_config *cfg, const struct g20_option *o, char *buf,
                       size_t size);
/* Where it came from: "default", "/etc/g20/config.yaml:12", "environment G20_DEBUG", ... */
void g20_config_origin(const struct g20_config *cfg, const struct g20_option *o, char *buf,
                       size_t size);
/* "1..65535", "one of 10, 15, 20", "true or false": for messages and documents. */
void g20_config_allowed(const struct g20_option *o, char *buf, size_t size);
/* "G20_SERVER__WS_PORT" */
void g20_config_env_name(const struct g20_option *o, char *buf, size_t size);

/* The level in effect: debug goes over log_level. */
const char *g20_config_log_level(const struct g20_config *cfg);

/* --- loading --- */

/* Where to load from. Everything is borrowed for the call; g20_config_reload() needs it again. */
struct g20_config_from {
    const char *file;        /* NULL: G20_CONFIG_SYSTEM if it exists */
    const char *const *sets; /* (set_count) "key=value" of the command line */
    size_t set_count;
    const char *const *env; /* like environ; NULL: the process's own */
};

/* Called for each fault; loading goes on, to report them all, and fails at the end. */
typedef void g20_config_fault_fn(const char *message, void *user);

void g20_config_default(struct g20_config *ret);

/* Set one key from text, as if from the command line. -ENOENT unknown key, -EINVAL wrong type,
 * -ERANGE, G20_ELOCKED; the message names the key, what was found and what is allowed. */
G20_MUST_USE int g20_config_set(struct g20_config *cfg, const char *key, const char *value,
                                struct g20_err *e);

/* Read one YAML file over @cfg. With @on_fault each fault is reported and *e holds the last. */
G20_MUST_USE int g20_config_read_file(struct g20_config *cfg, const char *path,
                                      g20_config_fault_fn *on_fault, void *user, struct g20_err *e);
/* The same from memory; @name is for messages. */
G20_MUST_USE int g20_config_read_text(struct g20_config *cfg, const char *name, const char *text,
                                      size_t len, g20_config_fault_fn *on_fault, void *user,
                                      struct g20_err *e);

/* Apply the G20_ variables of @env (like environ). */
G20_MUST_USE int g20_config_read_env(struct g20_config *cfg, const char *const *env,
                                     struct g20_err *e);

/* Fill paths that were not set, from paths.base_dir and the XDG and systemd variables in @env. */
G20_MUST_USE int g20_config_resolve_paths(struct g20_config *cfg, const char *const *env,
                                          struct g20_err *e);

/* Can @address (IPv4 or IPv6, in figures) be reached from this machine only? */
bool g20_config_is_loopback(const char *address);

/* Rules that touch more than one key. */
G20_MUST_USE int g20_config_check(const struct g20_config *cfg, struct g20_err *e);

/* All of it in order: defaults, file, environment, command line, paths, check. */
G20_MUST_USE int g20_config_load(struct g20_config *ret, const struct g20_config_from *from,
                                 struct g20_err *e);

/* --- reload --- */

/* @applied: the key may change while running and *cfg has the new value now; otherwise the new
 * value @wanted takes a restart and *cfg keeps the running one. */
typedef void g20_config_change_fn(const struct g20_option *o, bool applied, const char *wanted,
                                  void *user);

/* Load again and take over what may change while running. Returns how many keys differ; on failure
 * nothing changes. */
G20_MUST_USE int g20_config_reload(struct g20_config *cfg, const struct g20_config_from *from,
                                   g20_config_change_fn *on_change, void *user, struct g20_err *e);

/* --- documents, written from the table --- */

enum g20_config_doc { G20_DOC_MARKDOWN, G20_DOC_MAN, G20_DOC_YAML };

/* @put gets the text in pieces. */
typedef void g20_config_put_fn(const char *text, void *user);
void g20_config_write_doc(enum g20_config_doc kind, g20_config_put_fn *put, void *user);

#endif
