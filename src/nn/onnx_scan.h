/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
/* onnx_scan: what an ONNX file of any origin says about itself, without understanding its network.
 * Pure function; nothing is allocated. */
#ifndef G20_NN_ONNX_SCAN_H
#define G20_NN_ONNX_SCAN_H

#include "base/err.h"
#include "nn/pb.h"

enum { G20_ONNX_SCAN_PROPS = 64 };

struct g20_onnx_scan {
    bool is_quantized; /* a node DequantizeLinear is in it */
    uint32_t props;
    struct {
        struct g20_pb key, value; /* borrowed from the file's bytes */
    } prop[G20_ONNX_SCAN_PROPS];  /* the first ones; more are not seen */
};

/* -EBADMSG: cut short, or no ONNX file; G20_EUNSUPPORTED: weights in other files, which are not
 * read. @name: of the file, for messages. */
G20_MUST_USE int g20_onnx_scan(struct g20_onnx_scan *ret, const void *data, size_t len,
                               const char *name, struct g20_err *e);

/* Property @key as text into @buf: its length, -1 there is none, -EOVERFLOW it does not fit. */
int g20_onnx_scan_prop(const struct g20_onnx_scan *s, const char *key, char *buf, size_t size);

#endif
