/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
#include "server/metrics.h"

#include "base/clock.h"
#include "base/thermal.h"
#include "server/internal.h"
#include "server/video.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

/* What values are taken from. */
struct facts {
    struct g20_control_state st;
    struct g20_health health;
    struct g20_server_stats net;
    struct g20_hub_sub_stats mailbox;
    struct g20_store_stats store;
    struct g20_captures_stats captures;
    struct g20_ring_state ring;
    struct g20_triggers_stats triggers;
    double iq_clients, iq_frames, iq_dropped;
    double uptime_s, cpu_s, resident, fds;
    struct g20_video_stats video;
};

static const char *const type_name[] = {"counter", "gauge", "histogram"};

/* A metric is one value, one for each of its labels, or a histogram. */
#define METRICS(X)                                                                                 \
    X(g20_samples_total, COUNTER, f->st.stats.samples_in, "Samples read from the source")          \
    X(g20_samples_lost_total, COUNTER, f->st.stats.samples_lost,                                   \
      "Samples that the source says it lost")                                                      \
    X(g20_samples_stale_total, COUNTER, f->st.stats.samples_stale,                                 \
      "Samples dropped after retunes")                                                             \
    X(g20_overflows_total, COUNTER, f->st.stats.overflows, "Times that a radio lost samples")      \
    X(g20_samples_bad_total, COUNTER, f->st.stats.samples_bad,                                     \
      "Samples that were no numbers, or absurd ones, and count as 0")                              \
    X(g20_detector_queue_blocks, GAUGE, f->st.stats.detector_queue,                                \
      "Sample blocks that wait for the detector")                                                  \
    X(g20_waterfall_queue_blocks, GAUGE, f->st.stats.waterfall_queue,                              \
      "Sample blocks that wait for the waterfall")                                                 \
    X(g20_blocks_dropped_total, COUNTER, f->st.stats.blocks_dropped,                               \
      "Sample blocks that a late stage did not get")                                               \
    X(g20_rows_total, COUNTER, f->st.stats.rows, "Waterfall rows made")                            \
    X(g20_rows_dropped_total, COUNTER, f->st.stats.rows_dropped,                                   \
      "Waterfall rows dropped before they reached the hub")                                        \
    X(g20_tiles_total, COUNTER, f->st.stats.tiles, "Tiles looked at")                              \
    X(g20_detections_total, COUNTER, f->st.stats.boxes, "Boxes found in tiles")                    \
    X(g20_emissions_closed_total, COUNTER, f->st.stats.emissions_closed, "Emissions that ended")   \
    X(g20_emissions_open, GAUGE, f->st.stats.emissions_open, "Emissions that are on")              \
    X(g20_pipeline_restarts_total, COUNTER, f->st.restarts, "Pipelines started after the first")   \
    X(g20_sample_rate_hertz, GAUGE, f->st.stats.rate_hz, "Sample rate")                            \
    X(g20_center_frequency_hertz, GAUGE, f->st.stats.center_hz, "Centre frequency")                \
    X(g20_source_up, GAUGE, f->health.source_ok, "Whether samples come")                           \
    X(g20_pipeline_up, GAUGE, f->health.pipeline_ok, "Whether waterfall rows are made")            \
    X(g20_model_up, GAUGE, f->health.model_ok, "Whether the detector works")                       \
    X(g20_clients, GAUGE, f->net.clients, "WebSocket clients")                                     \
    X(g20_connections, GAUGE, f->net.connections, "TCP connections")                               \
    X(g20_clients_total, COUNTER, f->net.clients_total, "WebSocket clients ever")                  \
    X(g20_clients_refused_total, COUNTER, f->net.refused, "Clients and connections turned away")   \
    X(g20_unauthorized_total, COUNTER, f->net.unauthorized,                                        \
      "Requests without a token that allows them")                                                 \
    X(g20_client_rows_sent_total, COUNTER, f->net.rows_sent, "Rows sent to clients")               \
    X(g20_client_rows_dropped_total, COUNTER, f->net.rows_dropped,                                 \
      "Rows dropped for slow clients")                                                             \
    X(g20_server_queue_rows, GAUGE, f->mailbox.rows, "Rows waiting for the server's thread")       \
    X(g20_server_queue_dropped_total, COUNTER,                                                     \
      f->mailbox.rows_dropped + f->mailbox.tiles_dropped + f->mailbox.events_dropped,              \
      "Rows, tiles and events dropped because the server's thread was late")                       \
    X(g20_video_watchers, GAUGE, f->video.watchers, "Who watches /ws/video or /video.mjpeg")       \
    X(g20_video_frames_total, COUNTER, f->video.frames, "Pictures drawn and encoded")              \
    X(g20_video_cpu_seconds_total, COUNTER, (double)f->video.frame_ns * 1e-9,                      \
      "Processor time of drawing and encoding them")                                               \
    X(g20_video_bytes_total, COUNTER, f->video.bytes, "Bytes of these pictures")                   \
    X(g20_captures_running, GAUGE, f->captures.running, "Captures that record")                    \
    X(g20_captures_total, COUNTER, f->captures.started, "Captures started")                        \
    X(g20_captures_failed_total, COUNTER, f->captures.failed,                                      \
      "Captures that ended by a failure or a full disk")                                           \
    X(g20_capture_bytes_total, COUNTER, f->captures.bytes, "Bytes of captures written")            \
    X(g20_capture_samples_dropped_total, COUNTER, f->captures.dropped,                             \
      "Samples that captures lost: in the radio, or because the disk was late")                    \
    X(g20_ring_seconds, GAUGE, f->ring.seconds, "IQ that the ring holds")                          \
    X(g20_ring_bytes, GAUGE, f->ring.bytes, "The same in bytes")                                   \
    X(g20_ring_samples_lost_total, COUNTER, f->ring.lost, "Samples missing in the ring")           \
    X(g20_ring_overtaken_total, COUNTER, f->ring.overtaken,                                        \
      "Times that a reader of the ring was too slow")                                              \
    X(g20_ring_file_up, GAUGE, f->ring.disk == G20_RING_DISK_OK,                                   \
      "Whether storage.ring_file works")                                                           \
    X(g20_ring_file_bytes_total, COUNTER, f->ring.disk_bytes, "Bytes written to it")               \
    X(g20_ring_file_gaps_total, COUNTER, f->ring.disk_overtaken,                                   \
      "Gaps in it, because the disk was late or full")                                             \
    X(g20_triggers_running, GAUGE, f->triggers.running, "Captures of triggers that record")        \
    X(g20_triggers_started_total, COUNTER, f->triggers.started, "Captures started by triggers")    \
    X(g20_triggers_merged_total, COUNTER, f->triggers.merged,                                      \
      "Emissions that fell into a capture that ran")                                               \
    X(g20_triggers_limited_total, COUNTER, f->triggers.limited,                                    \
      "Emissions not recorded: max_per_hour, or too many captures")                                \
    X(g20_triggers_failed_total, COUNTER, f->triggers.failed,                                      \
      "Captures that triggers could not start")                                                    \
    X(g20_iq_clients, GAUGE, f->iq_clients, "Clients of /ws/iq")                                   \
    X(g20_iq_frames_total, COUNTER, f->iq_frames, "IQ01 frames made")                              \
    X(g20_iq_frames_dropped_total, COUNTER, f->iq_dropped, "IQ01 frames dropped for slow clients") \
    X(g20_uptime_seconds, GAUGE, f->uptime_s, "Since the server was made")                         \
    X(process_cpu_seconds_total, COUNTER, f->cpu_s, "Processor time, user and system")             \
    X(process_resident_memory_bytes, GAUGE, f->resident, "Resident memory")                        \
    X(process_open_fds, GAUGE, f->fds, "Open file descriptors")

/* Of the database (store/store.h). */
#define STORAGE_METRICS(X)                                                                         \
    X(g20_storage_up, GAUGE, f->health.storage_ok, "Whether the database can be written")          \
    X(g20_storage_database_bytes, GAUGE, f->store.database_bytes, "Database and its journal")      \
    X(g20_storage_disk_free_bytes, GAUGE, f->store.disk_free_bytes, "Room on the database's disk") \
    X(g20_storage_queue_emissions, GAUGE, f->store.queue, "Emissions that wait to be written")     \
    X(g20_storage_emissions_written_total, COUNTER, f->store.emissions_written,                    \
      "Emissions written, each change of one counted")                                             \
    X(g20_storage_records_written_total, COUNTER, f->store.records_written,                        \
      "Signals, missions, captures, samples, models written")                                      \
    X(g20_storage_updates_dropped_total, COUNTER, f->store.updates_dropped,                        \
      "States of emissions still on that a full queue forgot")                                     \
    X(g20_storage_emissions_lost_total, COUNTER, f->store.emissions_lost,                          \
      "Emissions that ended and could not be stored")                                              \
    X(g20_storage_events_missed_total, COUNTER, f->store.events_missed,                            \
      "Events of emissions that the storage was too late for")                                     \
    X(g20_storage_write_errors_total, COUNTER, f->store.write_errors, "Transactions that failed")  \
    X(g20_storage_emissions_deleted_total, COUNTER, f->store.emissions_deleted,                    \
      "Emissions deleted for their age")                                                           \
    X(g20_storage_captures_deleted_total, COUNTER, f->store.captures_deleted,                      \
      "Captures deleted for their age or to make room")

#define HISTOGRAMS(X)                                            \
    X(g20_tile_latency_seconds, f->st.stats.tile_latency,        \
      "From a tile's last sample read until its boxes were out") \
    X(g20_inference_seconds, f->st.stats.inference, "The network's part of a tile")

static double resident_bytes(void)
{
    char text[128] = "", *second;
    FILE *f = fopen("/proc/self/statm", "re");

    if (!f)
        return 0.0;
    const bool read = fgets(text, sizeof(text), f) != NULL;
    fclose(f);
    second = read ? strchr(text, ' ') : NULL; /* all pages, then those that are resident */
    const unsigned long resident = second ? strtoul(second, NULL, 10) : 0;
    return (double)resident * (double)sysconf(_SC_PAGESIZE);
}

static double open_fds(void)
{
    DIR *d = opendir("/proc/self/fd");
    double n = 0.0;

    while (d && readdir(d))
        n += 1.0;
    if (d)
        closedir(d);
    return n > 3.0 ? n - 3.0 : 0.0; /* ".", ".." and the folder's own */
}

static void gather(struct g20_server *s, struct facts *f)
{
    struct rusage used;

    memset(f, 0, sizeof(*f));
    s->control.state(&f->st, s->control.user);
    g20_health_get(s, &f->st, &f->health);
    g20_server_stats(s, &f->net);
    g20_hub_sub_stats(s->sub, &f->mailbox);
    if (s->cfg.triggers)
        g20_triggers_stats(s->cfg.triggers, &f->triggers);
    if (s->cfg.ring)
        g20_ring_state(s->cfg.ring, &f->ring);
    if (s->cfg.captures)
        g20_captures_stats(s->cfg.captures, &f->captures);
    f->iq_clients = (double)atomic_load(&s->iq_clients);
    f->iq_frames = (double)atomic_load(&s->iq_frames);
    f->iq_dropped = (double)atomic_load(&s->iq_dropped);
    if (s->cfg.store)
        g20_store_stats(s->cfg.store, &f->store);
    g20_video_stats(s->video, &f->video);
    f->uptime_s = (double)(g20_clock_mono_ns() - s->start_ns) * 1e-9;
    if (getrusage(RUSAGE_SELF, &used) == 0)
        f->cpu_s = (double)used.ru_utime.tv_sec + (double)used.ru_stime.tv_sec +
                   1e-6 * (double)(used.ru_utime.tv_usec + used.ru_stime.tv_usec);
    f->resident = resident_bytes();
    f->fds = open_fds();
}

static void head(struct g20_text *t, const char *name, enum g20_metric_type type, const char *help)
{
    g20_text_printf(t, "# HELP %s %s\n# TYPE %s %s\n", name, help, name, type_name[type]);
}

void g20_metric(struct g20_text *text, const char *name, enum g20_metric_type type,
                const char *help, double value)
{
    head(text, name, type, help);
    g20_text_printf(text, "%s %.15g\n", name, value);
}

static void histogram(struct g20_text *t, const char *name, const char *help,
                      const struct g20_latency *l)
{
    uint64_t sum = 0;

    head(t, name, G20_HISTOGRAM, help);
    for (int i = 0; i < G20_LATENCY_BUCKETS; i++) {
        sum += l->count[i];
        g20_text_printf(t, "%s_bucket{le=\"%g\"} %llu\n", name, g20_latency_bound[i],
                        (unsigned long long)sum);
    }
    sum += l->count[G20_LATENCY_BUCKETS];
    g20_text_printf(t, "%s_bucket{le=\"+Inf\"} %llu\n%s_sum %.9g\n%s_count %llu\n", name,
                    (unsigned long long)sum, name, l->sum_s, name, (unsigned long long)sum);
}

static void temperatures(struct g20_text *t)
{
    struct g20_thermal zones[G20_THERMAL_MOST];
    const size_t n = g20_thermal_read(NULL, zones, G20_THERMAL_MOST);

    head(t, "g20_temperature_celsius", G20_GAUGE, "Temperature of a part of the machine");
    for (size_t i = 0; i < n; i++)
        g20_text_printf(t, "g20_temperature_celsius{zone=\"%d\",type=\"%s\"} %g\n", zones[i].zone,
                        zones[i].type, zones[i].celsius);
}

void g20_metrics_text(struct g20_server *s, struct g20_text *text)
{
    struct facts facts;
    const struct facts *f = &facts;

    gather(s, &facts);
    head(text, "g20_build_info", G20_GAUGE, "Always 1; the label says which version runs");
    g20_text_printf(text, "g20_build_info{version=\"%s\"} 1\n", G20_VERSION);
#define PRINT(name, type, expression, help) \
    g20_metric(text, #name, G20_##type, help, (double)(expression));
    METRICS(PRINT)
    STORAGE_METRICS(PRINT)
#undef PRINT
#define PRINT(name, expression, help) histogram(text, #name, help, &(expression));
    HISTOGRAMS(PRINT)
#undef PRINT
    temperatures(text);
    if (s->cfg.metrics)
        s->cfg.metrics(text, s->cfg.api_user);
}
