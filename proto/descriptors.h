/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
/* The .proto files as serialized google.protobuf.FileDescriptorProto, for server reflection. */
#ifndef G20_PROTO_DESCRIPTORS_H
#define G20_PROTO_DESCRIPTORS_H

#include <stddef.h>

struct g20_descriptor {
    const char *name; /* "control.proto" */
    const unsigned char *data;
    size_t len;
    const char *const *symbols; /* fully qualified, NULL at the end */
    const char *const *needs;   /* names of files it imports, NULL at the end */
};

extern const struct g20_descriptor g20_descriptors[];
extern const unsigned g20_descriptor_count;

#endif
