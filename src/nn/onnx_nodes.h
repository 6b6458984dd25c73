/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
/* onnx_nodes: nodes in their order become layers. Private to onnx_*.c.
 *
 * A name stands for a layer's output (as it is, or through bytes and back), a tensor of the file
 * (as it is, cast to float, or bytes with their scales), a layer's output twice as large, which
 * only Add may read, or its bytes, which only DequantizeLinear may. */
#ifndef G20_NN_ONNX_NODES_H
#define G20_NN_ONNX_NODES_H

#include "nn/onnx_file.h"

struct g20_onnx_symbol {
    struct g20_pb name;
    enum { G20_ONNX_LAYER, G20_ONNX_TENSOR, G20_ONNX_TWICE, G20_ONNX_BYTES } kind;
    uint32_t index;
    bool used;
};

struct g20_onnx_reader {
    struct g20_onnx_file file;
    struct g20_model *m;
    uint32_t symbols, layers;
    struct g20_onnx_symbol symbol[G20_ONNX_NODES + G20_ONNX_TENSORS + 1];
    struct g20_net_layer layer[G20_NET_LAYERS];
    uint32_t weight[G20_NET_LAYERS], bias[G20_NET_LAYERS]; /* tensors */
    uint32_t channels[G20_NET_LAYERS];
    bool has_bytes[G20_NET_LAYERS];
};

int g20_onnx_add_symbol(struct g20_onnx_reader *r, struct g20_pb name, int kind, uint32_t index);
struct g20_onnx_symbol *g20_onnx_find(struct g20_onnx_reader *r, struct g20_pb name);
int g20_onnx_take_node(struct g20_onnx_reader *r, const struct g20_onnx_node *n);

#endif
