/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
#include "render/jpeg.h"

#include "base/alloc.h"

#include <errno.h>
#include <turbojpeg.h>

struct g20_jpeg {
    tjhandle turbo;
    int width, height, quality;
    unsigned char *data; /* (cap) the worst case, so that the library takes no memory */
    unsigned long cap;
};

int g20_jpeg_create(struct g20_jpeg **ret, int width, int height, int quality, struct g20_err *e)
{
    if (width < 1 || height < 1 || width > 16384 || height > 16384 || quality < 1 || quality > 100)
        return g20_fail(e, -EINVAL, "JPEG: %d x %d, quality %d", width, height, quality);
    struct g20_jpeg *j = g20_calloc(1, sizeof(*j));
    if (!j)
        return g20_fail(e, -ENOMEM, "JPEG: out of memory");
    j->width = width;
    j->height = height;
    j->quality = quality;
    j->cap = tjBufSize(width, height, TJSAMP_420);
    j->data = g20_calloc(1, j->cap);
    j->turbo = tjInitCompress();
    if (!j->data || !j->turbo) {
        g20_jpeg_destroy(j);
        return g20_fail(e, -ENOMEM, "JPEG: out of memory");
    }
    *ret = j;
    return 0;
}

void g20_jpeg_destroy(struct g20_jpeg *j)
{
    if (!j)
        return;
    if (j->turbo)
        tjDestroy(j->turbo);
    g20_free(j->data);
    g20_free(j);
}

int g20_jpeg_encode(struct g20_jpeg *j, const struct g20_canvas *c, const uint8_t **ret_data,
                    size_t *ret_len, struct g20_err *e)
{
    unsigned char *data = j->data;
    unsigned long len = j->cap;

    if (c->width != j->width || c->height != j->height)
        return g20_fail(e, -EINVAL, "JPEG: a picture of another size");
    if (tjCompress2(j->turbo, c->rgb, c->width, 0, c->height, TJPF_RGB, &data, &len, TJSAMP_420,
                    j->quality, TJFLAG_FASTDCT | TJFLAG_NOREALLOC) != 0)
        return g20_fail(e, -EIO, "JPEG: %s", tjGetErrorStr2(j->turbo));
    *ret_data = j->data;
    *ret_len = len;
    return 0;
}
