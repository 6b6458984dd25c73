/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The G20 authors */
#include "app/models.h"

#include "app/self.h"
#include "nn/onnx_scan.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

enum { FOLDERS = 3, NAME = 64, MOST = 256 };

struct folders {
    char path[FOLDERS][G20_CONFIG_PATH_MAX];
};

static void find_folders(struct folders *f, const char *models_dir)
{
    struct g20_config cfg;

    memset(f, 0, sizeof(*f));
    if (models_dir) {
        snprintf(f->path[0], sizeof(f->path[0]), "%s", models_dir);
    } else {
        g20_config_default(&cfg);
        if (g20_config_read_env(&cfg, (const char *const *)environ, NULL) >= 0 &&
            g20_config_resolve_paths(&cfg, (const char *const *)environ, NULL) >= 0)
            snprintf(f->path[0], sizeof(f->path[0]), "%s", cfg.paths.models_dir);
    }
    if (!g20_self_beside("models", f->path[1], sizeof(f->path[1])))
        f->path[1][0] = '\0';
    snprintf(f->path[2], sizeof(f->path[2]), "%s", G20_MODELS_DIR);
}

static bool ends_with(const char *text, const char *end)
{
    const size_t n = strlen(text), k = strlen(end);

    return n > k && strcmp(text + n - k, end) == 0;
}

int g20_models_find(const char *name, const char *models_dir, bool prefer_int8, char *path,
                    size_t size, struct g20_err *e)
{
    struct folders f;

    if (strcmp(name, "energy") == 0 || strchr(name, '/') || ends_with(name, ".onnx") ||
        ends_with(name, ".ckpt")) {
        if (snprintf(path, size, "%s", name) >= (int)size)
            return g20_fail(e, -ENAMETOOLONG, "model %.80s...: the name is too long", name);
        return 0;
    }
    find_folders(&f, models_dir);
    for (size_t i = 0; i < FOLDERS; i++) {
        for (int plain = !prefer_int8; plain < 2 && f.path[i][0]; plain++) {
            const int n =
                snprintf(path, size, "%s/%s%s.onnx", f.path[i], name, plain ? "" : "-int8");
            if (n > 0 && (size_t)n < size && access(path, F_OK) == 0)
                return 0;
        }
    }
    return g20_fail(e, -ENOENT, "no model \"%.60s\": no %.60s.onnx in %.60s, %.60s or %.60s", name,
                    name, f.path[0], f.path[1], f.path[2]);
}

struct list {
    char name[MOST + 1][NAME]; /* one more, to move into */
    size_t count;
};

static void add_folder(struct list *l, const char *folder)
{
    DIR *d = *folder ? opendir(folder) : NULL;
    struct dirent *entry;

    while (d && (entry = readdir(d))) {
        const size_t n = strlen(entry->d_name);
        size_t at = 0;

        if (!ends_with(entry->d_name, ".onnx") || n - 5 >= NAME || entry->d_name[0] == '.' ||
            l->count == MOST)
            continue;
        entry->d_name[n - 5] = '\0';
        while (at < l->count && strcmp(l->name[at], entry->d_name) < 0)
            at++;
        if (at < l->count && strcmp(l->name[at], entry->d_name) == 0)
            continue; /* an earlier folder has it */
        memmove(l->name[at + 1], l->name[at], (l->count - at) * NAME);
        memcpy(l->name[at], entry->d_name, n - 4);
        l->count++;
    }
    if (d)
        closedir(d);
}

void g20_models_each(const char *models_dir, g20_models_fn *fn, void *user)
{
    struct folders f;
    struct list l = {.count = 0};
    char path[2 * G20_CONFIG_PATH_MAX];

    find_folders(&f, models_dir);
    for (size_t i = 0; i < FOLDERS; i++)
        add_folder(&l, f.path[i]);
    for (size_t i = 0; i < l.count; i++)
        if (g20_models_find(l.name[i], models_dir, false, path, sizeof(path), NULL) >= 0 &&
            !fn(l.name[i], path, user))
            return;
}

/* Networks of the second look and heads say what they are; all others are taken for detectors. */
static bool is_detector(const void *data, size_t len)
{
    struct g20_onnx_scan scan;
    char kind[8];

    return g20_onnx_scan(&scan, data, len, "", NULL) < 0 ||
           g20_onnx_scan_prop(&scan, "g20.kind", kind, sizeof(kind)) < 0 ||
           (strcmp(kind, "look") != 0 && strcmp(kind, "head") != 0);
}

bool g20_models_is_detector(const char *path)
{
    const int fd = open(path, O_RDONLY | O_CLOEXEC);
    struct stat st;
    bool yes = true;

    if (fd < 0)
        return true;
    /* Mapped, not read: of a big file the weights are stepped over. */
    if (fstat(fd, &st) == 0 && S_ISREG(st.st_mode) && st.st_size > 0) {
        const size_t len = (size_t)st.st_size;
        void *data = mmap(NULL, len, PROT_READ, MAP_PRIVATE, fd, 0);
        if (data != MAP_FAILED) {
            yes = is_detector(data, len);
            munmap(data, len);
        }
    }
    close(fd);
    return yes;
}
