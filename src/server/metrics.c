/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
#include "server/metrics.h"

#include "base/clock.h"
#include "server/internal.h"

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
    double uptime_s, cpu_s, resident, fds;
};

enum type { COUNTER, GAUGE, HISTOGRAM };

static const char *const type_name[] = {"counter", "gauge", "histogram"};

/* A metric is one value, one for each of its labels, or a histogram. */
#define METRICS(X)                                                                               \
    X(g20_samples_total, COUNTER, f->st.stats.samples_in, "Samples read from the source")        \
    X(g20_samples_lost_total, COUNTER, f->st.stats.samples_lost,                                 \
      "Samples that the source says it lost")                                                    \
    X(g20_samples_bad_total, COUNTER, f->st.stats.samples_bad,                                   \
      "Samples that were no numbers, or absurd ones, and count as 0")                            \
    X(g20_blocks_dropped_total, COUNTER, f->st.stats.blocks_dropped,                             \
      "Sample blocks that a late stage did not get")                                             \
    X(g20_rows_total, COUNTER, f->st.stats.rows, "Waterfall rows made")                          \
    X(g20_rows_dropped_total, COUNTER, f->st.stats.rows_dropped,                                 \
      "Waterfall rows dropped before they reached the hub")                                      \
    X(g20_tiles_total, COUNTER, f->st.stats.tiles, "Tiles looked at")                            \
    X(g20_detections_total, COUNTER, f->st.stats.boxes, "Boxes found in tiles")                  \
    X(g20_emissions_closed_total, COUNTER, f->st.stats.emissions_closed, "Emissions that ended") \
    X(g20_emissions_open, GAUGE, f->st.stats.emissions_open, "Emissions that are on")            \
    X(g20_pipeline_restarts_total, COUNTER, f->st.restarts, "Pipelines started after the first") \
    X(g20_sample_rate_hertz, GAUGE, f->st.stats.rate_hz, "Sample rate")                          \
    X(g20_center_frequency_hertz, GAUGE, f->st.stats.center_hz, "Centre frequency")              \
    X(g20_source_up, GAUGE, f->health.source_ok, "Whether samples come")                         \
    X(g20_pipeline_up, GAUGE, f->health.pipeline_ok, "Whether waterfall rows are made")          \
    X(g20_model_up, GAUGE, f->health.model_ok, "Whether the detector works")                     \
    X(g20_clients, GAUGE, f->net.clients, "WebSocket clients")                                   \
    X(g20_connections, GAUGE, f->net.connections, "TCP connections")                             \
    X(g20_clients_total, COUNTER, f->net.clients_total, "WebSocket clients ever")                \
    X(g20_clients_refused_total, COUNTER, f->net.refused, "Clients and connections turned away") \
    X(g20_client_rows_sent_total, COUNTER, f->net.rows_sent, "Rows sent to clients")             \
    X(g20_client_rows_dropped_total, COUNTER, f->net.rows_dropped,                               \
      "Rows dropped for slow clients")                                                           \
    X(g20_server_queue_rows, GAUGE, f->mailbox.rows, "Rows waiting for the server's thread")     \
    X(g20_server_queue_dropped_total, COUNTER,                                                   \
      f->mailbox.rows_dropped + f->mailbox.tiles_dropped + f->mailbox.events_dropped,            \
      "Rows, tiles and events dropped because the server's thread was late")                     \
    X(g20_uptime_seconds, GAUGE, f->uptime_s, "Since the server was made")                       \
    X(process_cpu_seconds_total, COUNTER, f->cpu_s, "Processor time, user and system")           \
    X(process_resident_memory_bytes, GAUGE, f->resident, "Resident memory")                      \
    X(process_open_fds, GAUGE, f->fds, "Open file descriptors")

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
    f->uptime_s = (double)(g20_clock_mono_ns() - s->start_ns) * 1e-9;
    if (getrusage(RUSAGE_SELF, &used) == 0)
        f->cpu_s = (double)used.ru_utime.tv_sec + (double)used.ru_stime.tv_sec +
                   1e-6 * (double)(used.ru_utime.tv_usec + used.ru_stime.tv_usec);
    f->resident = resident_bytes();
    f->fds = open_fds();
}

static void head(struct g20_text *t, const char *name, enum type type, const char *help)
{
    g20_text_printf(t, "# HELP %s %s\n# TYPE %s %s\n", name, help, name, type_name[type]);
}

static void value(struct g20_text *t, const char *name, enum type type, const char *help, double v)
{
    head(t, name, type, help);
    g20_text_printf(t, "%s %.15g\n", name, v);
}

static void histogram(struct g20_text *t, const char *name, const char *help,
                      const struct g20_latency *l)
{
    uint64_t sum = 0;

    head(t, name, HISTOGRAM, help);
    for (int i = 0; i < G20_LATENCY_BUCKETS; i++) {
        sum += l->count[i];
        g20_text_printf(t, "%s_bucket{le=\"%g\"} %llu\n", name, g20_latency_bound[i],
                        (unsigned long long)sum);
    }
    sum += l->count[G20_LATENCY_BUCKETS];
    g20_text_printf(t, "%s_bucket{le=\"+Inf\"} %llu\n%s_sum %.9g\n%s_count %llu\n", name,
                    (unsigned long long)sum, name, l->sum_s, name, (unsigned long long)sum);
}

void g20_metrics_text(struct g20_server *s, struct g20_text *text)
{
    struct facts facts;
    const struct facts *f = &facts;

    gather(s, &facts);
    head(text, "g20_build_info", GAUGE, "Always 1; the label says which version runs");
    g20_text_printf(text, "g20_build_info{version=\"%s\"} 1\n", G20_VERSION);
#define PRINT(name, type, expression, help) value(text, #name, type, help, (double)(expression));
    METRICS(PRINT)
#undef PRINT
#define PRINT(name, expression, help) histogram(text, #name, help, &(expression));
    HISTOGRAMS(PRINT)
#undef PRINT
}
