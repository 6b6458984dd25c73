/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
/* onnx_file: the first look at a model file: which bytes are which node and which tensor; and the
 * numbers of onnx.proto3 that reading and writing share. Private to onnx_*.c. */
#ifndef G20_NN_ONNX_FILE_H
#define G20_NN_ONNX_FILE_H

#include "nn/model.h"
#include "nn/pb.h"

enum {
    ONNX_MODEL_IR = 1,
    ONNX_MODEL_PRODUCER = 2,
    ONNX_MODEL_GRAPH = 7,
    ONNX_MODEL_OPSET = 8,
    ONNX_MODEL_PROP = 14,
    ONNX_GRAPH_NODE = 1,
    ONNX_GRAPH_NAME = 2,
    ONNX_GRAPH_TENSOR = 5,
    ONNX_GRAPH_INPUT = 11,
    ONNX_GRAPH_OUTPUT = 12,
    ONNX_NODE_INPUT = 1,
    ONNX_NODE_OUTPUT = 2,
    ONNX_NODE_OP = 4,
    ONNX_NODE_ATTR = 5,
    ONNX_ATTR_NAME = 1,
    ONNX_ATTR_INT = 3,
    ONNX_ATTR_STRING = 4,
    ONNX_ATTR_INTS = 8,
    ONNX_ATTR_TYPE = 20,
    ONNX_TENSOR_DIM = 1,
    ONNX_TENSOR_TYPE = 2,
    ONNX_TENSOR_NAME = 8,
    ONNX_TENSOR_RAW = 9,
    ONNX_TYPE_FLOAT = 1,
    ONNX_TYPE_UINT8 = 2,
    ONNX_TYPE_INT8 = 3,
    ONNX_TYPE_HALF = 10,
};

enum {
    G20_ONNX_NODES = 512,
    G20_ONNX_TENSORS = 512,
    G20_ONNX_DIMS = 4,
    G20_ONNX_INPUTS = 4,
    G20_ONNX_ATTRS = 8,
};

/* All spans point into the file. */
struct g20_onnx_tensor {
    struct g20_pb name, raw;
    uint64_t type, dim[G20_ONNX_DIMS];
    uint32_t dims;
    bool taken;     /* for the reader: some layer has these weights */
    uint32_t scale; /* for the reader: 1 + the tensor of its bytes' scales; 0: it has none */
};

struct g20_onnx_node {
    struct g20_pb op, in[G20_ONNX_INPUTS], out;
    uint32_t ins, outs;
    struct g20_pb attr[G20_ONNX_ATTRS];
    uint32_t attrs;
};

struct g20_onnx_file {
    const char *name;
    struct g20_err *e;
    uint32_t nodes, tensors, inputs, outputs;
    struct g20_onnx_node node[G20_ONNX_NODES];
    struct g20_onnx_tensor tensor[G20_ONNX_TENSORS];
    struct g20_pb input, output;   /* their names */
    uint64_t shape[G20_ONNX_DIMS]; /* of the input */
};

/* @p: the whole file. .name and .e are set; properties go to @m. */
int g20_onnx_file_read(struct g20_onnx_file *r, struct g20_pb p, struct g20_model *m);

int g20_onnx_bad(const struct g20_onnx_file *r, const char *what); /* -EBADMSG */
bool g20_onnx_is(struct g20_pb s, const char *text);
bool g20_onnx_same(struct g20_pb a, struct g20_pb b);
/* Text that a message may show, in @buf. */
const char *g20_onnx_show(struct g20_pb s, char *buf, size_t size);

/* Attribute @name of @n as a list of numbers, of which @cap are written; how many there are, -1
 * when it is not there. */
int g20_onnx_attribute(const struct g20_onnx_node *n, const char *name, uint64_t *v, int cap);

#endif
