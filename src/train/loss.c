/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
#include "train/loss.h"

#include <math.h>
#include <string.h>

#define SCALE       0.01f
#define EDGE_WEIGHT 0.5f
#define HUBER       0.25f

/* Focal loss of logit @z; *ret_grad by z. For an empty cell, the same of -z. */
static float focal(float z, float *ret_grad)
{
    const float p = 1.0f / (1.0f + expf(-z)), q = 1.0f - p;
    const float log_p = z > 0.0f ? -log1pf(expf(-z)) : z - log1pf(expf(z));

    *ret_grad = q * q * (2.0f * p * log_p - q);
    return -q * q * log_p;
}

static float huber(float x, float *ret_grad)
{
    const float a = fabsf(x);

    *ret_grad = a < HUBER ? x / HUBER : x > 0.0f ? 1.0f : -1.0f;
    return a < HUBER ? 0.5f * a * a / HUBER : a - 0.5f * HUBER;
}

/* A distance as the network says it; negative where a box is smaller than a cell. */
static float encode(float distance)
{
    return log2f(fmaxf(1.0f + distance, 0.25f));
}

/* Where a cell's outputs are, and their gradients. */
struct cell {
    float row, column; /* its middle */
    float *out[G20_HYDRA_OUTPUTS], *grad[G20_HYDRA_OUTPUTS];
};

static float edges(const struct g20_train_box *b, const struct cell *c, const float *limit)
{
    const float want[4] = {encode(c->row - fmaxf(b->row0, limit[0])),
                           encode(fminf(b->row1, limit[1]) - c->row),
                           encode(c->column - fmaxf(b->cell0, limit[2])),
                           encode(fminf(b->cell1, limit[3]) - c->column)};
    float sum = 0.0f;

    for (int k = 0; k < 4; k++) {
        float g;
        sum += huber(*c->out[G20_HYDRA_BEFORE + k] + G20_HYDRA_SIDE_PRIOR - want[k], &g);
        *c->grad[G20_HYDRA_BEFORE + k] = SCALE * EDGE_WEIGHT * b->weight * g;
    }
    return EDGE_WEIGHT * b->weight * sum;
}

static void cell_loss(const struct g20_train_tile *t, int16_t owner, const struct cell *c,
                      const float *limit, struct g20_loss *sum)
{
    const float z = *c->out[G20_HYDRA_SIGNAL] + G20_HYDRA_SIGNAL_PRIOR;
    float g;

    for (int k = 0; k < G20_HYDRA_OUTPUTS; k++)
        *c->grad[k] = 0.0f;
    if (owner == G20_TRUTH_IGNORE)
        return;
    if (owner == G20_TRUTH_NONE) {
        sum->signal += (double)(SCALE * focal(-z, &g));
        *c->grad[G20_HYDRA_SIGNAL] = -SCALE * g;
        sum->empty++;
        sum->wrong += z > 0.0f;
        return;
    }
    const struct g20_train_box *b = &t->box[owner];
    sum->signal += (double)(SCALE * b->weight * focal(z, &g));
    *c->grad[G20_HYDRA_SIGNAL] = SCALE * b->weight * g;
    sum->edges += (double)(SCALE * edges(b, c, limit));
    sum->cells++;
    sum->hits += z > 0.0f;
}

void g20_loss(const struct g20_train_tile *t, uint32_t row0, uint32_t cell0, int16_t *owner,
              const struct g20_image *out, const struct g20_image *grad, struct g20_loss *sum)
{
    const uint32_t rows = out->height * G20_HYDRA_CELLS, cells = out->width * G20_HYDRA_CELLS;
    const float limit[4] = {(float)row0, (float)G20_MIN(row0 + rows, t->rows), (float)cell0,
                            (float)(cell0 + cells)};

    g20_truth_owners(t, row0, rows, cell0, cells, owner);
    for (uint32_t y = 0; y < rows; y++)
        for (uint32_t x = 0; x < cells; x++) {
            struct cell c = {.row = (float)(row0 + y) + 0.5f, .column = (float)(cell0 + x) + 0.5f};
            for (uint32_t k = 0; k < G20_HYDRA_OUTPUTS; k++) {
                c.out[k] = g20_hydra_value(out, y, x, k);
                c.grad[k] = g20_hydra_value(grad, y, x, k);
            }
            cell_loss(t, owner[(size_t)y * cells + x], &c, limit, sum);
        }
}
