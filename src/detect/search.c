/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
#include "detect/search.h"

#include "detect/judge.h"
#include "detect/network.h"
#include "detect/pieces.h"
#include "detect/settle.h"
#include "detect/shoulder.h"

#include "base/alloc.h"
#include "base/clock.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

enum {
    MAX_REGIONS = 256,
    MAX_FINDS = G20_SEARCH_FINDS,
    MOST_CORES = 4, /* used without being asked to */
};

/* In-band SNR that a find must have: what lies below may be no more than the skirts of other
 * signals, and a person sees next to nothing of it on the spectrogram. A network that sees it too
 * may be believed a little longer. One that never stops has proved itself by its shape. */
#define MIN_SNR   2.0 /* 3 dB */
#define LEAST_SNR 1.0 /* with a network */

#define SUPPORT 0.25f /* score from which a box of the network speaks for a find */

#define ENERGY_NAME    "energy"
#define ENERGY_VERSION "1"

const char *const g20_energy_class_names[2] = {"background", "signal"};

struct g20_search {
    struct g20_energy_cfg cfg;
    struct g20_energy_sinks sinks;
    const struct g20_tile *tile; /* looked at now */
    const struct g20_history *history;
    struct g20_floor *floor;
    struct g20_cfar *cfar;
    struct g20_regions *regions;
    struct g20_crew *crew; /* that measures candidates together */
    struct g20_hands *hands;
    struct g20_refiner *refiner;
    struct g20_network *network; /* NULL: energy alone */
    struct g20_crew *two;        /* network and search side by side; NULL: in turn, or one alone */
    struct g20_hydra_box *box;   /* the network's of this tile */
    size_t boxes;
    struct g20_settler *settler;
    struct g20_namer *namer;    /* NULL: no heads */
    const char *name, *version; /* of the model */
    uint64_t network_ns;        /* that the last tile took it */
    const char *class_name[G20_CLASSES_MOST + 1];
    size_t classes;
    uint8_t *cells;        /* (ROWS, BINS) */
    struct g20_find *find; /* (MAX_FINDS) finds above the score threshold */
    size_t finds;
};

static void name_classes(struct g20_search *s)
{
    const struct g20_class_list *l = s->network ? g20_network_classes(s->network) : NULL;

    s->class_name[0] = g20_energy_class_names[0];
    s->class_name[1] = g20_energy_class_names[1];
    s->classes = l ? l->count + 1 : G20_COUNT_OF(g20_energy_class_names);
    for (uint32_t i = 0; l && i < l->count; i++)
        s->class_name[i + 1] = l->name[i];
}

size_t g20_search_classes(const struct g20_search *s, const char *const **ret)
{
    *ret = s->class_name;
    return s->classes;
}

static int create_parts(struct g20_search *s, const struct g20_energy_cfg *cfg, struct g20_err *e)
{
    const long cores = sysconf(_SC_NPROCESSORS_ONLN);
    const uint32_t members =
        cfg->threads ? cfg->threads : (uint32_t)G20_CLAMP(cores, 1L, (long)MOST_CORES);
    int r;

    s->cells = g20_calloc_aligned((size_t)G20_TILE_ROWS * G20_TILE_BINS, 1);
    s->find = g20_calloc(MAX_FINDS, sizeof(*s->find));
    if (!s->cells || !s->find)
        return -ENOMEM;
    if ((r = g20_floor_create(&s->floor)) < 0 || (r = g20_crew_create(&s->crew, members, e)) < 0 ||
        (r = g20_cfar_create(&s->cfar, cfg->pfa, s->crew)) < 0 ||
        (r = g20_regions_create(&s->regions, MAX_REGIONS)) < 0 ||
        (r = g20_hands_create(&s->hands, s->crew, MAX_FINDS, MAX_FINDS, e)) < 0)
        return r;
    s->name = ENERGY_NAME;
    s->version = ENERGY_VERSION;
    const struct g20_network_cfg network = {.path = cfg->network,
                                            .threads = members,
                                            .is_beside = members > 1,
                                            .nms_threshold = cfg->nms_threshold,
                                            .provider = cfg->provider,
                                            .cancel = cfg->cancel};
    if (cfg->network && ((r = g20_network_load(&s->network, &network, e)) < 0 ||
                         (r = g20_settler_create(&s->settler, s->hands, MAX_FINDS)) < 0))
        return r;
    if (s->network && !g20_network_classes(s->network) && members > 1 &&
        (r = g20_crew_create(&s->two, 2, e)) < 0)
        return r;
    if (s->network) {
        s->name = g20_network_name(s->network);
        s->version = g20_network_version(s->network);
    }
    name_classes(s);
    if ((cfg->heads || s->sinks.look) &&
        (r = g20_namer_create(&s->namer,
                              &(struct g20_namer_cfg){.heads = cfg->heads,
                                                      .memory = cfg->memory,
                                                      .shape = cfg->shape,
                                                      .hands = s->hands,
                                                      .bounded = cfg->keeps_up,
                                                      .fn = s->sinks.look,
                                                      .user = s->sinks.user},
                              e)) < 0)
        return r;
    return g20_refiner_create(&s->refiner, s->hands, MAX_FINDS);
}

int g20_search_create(struct g20_search **ret, const struct g20_energy_cfg *cfg,
                      const struct g20_energy_sinks *sinks, struct g20_err *e)
{
    struct g20_search *s = g20_calloc(1, sizeof(*s));

    if (!s)
        return -ENOMEM;
    s->cfg = *cfg;
    s->cfg.wisdom_dir = s->cfg.network = NULL; /* borrowed for the call only */
    s->cfg.provider = NULL;
    s->cfg.cancel = NULL;
    s->sinks = *sinks;
    const int r = create_parts(s, cfg, e);
    if (r < 0)
        g20_search_destroy(s);
    else
        *ret = s;
    return r;
}

void g20_search_destroy(struct g20_search *s)
{
    if (!s)
        return;
    g20_namer_destroy(s->namer);
    g20_settler_destroy(s->settler);
    g20_network_destroy(s->network);
    g20_refiner_destroy(s->refiner);
    g20_regions_destroy(s->regions);
    g20_hands_destroy(s->hands);
    g20_crew_destroy(s->two);
    g20_crew_destroy(s->crew);
    g20_cfar_destroy(s->cfar);
    g20_floor_destroy(s->floor);
    g20_free(s->find);
    g20_free(s->cells);
    g20_free(s);
}

const char *g20_search_model(const struct g20_search *s, const char **ret_version)
{
    *ret_version = s->version;
    return s->name;
}

uint64_t g20_search_network_ns(const struct g20_search *s)
{
    return s->network_ns;
}

const char *g20_search_error(const struct g20_search *s)
{
    return s->network ? g20_network_error(s->network) : NULL;
}

double g20_find_snr(const struct g20_find *f)
{
    return (f->power - f->noise) / f->noise;
}

/* Finds of the search by energy that may count at all. */
static size_t search(struct g20_search *s)
{
    const struct g20_find *find;
    size_t kept = 0;

    g20_cfar_mark(s->cfar, s->tile, s->floor, s->cells);
    g20_regions_find(s->regions, s->tile, s->floor, s->cells);
    const size_t n = g20_refine(s->refiner, s->regions, s->tile, s->floor, s->history, &find);
    for (size_t i = 0; i < n; i++) {
        const double independent = fmax(1.0, (double)find[i].on * (find[i].f_hi - find[i].f_lo));
        const double snr = find[i].is_steady ? INFINITY : g20_find_snr(&find[i]);
        const bool is_doubtful = find[i].is_doubtful || snr < MIN_SNR;
        if (snr < LEAST_SNR || (is_doubtful && !s->network))
            continue;
        s->find[kept] = find[i];
        s->find[kept].is_doubtful = is_doubtful;
        s->find[kept++].score = g20_find_confidence(g20_find_snr(&find[i]), independent);
    }
    return kept;
}

/* Those of the @n finds that are sure, or that the network saw too. */
static size_t drop_doubtful(struct g20_search *s, size_t n)
{
    size_t kept = 0;

    for (size_t i = 0; i < n; i++)
        if (!s->find[i].is_doubtful || s->find[i].seen > 0.0f)
            s->find[kept++] = s->find[i];
    return kept;
}

/* What the network sees, on one thread's time while others search. */
static void see(struct g20_search *s)
{
    const uint64_t t0 = g20_clock_mono_ns();

    s->boxes = g20_network_look(s->network, s->tile, s->floor, SUPPORT, NULL, &s->box);
    s->network_ns = g20_clock_mono_ns() - t0;
}

static void look_both_ways(struct g20_crew *two, uint32_t member, uint32_t members, void *user)
{
    struct g20_search *s = user;

    (void)two;
    if (member == members - 1)
        see(s);
    if (member == 0)
        s->finds = search(s);
}

/* The network's boxes weighed against the @n finds; those that stand for themselves are added. */
static size_t weigh(struct g20_search *s, size_t n)
{
    struct g20_hydra_box *box = s->box;
    const struct g20_find *settled;
    size_t boxes = s->boxes;

    if (s->sinks.image)
        s->sinks.image(g20_network_image(s->network), s->sinks.user);
    boxes = g20_judge_boxes(s->find, n, box, boxes, s->tile);
    n = drop_doubtful(s, n);
    const size_t more = g20_settle(s->settler, box, boxes, g20_tile_from(s->tile), s->tile,
                                   s->floor, s->history, s->cfg.score_threshold, &settled);
    return g20_judge_finds(s->find, n, MAX_FINDS, settled, more);
}

/* What a detector of another maker says is there, and the samples do not deny. */
static size_t look_foreign(struct g20_search *s)
{
    struct g20_hydra_box *box;
    const struct g20_find *settled;
    const uint64_t t0 = g20_clock_mono_ns();
    const size_t boxes =
        g20_network_look(s->network, s->tile, s->floor, s->cfg.score_threshold, s->crew, &box);
    s->network_ns = g20_clock_mono_ns() - t0;

    if (s->sinks.image)
        s->sinks.image(g20_network_image(s->network), s->sinks.user);
    if (boxes == 0)
        return 0;
    const size_t n = g20_settle(s->settler, box, boxes, g20_tile_from(s->tile), s->tile, s->floor,
                                s->history, 0.0f, &settled);
    for (size_t i = 0; i < n; i++) {
        s->find[i] = settled[i];
        s->find[i].named = settled[i].score;
        snprintf(s->find[i].name, sizeof(s->find[i].name), "%s",
                 s->class_name[settled[i].class_id]);
    }
    return n;
}

/* What the search by energy and, if there is one, this program's network agree on. */
static size_t look_own(struct g20_search *s)
{
    size_t n, kept = 0;

    if (s->network) {
        g20_crew_run(s->two, look_both_ways, s);
        n = weigh(s, s->finds);
    } else {
        n = search(s);
    }
    for (size_t i = 0; i < n; i++)
        if (s->find[i].score >= s->cfg.score_threshold)
            s->find[kept++] = s->find[i];
    kept = g20_judge_moments(s->find, g20_pieces_join(s->find, kept));
    return g20_shoulders_drop(s->find, kept);
}

static int surest_first(const void *a, const void *b)
{
    const struct g20_find *x = a, *y = b;

    return (x->score < y->score) - (x->score > y->score);
}

/* A find's powers as the receiver's gain was in the middle of it (level.h). */
static void at_its_gain(struct g20_find *f, const struct g20_history *h)
{
    const double ratio = (double)g20_history_power(h, f->start + (f->stop - f->start) / 2);

    f->power /= ratio;
    f->noise /= ratio;
    f->peak /= ratio;
}

size_t g20_search_look(struct g20_search *s, const struct g20_tile *t, const struct g20_history *h,
                       const struct g20_track_stream *stream, const struct g20_find **ret)
{
    const bool foreign = s->network && g20_network_classes(s->network);

    s->tile = t;
    s->history = h;
    g20_floor_measure(s->floor, t, s->crew);
    size_t kept = foreign ? look_foreign(s) : look_own(s);

    if (kept > s->cfg.max_detections) {
        qsort(s->find, kept, sizeof(*s->find), surest_first);
        kept = s->cfg.max_detections;
    }
    if (s->namer)
        kept = g20_namer_name(s->namer, s->find, kept, MAX_FINDS, s->floor, h, stream);
    for (size_t i = 0; i < kept; i++)
        at_its_gain(&s->find[i], h);
    *ret = s->find;
    return s->finds = kept;
}

void g20_search_remember(struct g20_search *s, const struct g20_track_stream *stream,
                         const atomic_bool *due)
{
    if (s->namer)
        g20_namer_remember(s->namer, s->find, s->finds, s->tile->new_rows, s->history, stream, due);
}
