/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
/* onnx: models as files that other programs run too (onnx.ai, operator set 13).
 *
 * Written: Conv, Relu, Add and Resize (nearest, twice) over an image (1, channels, height, width)
 * of float32, the weights as float16 with a Cast each, properties as metadata_props. Read: the
 * same, weights in either width; anything else is refused by name. Bounded: no file makes it
 * allocate more than its own length suggests. Thread-safe. */
#ifndef G20_NN_ONNX_H
#define G20_NN_ONNX_H

#include "nn/model.h"

/* -EBADMSG it is damaged or no model; G20_EUNSUPPORTED it holds what is not known here; the message
 * says which. @name: of the file, for messages. On success *m is to be given to g20_model_fini().
 */
G20_MUST_USE int g20_onnx_parse(struct g20_model *m, const void *data, size_t len, const char *name,
                                struct g20_err *e);

/* Written aside and renamed (base/file.h). The same model gives the same bytes. */
G20_MUST_USE int g20_onnx_write(const struct g20_model *m, const char *path, struct g20_err *e);
G20_MUST_USE int g20_onnx_read(struct g20_model *m, const char *path, struct g20_err *e);

#endif
