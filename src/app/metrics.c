/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
/* Metrics of the parts that src/server cannot see; docs/metrics.md has them with its own. */
#include "server/metrics.h"
#include "app/daemon.h"

#define RPC_METRICS(X)                                                                          \
    X(g20_grpc_connections, G20_GAUGE, rpc.connections, "TCP connections of gRPC")              \
    X(g20_grpc_connections_closed_total, G20_COUNTER, rpc.connections_closed,                   \
      "Connections of gRPC closed because there were too many")                                 \
    X(g20_grpc_calls, G20_GAUGE, rpc.calls, "Calls of gRPC that are open, streams included")    \
    X(g20_grpc_streams, G20_GAUGE, rpc.streams, "Streams of gRPC that are open")                \
    X(g20_grpc_calls_total, G20_COUNTER, rpc.calls_total, "Calls of gRPC that came")            \
    X(g20_grpc_calls_failed_total, G20_COUNTER, rpc.failed,                                     \
      "Calls of gRPC that ended with another status than OK")                                   \
    X(g20_grpc_calls_refused_total, G20_COUNTER, rpc.refused,                                   \
      "Of them RESOURCE_EXHAUSTED: too many, too long, or no room")                             \
    X(g20_grpc_unauthorized_total, G20_COUNTER, rpc.unauthorized,                               \
      "Of them without a token that allows them")                                               \
    X(g20_grpc_messages_total, G20_COUNTER, rpc.messages, "Messages that streams of gRPC sent") \
    X(g20_grpc_dropped_total, G20_COUNTER, rpc.dropped,                                         \
      "Tiles and emissions that slow streams of gRPC lost")

#define TRAINING_METRICS(X)                                                               \
    X(g20_training_running, G20_GAUGE, teach.running, "Trainings that run")               \
    X(g20_training_queued, G20_GAUGE, teach.queued, "Trainings that wait")                \
    X(g20_trainings_done_total, G20_COUNTER, teach.done, "Trainings that made a version") \
    X(g20_trainings_failed_total, G20_COUNTER, teach.failed, "Trainings that failed")     \
    X(g20_trainings_cancelled_total, G20_COUNTER, teach.cancelled, "Trainings that were cancelled")

void g20_daemon_metrics(struct g20_text *text, void *user)
{
    struct g20_daemon *d = user;
    struct g20_rpc_stats rpc = {0};
    struct g20_teach_stats teach = {0};

    pthread_mutex_lock(&d->lock);
    if (d->rpc)
        g20_rpc_stats(d->rpc, &rpc);
    pthread_mutex_unlock(&d->lock);
    if (d->teach)
        g20_teach_stats(d->teach, &teach);
#define PRINT(name, type, value, help) g20_metric(text, #name, type, help, (double)(value));
    RPC_METRICS(PRINT)
    TRAINING_METRICS(PRINT)
#undef PRINT
}
