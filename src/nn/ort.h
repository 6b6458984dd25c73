/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
/* ort: networks run by ONNX Runtime, where that library is found when the program runs. Nothing of
 * it is needed to build; without it open() says so.
 *
 * A library object may be used by several threads, a session by one at a time. The library itself
 * stays in the process until its end. It is third-party code in this process: what it does with a
 * hostile model is its own affair. */
#ifndef G20_NN_ORT_H
#define G20_NN_ORT_H

#include "base/err.h"

#include <stdbool.h>
#include <stdint.h>

enum { G20_ORT_DIMS = 8 };

enum g20_ort_provider { G20_ORT_CPU, G20_ORT_CUDA, G20_ORT_TENSORRT };

/* What runs networks, as the configuration has it. */
struct g20_provider {
    enum g20_ort_provider on;
    const char *library; /* as g20_ort_open() has it */
    bool own_too;        /* this program's own models by it, even if it is the CPU */
    bool int8, use_dla;  /* TENSORRT: models that are quantized as such; on a DLA */
    uint32_t dla_core;
};

struct g20_ort;
struct g20_ort_session;

/* @path: the library's file; NULL or "": libonnxruntime.so.1 where the dynamic linker looks
 * (LD_LIBRARY_PATH, then the system's folders). It is tried with a network of one node.
 * -ENOENT: there is none; G20_EUNSUPPORTED: it is not a library that works here; *e tells. */
G20_MUST_USE int g20_ort_open(struct g20_ort **ret, const char *path, struct g20_err *e);
void g20_ort_close(struct g20_ort *o); /* after its sessions */

const char *g20_ort_version(const struct g20_ort *o);
/* What the library was built to run on, as it calls them ("CPUExecutionProvider"), separated by
 * blanks. That it is offered does not say that the hardware is there. */
const char *g20_ort_offers(const struct g20_ort *o);
bool g20_ort_has(const struct g20_ort *o, enum g20_ort_provider p);
/* Does it work? Runs a network of one node on it. G20_EUNSUPPORTED: *e names what is offered, or
 * why the one that was asked for fails. */
G20_MUST_USE int g20_ort_try(struct g20_ort *o, enum g20_ort_provider p, struct g20_err *e);

struct g20_ort_cfg {
    enum g20_ort_provider provider;
    uint32_t threads; /* >= 1; they do not spin */
    bool int8;        /* TENSORRT: the model is quantized */
    bool use_dla;     /* TENSORRT */
    uint32_t dla_core;
};

struct g20_ort_shape {
    uint32_t dims;
    int64_t dim[G20_ORT_DIMS]; /* < 0: any */
};

/* @model (@len bytes): an ONNX file with one input and at least one output, of float32. @name: of
 * the file, for messages. @o must outlive it. -EBADMSG: the library does not take it, G20_ESHAPE:
 * its input or first output is something else, G20_EUNSUPPORTED: the provider is not there. */
G20_MUST_USE int g20_ort_session_create(struct g20_ort_session **ret, struct g20_ort *o,
                                        const void *model, size_t len,
                                        const struct g20_ort_cfg *cfg, const char *name,
                                        struct g20_err *e);
void g20_ort_session_destroy(struct g20_ort_session *s);

const struct g20_ort_shape *g20_ort_input(const struct g20_ort_session *s);
const struct g20_ort_shape *g20_ort_output(const struct g20_ort_session *s);

/* @in: as many floats as @shape says. *ret_out (of *ret_shape): the first output, borrowed until
 * the next call. */
G20_MUST_USE int g20_ort_run(struct g20_ort_session *s, float *in,
                             const struct g20_ort_shape *shape, const float **ret_out,
                             struct g20_ort_shape *ret_shape, struct g20_err *e);

/* "1x3x640x640", "?" where any size will do. */
void g20_ort_show(const struct g20_ort_shape *shape, char *buf, size_t size);

#endif
